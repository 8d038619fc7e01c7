"""The lots of INS to verify (provisoire): deposited, then answered when their result is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...validation.ins.lot import EN_COURS, TERMINE, InsLot, LotAnswer, LotIdentity

MAX_LOTS = 1_000
"""Lots kept; the oldest is forgotten."""
MAX_ROWS = 10_000


class LotRefused(ValueError):
    """A lot that INSi does not take; the message is French."""


@dataclass(slots=True)
class Lots:
    """The lots received. ``attente``: by matricule, of how many questions the next lot that holds it is still under way
    (``""``: the next lot, whatever it holds)."""

    attente: dict[str, int] = field(default_factory=dict)
    _under_way: dict[str, int] = field(default_factory=dict)
    _done: dict[str, dict[str, str]] = field(default_factory=dict)
    _count: int = 0

    def deposit(self, lot: InsLot, confirmed: Callable[[LotIdentity], bool]) -> LotAnswer:
        """Take a lot; raises ``LotRefused`` when it is empty or too large."""
        if not lot.rows:
            raise LotRefused("le lot ne contient aucune identité")
        if len(lot.rows) > MAX_ROWS:
            raise LotRefused(f"le lot contient plus de {MAX_ROWS} identités")
        self._count += 1
        name = f"LOT{self._count:08d}"
        self._done[name] = {row.reference: "OK" if confirmed(row) else "KO" for row in lot.rows}
        held = {row.ins.matricule for row in lot.rows if row.ins is not None}
        self._under_way[name] = sum(self.attente.pop(matricule, 0) for matricule in ("", *held))
        while len(self._done) > MAX_LOTS:
            oldest = next(iter(self._done))
            del self._done[oldest], self._under_way[oldest]
        return LotAnswer(name, "", {})

    def result(self, lot: InsLot) -> LotAnswer:
        """The state of a lot; raises ``LotRefused`` for an unknown one."""
        if lot.id_lot not in self._done:
            raise LotRefused(f"lot inconnu : {lot.id_lot[:40] or 'sans numéro'}")
        if self._under_way[lot.id_lot] > 0:
            self._under_way[lot.id_lot] -= 1
            return LotAnswer(lot.id_lot, EN_COURS, {})
        return LotAnswer(lot.id_lot, TERMINE, self._done[lot.id_lot])
