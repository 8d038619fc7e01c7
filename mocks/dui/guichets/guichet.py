"""What a desk is: the gestures of one domain, over what the whole DUI shares."""

from __future__ import annotations

from typing import ClassVar

from ....core.gestures import Gesture
from ..poste import Poste


class Guichet:
    """One method a gesture, named as the gesture is; each gives a ``Resultat``."""

    gestes: ClassVar[tuple[type[Gesture], ...]] = ()

    def __init__(self, poste: Poste) -> None:
        self.poste = poste

    def fermer(self) -> None:
        """Stop what this desk left running."""
