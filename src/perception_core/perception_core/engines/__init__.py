"""Running networks: one interface, several runtimes."""
