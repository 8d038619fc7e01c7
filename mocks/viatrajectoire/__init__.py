"""ViaTrajectoire PH (gestionnaire SI-SdO): the five flows of the SDO guide 4.0.7, OAuth2 over mutual TLS.

Certain: resources, flows, headers, statuses and reasons. Provisoire, and said so in what the service answers: the form, life and
address of tokens, the HTTP code of each error, pages, the order of statuses, the modes of opening.
"""

from .app import ServiceViaTrajectoire

__all__ = ["ServiceViaTrajectoire"]
