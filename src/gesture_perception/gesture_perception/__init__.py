"""What hands say: found, followed, located and read."""
