"""The misbehaviours of the ordinary provider: those of any OpenID provider, borrowed from Pro Santé Connect's."""

from __future__ import annotations

from dataclasses import replace

from ...core.service import Panne
from ..psc.faults import PANNES as OF_PSC

_ITS_OWN = ("acr", "ciba", "userinfo-jw", "userinfo-autre-identite", "retour-iss-absent", "rafraichissement-sans-rotation")


def _ordinary(panne: Panne) -> bool:
    return not panne.nom.removeprefix("jeton-").startswith(_ITS_OWN)


PANNES = tuple(replace(panne, exigences=("PSC-12",)) for panne in OF_PSC if _ordinary(panne))
