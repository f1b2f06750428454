"""One worker per peer, run in the peer's own environment; each may import numpy, its peer and `serving`, no more."""
