"""Identité nationale de santé: matricule, OID, traits, and what travels to and from the téléservice INSi."""
