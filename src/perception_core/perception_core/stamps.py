"""How stamps are read."""

JUMP_BACK_NS = 100_000_000
"""A stamp that lies further back than this is a jump of time, as when a recording begins anew; less is a late image."""
