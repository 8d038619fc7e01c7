"""The documents that the DUI writes, in CDA R2 as the French structuration minimale wants it."""
