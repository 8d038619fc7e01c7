"""Where the people and documents of a campaign come from."""

from __future__ import annotations

from ..core.errors import HarnessError
from ..core.people import Professionnel, Usager


class FictionalWorld:
    """``core.stage.World`` over the fixtures."""

    def usager(self, profil: str, graine: str) -> Usager:
        """A generated usager."""
        from ..fixtures.people import usager

        return usager(profil, graine)

    def professionnel(self, nom: str) -> Professionnel:
        """A persona by id; raises ``HarnessError`` for an unknown one."""
        from ..fixtures.professionals import professionals

        known = professionals()
        if nom not in known:
            raise HarnessError(f"professionnel inconnu : {nom} (connus : {', '.join(known)})")
        return known[nom]

    def document(self, type: str, usager: Usager, variante: str, graine: str) -> bytes:
        """A document that another software wrote about this usager."""
        from .documents_recus import received

        return received(type, usager, variante, graine)
