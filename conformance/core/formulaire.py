"""What only a person can say: the form put to them (what to look at, which file, who attests) and their attestation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath
from typing import Any

from .gestures import Piece
from .verdict import Verdict

PDF = (".pdf",)
IMAGE = (".png", ".jpg", ".jpeg", ".pdf")
TABLEUR = (".csv", ".xlsx", ".ods")
DOCUMENT = (*PDF, ".zip", ".txt")
ANSWERS = (Verdict.CONFORME, Verdict.NON_CONFORME)
"""The verdicts that a person may give."""


@dataclass(frozen=True, slots=True)
class Formulaire:
    """A form. ``constat``: what to look at or show; ``piece``: the file to attach (``""``: a note is enough), in one of
    ``formats`` (suffixes; none: any), without which nothing is attested when ``obligatoire``; ``atteste``: who signs;
    ``service``: the national service that is not simulated, whence *non testé* rather than *à examiner* without an answer."""

    constat: str
    piece: str = ""
    formats: tuple[str, ...] = ()
    obligatoire: bool = False
    atteste: str = ""
    service: str = ""

    @property
    def a_joindre(self) -> str:
        """The file to attach, in words; ``""`` when a note is enough."""
        if not self.piece:
            return ""
        kinds = ", ".join(suffix.removeprefix(".").upper() for suffix in self.formats)
        told = ", ".join(word for word in (kinds, "" if self.obligatoire else "facultatif") if word)
        return f"{self.piece} ({told})" if told else self.piece

    @property
    def texte(self) -> str:
        """The whole form on one line, as a journal and a list keep it."""
        joined = f" À joindre : {self.a_joindre}." if self.piece else ""
        return f"{self.constat}{joined}{f' Atteste : {self.atteste}.' if self.atteste else ''}"

    @property
    def sans_reponse(self) -> Verdict:
        """The verdict of a form that nobody answered."""
        return Verdict.NON_TESTE if self.service else Verdict.A_EXAMINER

    @property
    def pourquoi_ouvert(self) -> str:
        """Why it has no answer's verdict yet."""
        if self.service:
            return f"service non simulé : {self.service} ; à attester"
        return f"à attester{f' par {self.atteste}' if self.atteste else ''}{f', pièce : {self.piece}' if self.piece else ''}"

    def as_row(self) -> dict[str, Any]:
        """JSON form."""
        row = {"constat": self.constat, "piece": self.piece, "formats": list(self.formats)}
        return {**row, "obligatoire": self.obligatoire, "atteste": self.atteste, "service": self.service}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Formulaire:
        """From its JSON form."""
        return cls(**{**row, "formats": tuple(row["formats"])})


@dataclass(frozen=True, slots=True)
class Question:
    """A form as a scenario puts it, for these exigences."""

    scenario: str
    exigences: tuple[str, ...]
    formulaire: Formulaire


@dataclass(frozen=True, slots=True)
class Attestation:
    """What was attested: ``par`` whom, which day (AAAA-MM-JJ), with which files. ``manque`` says why it counts for nothing yet;
    ``jour`` is the day of the campaign on which the form was put."""

    verdict: Verdict = Verdict.A_EXAMINER
    note: str = ""
    par: str = ""
    date: str = ""
    pieces: tuple[Piece, ...] = ()
    manque: str = ""
    jour: str = ""

    @property
    def id(self) -> str:
        """What findings call it."""
        return "attestation"

    @property
    def a_controler(self) -> tuple[Piece, ...]:
        """The files of a favourable attestation: what checks are applied to."""
        return self.pieces if self.verdict is Verdict.CONFORME else ()

    def as_row(self) -> dict[str, str]:
        """JSON form, without the files."""
        row = {"verdict": self.verdict.value, "note": self.note, "par": self.par, "date": self.date, "jour": self.jour}
        return {**row, "manque": self.manque} if self.manque else row

    @classmethod
    def from_row(cls, row: Mapping[str, Any] | None, pieces: Iterable[Piece] = ()) -> Attestation | None:
        """From its JSON form; None for a form that nobody answered."""
        if row is None:
            return None
        told = {name: str(row.get(name, "")) for name in ("note", "par", "date", "manque", "jour")}
        return cls(verdict=Verdict(row["verdict"]), pieces=tuple(pieces), **told)


Attest = Callable[[Question], Attestation | None]
"""Who answers forms; None: not answered."""


def completed(given: Attestation, formulaire: Formulaire, today: date) -> Attestation:
    """The same, *à examiner* with the reason when it does not say who, when, or lacks the file that the form asks for."""
    told = replace(given, jour=today.isoformat())
    missing = _missing(told, formulaire, today)
    return replace(told, verdict=Verdict.A_EXAMINER, manque=missing) if missing else told


def _missing(given: Attestation, formulaire: Formulaire, today: date) -> str:
    if not given.par:
        return "l'attestation ne dit pas qui atteste"
    if not given.date:
        return "l'attestation n'est pas datée"
    if date.fromisoformat(given.date) > today:
        return f"l'attestation est datée du {date.fromisoformat(given.date):%d/%m/%Y}, après le jour de la campagne"
    if given.verdict is not Verdict.CONFORME or not formulaire.obligatoire:
        return ""
    named = [piece.nom for piece in given.pieces]
    fitting = [nom for nom in named if not formulaire.formats or PurePath(nom).suffix.lower() in formulaire.formats]
    if fitting:
        return ""
    return f"pièce obligatoire absente : {formulaire.a_joindre}" + (f" ; reçu : {', '.join(named)}" if named else "")
