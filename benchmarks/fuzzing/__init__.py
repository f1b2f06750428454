"""Readers under damaged and hostile input; `./perception bench fuzz` runs them."""
