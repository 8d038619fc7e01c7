"""The points that an OG goes through before signing (OG-01 to OG-17): what the tool reads by itself, what people say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources

from .pv_certificat import CertificatOrganisation
from .pv_data import PvData
from .pv_finess import BaseFiness


class EtatOg(StrEnum):
    """Where a point stands."""

    FAIT = "fait"
    RESERVE = "réserve"
    A_FAIRE = "à faire"
    SANS_OBJET = "sans objet"


@dataclass(frozen=True, slots=True)
class PointOg:
    """One point of the list, as data; ``automatique`` names what the tool reads, ``""``: people say it."""

    id: str
    point: str
    preuve: str
    automatique: str = ""
    secteurs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Etape:
    """A point, where it stands, and why."""

    point: PointOg
    etat: EtatOg
    detail: str


@dataclass(frozen=True, slots=True)
class Pieces:
    """What the OG gave to the tool; None: not given."""

    certificat: CertificatOrganisation | None = None
    finess: BaseFiness | None = None


@cache
def points() -> tuple[PointOg, ...]:
    """The list, in order."""
    rows = tomllib.loads((resources.files(__package__) / "og.toml").read_text(encoding="utf-8"))["point"]
    return tuple(PointOg(**{**row, "secteurs": tuple(row.get("secteurs", ()))}) for row in rows)


def walk(data: PvData, pieces: Pieces, secteurs: tuple[str, ...], today: date) -> tuple[Etape, ...]:
    """Each point of the list: what the tool reads wins over what is declared, unless it is a declared reserve."""
    told = {each.id: each for each in data.og}
    return tuple(_step(point, told.get(point.id), data, pieces, secteurs, today) for point in points())


def _step(point: PointOg, told: object, data: PvData, pieces: Pieces, secteurs: tuple[str, ...], today: date) -> Etape:
    if point.secteurs and not set(point.secteurs) & set(secteurs):
        return Etape(point, EtatOg.SANS_OBJET, f"secteur {', '.join(point.secteurs)} seulement")
    read = _read(point.automatique, data, pieces, today)
    etat, reserve, piece = (getattr(told, name, "") for name in ("etat", "reserve", "piece"))
    if etat == EtatOg.RESERVE.value:
        return Etape(point, EtatOg.RESERVE, reserve or "réserve à préciser")
    if read is not None:
        held, why = read
        return Etape(point, EtatOg.FAIT if held else EtatOg.RESERVE, why)
    if etat == EtatOg.SANS_OBJET.value:
        return Etape(point, EtatOg.SANS_OBJET, reserve or "déclaré sans objet")
    if etat == EtatOg.FAIT.value:
        return Etape(point, EtatOg.FAIT, f"déclaré ; pièce : {piece}" if piece else "déclaré, sans pièce jointe")
    return Etape(point, EtatOg.A_FAIRE, f"à fournir : {point.preuve}")


def _read(what: str, data: PvData, pieces: Pieces, today: date) -> tuple[bool, str] | None:
    """What the tool reads by itself; None when nothing was given to read."""
    ej = data.client.finess_ej
    egs = tuple(row.finess_eg for row in data.esms if not row.hors_perimetre)
    if what == "certificat" and pieces.certificat is not None:
        return pieces.certificat.said(ej, egs, data.dates.signature, today)
    if what == "finess" and pieces.finess is not None and ej and egs:
        refusal = pieces.finess.refusal(ej, egs)
        return not refusal, refusal or f"{len(egs)} EG rattachés à {ej} dans {pieces.finess.nom}"
    if what == "mssante" and data.indicateurs.cas is not None:
        return data.indicateurs.cas == 1, f"cas {data.indicateurs.cas} déclaré"
    if what == "referencement" and data.solution.numero_referencement:
        return True, f"référencement {data.solution.numero_referencement} déclaré, à vérifier avant signature"
    if what == "devis" and data.commande.reste_a_charge is not None:
        left = data.commande.reste_a_charge
        return not left, f"reste à charge : {left} €" if left else "reste à charge nul"
    return None
