"""Téléservice INSi: searches (traits, carte Vitale), verification of one INS or many (provisoire), three ways to log in."""
