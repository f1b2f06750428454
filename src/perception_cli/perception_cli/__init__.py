"""The ./perception command: what it sets up (bootstrap) and what it does."""
