"""The nouns of the house. This room imports no other room."""
