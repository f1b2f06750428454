"""What hands say: the package's place in the suite; hands and gestures are not in this version."""
