"""The QR code of a prescription. Its syntax is not public: how to read it is said by the user, in ``ordonnance_qr.toml``.

::

    format = "regex"                       # ou "separateur", ou "json"
    motif = "^(?P<identifiant>[^|]+)\\|(?P<rpps>[0-9]{11})\\|…"
    separateur = "|"                       # format « separateur » : et l'ordre des champs
    ordre = ["identifiant", "finess", "rpps", "nom", "prenom", "naissance"]
    [chemins]                              # format « json » : le chemin de chaque champ
    nom = "patient.nom"
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..core.errors import Inconclusive, InputError
from ..core.people import Professionnel, Structure, Usager
from ..core.providers import provider
from .cda.view import CdaDocument, hl7
from .ins.attendue import ExpectedIdentity, identity_of_header

FIELDS = ("identifiant", "numero_am", "finess", "rpps", "nom", "prenom", "naissance")
FORMATS = ("regex", "separateur", "json")
MAX_PAYLOAD = 8192
OID_RPPS = "1.2.250.1.71.4.2.1"
OID_FINESS = "1.2.250.1.71.4.2.2"

_KEYS = {"format", "motif", "separateur", "ordre", "chemins"}
_DATES = (
    (re.compile(r"(\d{4})[-/. ]?(\d{2})[-/. ]?(\d{2})"), (1, 2, 3)),
    (re.compile(r"(\d{2})[-/. ]?(\d{2})[-/. ]?(\d{4})"), (3, 2, 1)),
)


class QrError(ValueError):
    """A payload that the user's reading does not understand; the message is French."""


@dataclass(frozen=True, slots=True)
class LectureQr:
    """How to read the payload of a QR code."""

    format: str
    motif: str = ""
    separateur: str = ""
    ordre: tuple[str, ...] = ()
    chemins: tuple[tuple[str, str], ...] = ()

    def fields(self, text: str) -> Mapping[str, str]:
        """The fields found; raises :class:`QrError` when the payload has another form."""
        if len(text) > MAX_PAYLOAD:
            raise QrError(f"contenu de {len(text)} caractères, plus long qu'un QR code")
        if self.format == "regex":
            return self._by_pattern(text)
        if self.format == "separateur":
            return self._by_order(text)
        return self._by_paths(text)

    def _by_pattern(self, text: str) -> Mapping[str, str]:
        match = re.search(self.motif, text)
        if match is None:
            raise QrError("le motif de ordonnance_qr.toml ne correspond pas au contenu")
        return {name: (value or "").strip() for name, value in match.groupdict().items()}

    def _by_order(self, text: str) -> Mapping[str, str]:
        parts = text.split(self.separateur)
        if len(parts) < len(self.ordre):
            raise QrError(f"{len(parts)} champs au lieu de {len(self.ordre)}")
        return {name: part.strip() for name, part in zip(self.ordre, parts, strict=False) if name}

    def _by_paths(self, text: str) -> Mapping[str, str]:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise QrError("le contenu n'est pas du JSON") from error
        return {name: _follow(content, path) for name, path in self.chemins}


def _follow(content: Any, path: str) -> str:
    for step in path.split("."):
        if isinstance(content, list) and step.isdigit() and int(step) < len(content):
            content = content[int(step)]
        elif isinstance(content, dict):
            content = content.get(step)
        else:
            return ""
    return "" if content is None or isinstance(content, dict | list) else str(content).strip()


