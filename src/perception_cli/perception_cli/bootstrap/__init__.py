"""Makes sure that everything ./perception needs is there; runs before it is, so on the standard library alone."""
