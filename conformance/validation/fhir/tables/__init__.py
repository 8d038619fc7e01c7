"""R4 definitions and terminologies, derived by :mod:`.generation` from the CC0 package ``hl7.fhir.r4.core``."""