def load_lecture_qr(path: Path) -> LectureQr:
    """The user's ``ordonnance_qr.toml``; every mistake is an ``InputError`` that says what to write."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} : illisible : {error}") from error
    for key in table:
        if key not in _KEYS:
            raise InputError(f"{path.name} : clé inconnue « {key} »{_nearest(key, sorted(_KEYS))}")
    made = LectureQr(
        format=str(table.get("format", "")),
        motif=str(table.get("motif", "")),
        separateur=str(table.get("separateur", "")),
        ordre=tuple(map(str, table.get("ordre", ()))),
        chemins=tuple((str(k), str(v)) for k, v in table.get("chemins", {}).items()),
    )
    _verify(made, path.name)
    return made


def _verify(lecture: LectureQr, name: str) -> None:
    if lecture.format not in FORMATS:
        raise InputError(f"{name} : format « {lecture.format} »{_nearest(lecture.format, FORMATS)}")
    if lecture.format == "regex":
        try:
            named: Sequence[str] = tuple(re.compile(lecture.motif).groupindex)
        except re.error as error:
            raise InputError(f"{name} : motif incorrect : {error}") from error
    elif lecture.format == "separateur":
        if not lecture.separateur:
            raise InputError(f"{name} : « separateur » manque")
        named = tuple(f for f in lecture.ordre if f)
    else:
        named = tuple(field for field, _ in lecture.chemins)
    if not named:
        raise InputError(f"{name} : aucun champ nommé ; champs possibles : {', '.join(FIELDS)}")
    for each in named:
        if each not in FIELDS:
            raise InputError(f"{name} : champ inconnu « {each} »{_nearest(each, FIELDS)}")


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f" ; vouliez-vous « {near[0]} » ?" if near else f" ; valeurs possibles : {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class ExpectedPrescription:
    """What the QR code must carry; ``""`` where it is not known. ``naissance`` is ``AAAA-MM-JJ``, ``rpps`` 11 digits."""

    identifiant: str
    numero_am: str
    finess: str
    rpps: str
    nom: str
    prenom: str
    naissance: str
    origine: str = ""

    @classmethod
    def of(
        cls,
        usager: Usager,
        medecin: Professionnel,
        structure: Structure | None = None,
        *,
        identifiant: str = "",
        numero_am: str = "",
    ) -> ExpectedPrescription:
        """From the people of a scenario."""
        return cls(
            identifiant=identifiant,
            numero_am=numero_am,
            finess=structure.finess_eg if structure else "",
            rpps=medecin.id_nat[-11:],
            nom=usager.nom_naissance,
            prenom=usager.prenom,
            naissance=usager.date_naissance,
            origine=f"usager {usager.id}, médecin {medecin.id}",
        )


@provider
def _of_cda(document: CdaDocument) -> ExpectedPrescription:
    person: ExpectedIdentity = identity_of_header(document)
    author = document.root.find(hl7("author/assignedAuthor"))
    if author is None:
        raise Inconclusive("la prescription n'a pas d'auteur")
    rpps = next((i.get("extension", "") for i in author.iterfind(hl7("id")) if i.get("root") == OID_RPPS), "")
    finess = next(
        (i.get("extension", "") for i in author.iterfind(hl7("representedOrganization/id")) if i.get("root") == OID_FINESS), ""
    )
    return ExpectedPrescription(
        identifiant="",
        numero_am="",
        finess=finess[1:] if len(finess) == 10 and finess[0] == "1" else "",
        rpps=rpps[1:] if len(rpps) == 12 and rpps[0] == "8" else "",
        nom=person.nom,
        prenom=person.prenom,
        naissance=person.date,
        origine="en-tête du CDA de la prescription",
    )


def as_iso(text: str) -> str:
    """A date of a QR code as ``AAAA-MM-JJ``, ``""`` when it is none."""
    for pattern, (year, month, day) in _DATES:
        match = pattern.fullmatch(text.strip())
        if match is None:
            continue
        try:
            return date(int(match[year]), int(match[month]), int(match[day])).isoformat()
        except ValueError:
            continue
    return ""


def holds_date(text: str, iso: str) -> bool:
    """True when the text holds a day, in any of the usual orders and separators."""
    parts = iso.split("-")
    if len(parts) != 3:
        return False
    year, month, day = parts
    return any(
        re.search(rf"(?<![0-9]){a}[-/. ]?{b}[-/. ]?{c}(?![0-9])", text) for a, b, c in ((year, month, day), (day, month, year))
    )
