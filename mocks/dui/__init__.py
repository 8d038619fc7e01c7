"""The reference DUI (« témoin »): a correct client of the national services, written to be read by editors.

Start with :mod:`.dui` (one method per gesture), then the client of each service: :mod:`.psc`, :mod:`.insi`, :mod:`.dmp`.
It shares no code with the validators that judge it. Its named defects are in :mod:`.faults`; each changes what the client
builds at one seam (:mod:`.alterations`) or one rule that it follows (:mod:`.regles`).
"""
