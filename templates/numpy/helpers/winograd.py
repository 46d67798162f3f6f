import numpy as np


class _Winograd:
    """Sums over windows of 3 x 3 places by F(2x2, 3x3) (Winograd; Lavin and Gray, 2016).

    The 2 x 2 results of a tile of 4 x 4 places take 36 products for each pair of channels. After
    sums and differences of elements of the tile, and of the kernel, 16 do: 16 products of matrices,
    for some images at a time. Rounding errors are relative to the largest element of a tile.

    memory    a vector that others may write to between calls
    block     how many images are taken at a time
    places    rows and columns of an image; there are zeros outside
    results   rows and columns of the results
    start     where in an image the window of result (0, 0) begins
    channels  how many an image has, and how many results
    """

    def __init__(self, memory, block, places, results, start, channels):
        self.memory, self.block, self.results, self.channels = memory, block, results, channels
        self.halves = [_halves_of(*axis) for axis in zip(places, results, start, strict=True)]
        # Even and odd rows and columns lie apart: what neighbouring tiles read lies side by side.
        high, wide = ((length + 3) // 2 for length in results)
        self.padded, self.kernel, self.free = _carved(
            memory, 0, (2, block, high, 2, wide, channels[0]), (16, *channels)
        )
        # While there are no sums of places, the kernel and its gradient are where those will be.
        self.nine, _ = _carved(memory, self.free, (9, channels[0] * channels[1]))
        self.term, _ = _carved(memory, self.free, (16, *channels))
        four = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], memory.dtype)
        self.from_9 = np.kron(four, four)
        self.tiles = {}

    def correlate(self, images, kernel, results):
        """results[n, u, v, o] = sum(p, q, c: images[n, u + p, v + q, c]*kernel[p, q, c, o]).

        The results may be where the images are, if both are as large.
        """
        self.padded.fill(0)
        self.nine.reshape(kernel.shape)[...] = kernel
        self.from_9.dot(self.nine, out=self.kernel.reshape(16, -1))
        for n in range(0, len(images), self.block):
            tiles = self.transformed(images[n : n + self.block])
            np.matmul(tiles.read, self.kernel, tiles.product)
            for ufunc, a, b, out in tiles.collecting:
                ufunc(a, b, out)
            part = results[n : n + self.block]
            for place, a, b in tiles.collected:
                np.add(a, b, part[place])

    def correlate_results(self, images, results, kernel):
        """kernel[p, q, c, o] = sum(n, u, v: images[n, u + p, v + q, c]*results[n, u, v, o])."""
        self.padded.fill(0)
        self.kernel.fill(0)
        for n in range(0, len(images), self.block):
            tiles = self.transformed(images[n : n + self.block])
            part = results[n : n + self.block]
            for place, whole, corner in tiles.corners:
                if whole.shape != corner.shape:
                    whole.fill(0)
                corner[...] = part[place]
            for ufunc, a, b, out in tiles.spreading:
                ufunc(a, b, out)
            np.matmul(tiles.read.swapaxes(1, 2), tiles.product, self.term)
            np.add(self.kernel, self.term, self.kernel)
        self.from_9.T.dot(self.kernel.reshape(16, -1), out=self.nine)
        kernel[...] = self.nine.reshape(kernel.shape)

    def transformed(self, images):
        """The tiles of these images, transformed."""
        count = len(images)
        if count not in self.tiles:
            self.tiles[count] = _Tiles(self, count)
        tiles = self.tiles[count]
        for place, half in tiles.halves:
            half[...] = images[place]
        for ufunc, a, b, out in tiles.transforming:
            ufunc(a, b, out)
        return tiles


class _Tiles:
    """The tiles of so many images in the memory of a _Winograd, and the sums to make of them."""

    def __init__(self, owner, count):
        (height, width), (inner, outer) = owner.results, owner.channels
        grid = count, (height + 1) // 2, (width + 1) // 2
        memory, start = owner.memory, owner.free
        strips, end = _carved(memory, start, (4, *grid[:2], 2, grid[2] + 1, inner))
        read, end = _carved(memory, max(end, start + owner.term.size), (4, 4, *grid, inner))
        # When the products are made, sums of them take the place of what was read.
        rows, pairs, behind = _carved(memory, start, (2, 4, *grid, outer), (2, 2, *grid, outer))
        product, _ = _carved(memory, max(end, behind), (4, 4, *grid, outer))
        self.read, self.product = (a.reshape(16, -1, a.shape[-1]) for a in (read, product))

        halves = owner.padded[:, :count]
        every = slice(None)
        self.halves = [
            ((every, row, column), halves[k][:, to_row, m, to_column])
            for k, (row, to_row) in enumerate(owner.halves[0])
            for m, (column, to_column) in enumerate(owner.halves[1])
        ]
        down = [halves[k][:, a : a + grid[1]] for a in (0, 1) for k in (0, 1)]
        across = [strips[:, :, :, k, a : a + grid[2]] for a in (0, 1) for k in (0, 1)]
        self.transforming = [
            *_differences(down, strips),
            *_differences(across, read.swapaxes(0, 1)),
        ]

        columns, parts = rows.swapaxes(0, 1), pairs.swapaxes(0, 1)
        add, subtract = np.add, np.subtract
        self.collecting = [
            (add, product[1], product[2], rows[0]),
            (add, rows[0], product[0], rows[0]),
            (subtract, product[1], product[2], rows[1]),
            (add, rows[1], product[3], rows[1]),
            (add, columns[1], columns[2], parts[0]),
            (subtract, columns[1], columns[2], parts[1]),
        ]
        self.collected, self.corners = [], []
        for a in (0, 1):
            for b in (0, 1):
                inside = every, slice((height + 1 - a) // 2), slice((width + 1 - b) // 2)
                place = every, slice(a, None, 2), slice(b, None, 2)
                corner = product[3 * a, 3 * b]
                self.collected.append((place, pairs[a, b][inside], rows[a, 3 * b][inside]))
                self.corners.append((place, corner, corner[inside]))
        self.spreading = [
            (add, product[::3, 0], product[::3, 3], product[::3, 1]),
            (subtract, product[::3, 0], product[::3, 3], product[::3, 2]),
            (add, product[0], product[3], product[1]),
            (subtract, product[0], product[3], product[2]),
        ]


def _halves_of(places, results, start):
    """Which even and odd places of a padded axis lie in an image: there, and among their like."""
    end = max(0, min(places, start + results + 2))
    found = []
    for parity in (0, 1):
        first = max(0, (1 - start - parity) // 2)
        begin = start + parity + 2 * first
        count = max(0, (end - begin + 1) // 2)
        found.append((slice(begin, end, 2), slice(first, first + count)))
    return found


def _differences(four, out):
    """The sums and differences of four places that make the transform of a tile along an axis."""
    a, b, c, d = four
    return [
        (np.subtract, a, c, out[0]),
        (np.add, b, c, out[1]),
        (np.subtract, c, b, out[2]),
        (np.subtract, d, b, out[3]),
    ]


def _carved(memory, start, *shapes):
    """Arrays of these shapes in a vector, one behind the other, and where they end."""
    arrays = []
    for shape in shapes:
        end = start + int(np.prod(shape))
        arrays.append(memory[start:end].reshape(shape))
        start = end
    return *arrays, start
