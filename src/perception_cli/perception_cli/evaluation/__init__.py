"""How well the networks do on pictures of which the answer is known."""
