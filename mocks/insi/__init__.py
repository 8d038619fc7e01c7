"""Téléservice INSi: search by traits and by carte Vitale, verification (provisoire), in the three authentication modes."""
