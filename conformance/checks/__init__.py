"""Checks, one module per theme. Importing this package registers them all (see ``registry``)."""
