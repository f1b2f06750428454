"""How good answers are, by what is known to be true."""
