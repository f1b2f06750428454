"""What can be wrong around the nodes: facts, pure checks of them, and words with a remedy."""
