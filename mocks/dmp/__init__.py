"""The DMP (Mon espace santé) as a DUI sees it: existence test, feeding, minimal search and retrieval."""
