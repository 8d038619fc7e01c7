"""Scenarios: pytest modules, one per capability; each is a function of one Campaign."""
