"""The national services, as real servers: one package each, the same files in each."""
