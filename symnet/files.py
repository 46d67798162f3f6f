"""Files that are written whole or not at all, and arrays read from files that nobody vouches for."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from symnet.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES = 8 << 30  # of all arrays in one file, unpacked
MOST_TEXT = 256 * 1024  # bytes in a spec or a library


def write_atomically(path: str | Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file through `write(stream)`: afterwards it holds everything, or what it held before.

    The bytes go to a file beside it that then takes its place, so a reader never sees half of it. UsageError if the
    folder is missing or may not be written to; nothing stays behind then.
    """
    check_writable(path)
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced, and need not be
        with path.open("wb") as stream:
            write(stream)
        return
    handle, temporary = _beside(path)
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except OSError as error:
        _remove(temporary)
        raise UsageError(f"cannot write {path}: {reason(error)}") from error
    except BaseException:
        _remove(temporary)
        raise


def check_writable(path: str | Path) -> None:
    """UsageError now if the path could not be written later, after hours of work."""
    path = Path(os.path.realpath(path))
    if not path.exists() or path.is_file():
        handle, probe = _beside(path)
        os.close(handle)
        _remove(probe)
    if path.is_dir() or (path.exists() and not os.access(path, os.W_OK)):
        raise UsageError(f"cannot write {path}: {'it is a folder' if path.is_dir() else 'permission denied'}")


def write_text(path: str | Path, text: str) -> None:
    """Write a text file, whole or not at all, in UTF-8 with newlines as they are."""
    write_atomically(path, lambda stream: stream.write(text.encode()))


def read_text(path: str | Path, most: int = MOST_TEXT) -> str:
    """The text of a file. UsageError where it cannot be read, is no UTF-8 or has more than `most` bytes.

    No more than that is read, however large the file is.
    """
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise UsageError(f"cannot read {path}: it has more than {most:,} bytes")
        return content.decode()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {path}: it is no text in UTF-8") from error
    except ValueError as error:  # a null byte in the path
        raise UsageError(f"cannot read {path!r}: {error}") from error


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write arrays by name to an `.npz` file, whole or not at all. The same arrays give the same bytes."""
    from numpy.lib import format as npy

    def write(stream: IO[bytes]) -> None:
        with zipfile.ZipFile(stream, "w") as archive:
            for name, array in arrays.items():
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    npy.write_array(member, array, allow_pickle=False)

    write_atomically(path, write)


def read_arrays(path: str | Path) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of an `.npz` file by name. Objects are never unpickled; UsageError for anything but plain arrays."""
    import numpy as np

    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MOST_BYTES:
            raise UsageError(f"cannot read {path}: {size:,} bytes of arrays are more than {MOST_BYTES:,}")
        with np.load(path, allow_pickle=False) as content:
            return {name: np.asarray(content[name]) for name in content.files}
    except OSError as error:
        raise UsageError(f"cannot read {path}: {reason(error)}") from error
    except zipfile.BadZipFile as error:
        raise UsageError(f"cannot read {path}: it is no .npz file", hint="write one with numpy.savez") from error
    except (ValueError, EOFError, KeyError, MemoryError, NotImplementedError, RuntimeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def reason(error: OSError) -> str:
    """What the system says is wrong, in its own words without number and path."""
    return error.strerror.lower() if error.strerror else str(error)


def _beside(path: Path) -> tuple[int, str]:
    """A new file in the folder of this one, open for writing."""
    try:
        return tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except (OSError, ValueError) as error:
        words = reason(error) if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot write {path}: {words}") from error


def _mode(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
