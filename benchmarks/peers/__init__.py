"""Generated modules against what people would use instead: `python -m benchmarks.peers`, or `make bench`."""
