"""Sealed evidence: a campaign in one zip, signed, that tells whether anything in it was touched since."""
