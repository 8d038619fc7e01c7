"""The REM of the user beside our catalogue: what it asks and we cover, and its export with our evidence."""
