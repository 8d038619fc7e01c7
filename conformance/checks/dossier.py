"""The editor's file: certificates, habilitations, guides, declared sectors. What can be read of them; people attest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from ..core.errors import CheckFailed, Inconclusive
from ..core.formulaire import Attestation
from ..core.gestures import Piece
from ..core.problem import Evidence
from ..core.settings import SECTEURS, Settings
from ..validation.correspondances.lecture import read_table
from ..validation.correspondances.mapping import Correspondances
from ..validation.pdf import PdfError, PdfFile, PdfText, is_pdf
from ..validation.pdf.text import text_of
from ..validation.zip_joint import ZipUnreadable, files_of
from .registry import check

SOURCE = "programme §1.12, §2.4 (pièces demandées au dossier)"
GUIDES = 3
_MAX_MEMBERS = 2_000
_MAX_MEMBER = 64 << 20
_HDS = ("HDS", "hébergeur de données de santé", "hébergement de données de santé", "hébergeurs de données de santé")
_DAY = re.compile(r"(?<!\d)(\d{1,2})[/. ](\d{1,2})[/. ](\d{4})(?!\d)|(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_CERTIFICATES = ("SSI-01", "ON-01", "DMP-ALIM-20", "DMP-CONS-26", "PSC-10", "INS-16")


@check("dossier.pdf-readable", covers=(*_CERTIFICATES, "SSI-02"), source=SOURCE, confidence="secondaire")
def piece_is_a_readable_pdf(piece: Piece) -> Evidence:
    """La pièce est un PDF qui s'ouvre, sans mot de passe."""
    if not is_pdf(piece.data):
        raise _unreadable(piece, "le fichier n'est pas un PDF")
    try:
        pages = len(PdfFile(piece.data, piece.nom).opened.pages)
    except PdfError as error:
        raise _unreadable(piece, error.message) from error
    return Evidence(at=piece.id, note=f"{pages} page(s)")


@check("dossier.names-product", covers=_CERTIFICATES, source=SOURCE, confidence="infere")
def certificate_names_the_product(pieces: Sequence[Piece], settings: Settings) -> Evidence:
    """L'attestation nomme le logiciel testé."""
    return _names(pieces, "le nom du logiciel", (settings.produit.nom, settings.dmp.lps_nom))


@check("dossier.names-version", covers=_CERTIFICATES, source=SOURCE, confidence="infere")
def certificate_names_the_version(pieces: Sequence[Piece], settings: Settings) -> Evidence:
    """L'attestation porte la version testée."""
    return _names(pieces, "la version du logiciel", (settings.produit.version, settings.dmp.lps_version))


@check("dossier.hds-wording", covers=("SSI-01",), source=SOURCE, confidence="infere")
def certificate_speaks_of_health_data_hosting(piece: Piece) -> Evidence:
    """Le certificat d'hébergement parle d'hébergement de données de santé (HDS)."""
    return _names((piece,), "la mention de l'hébergement de données de santé", _HDS)


@check("dossier.hds-validity", covers=("SSI-01",), source=SOURCE, confidence="infere")
def certificate_of_hosting_is_valid(piece: Piece, attestation: Attestation) -> Evidence:
    """La dernière date écrite dans le certificat d'hébergement n'est pas passée."""
    days = list(_days(_text(piece).text))
    if not days:
        raise CheckFailed(
            "Aucune date lisible dans le certificat d'hébergement",
            expected="une date de fin de validité",
            received="aucune date au format jj/mm/aaaa ou aaaa-mm-jj",
            at=piece.id,
            hint="Joindre la page du certificat qui porte la période de validité, ou vérifier la date à l'œil.",
        )
    last, today = max(days), date.fromisoformat(attestation.jour)
    if last < today:
        raise CheckFailed(
            "Certificat d'hébergement échu",
            expected=f"une validité qui atteint le {today:%d/%m/%Y}",
            received=f"dernière date écrite : {last:%d/%m/%Y}",
            at=piece.id,
            hint="Demander à l'hébergeur son certificat renouvelé.",
        )
    return Evidence(at=piece.id, note=f"dernière date écrite : {last:%d/%m/%Y}")


@check("dossier.documents-readable", covers=("GEN-03", "GEN-04", "TBB-05"), source=SOURCE, confidence="secondaire")
def documents_are_readable(pieces: Sequence[Piece]) -> Evidence:
    """Chaque document joint s'ouvre et n'est pas vide."""
    found = [named for piece in pieces for named in _documents(piece)]
    for nom, data in found:
        if is_pdf(data):
            piece_is_a_readable_pdf(Piece(nom, data))
        elif not data.strip():
            raise _unreadable(Piece(nom, data), "le fichier est vide")
    return Evidence(at=pieces[0].id, note=f"{len(found)} document(s) lisible(s)", fired=len(found))


@check("dossier.three-guides", covers=("GEN-03",), source=SOURCE, confidence="infere")
def the_three_guides_are_given(pieces: Sequence[Piece]) -> Evidence:
    """Le guide de l'utilisateur, celui de l'administrateur et la documentation technique sont trois documents."""
    names = [nom for piece in pieces for nom, _ in _documents(piece)]
    if len(names) < GUIDES:
        raise CheckFailed(
            "Moins de trois documents joints",
            expected="guide de l'utilisateur, guide de l'administrateur, documentation technique",
            received=", ".join(names),
            at=pieces[0].id,
            hint="Joindre les trois, ensemble dans un zip ; s'ils tiennent en un seul volume, le dire en note.",
        )
    return Evidence(at=pieces[0].id, note=", ".join(names))


@check("dossier.sectors-declared", covers=("GEN-01",), source="programme §1.1 (GEN-01)", confidence="secondaire")
def tested_sectors_are_declared(piece: Piece, settings: Settings, correspondances: Correspondances) -> Evidence:
    """Chaque secteur de la campagne est déclaré par la solution."""
    table = read_table(piece, "secteurs", correspondances)
    unknown = next((line for line in table.lines if not line.code("secteur") or not line.code("declare")), None)
    if unknown is not None:
        raise Inconclusive(
            f"{piece.id}, ligne {unknown.rank} : secteur ou déclaration non reconnus ({unknown.text('secteur')} : "
            f"{unknown.text('declare') or 'vide'}) ; secteurs : {', '.join(SECTEURS)}"
        )
    declared = [line.code("secteur") for line in table.lines if line.code("declare") == "oui"]
    missing = [secteur for secteur in settings.secteurs if secteur not in declared]
    if missing:
        raise CheckFailed(
            "Secteur de la campagne que la solution ne déclare pas",
            expected=f"« oui » pour {', '.join(settings.secteurs)}",
            received=f"déclarés : {', '.join(declared) or 'aucun'} ; manquent : {', '.join(missing)}",
            at=piece.id,
            hint="Compléter la déclaration, ou retirer ces secteurs de dui.toml : le dossier vise le secteur de la structure.",
        )
    return Evidence(at=piece.id, note=", ".join(declared))


def _names(pieces: Sequence[Piece], what: str, values: Sequence[str]) -> Evidence:
    """One of the pieces says one of the values."""
    wanted = tuple(dict.fromkeys(value for value in values if value))
    texts = [_text(piece) for piece in pieces]
    found = next(((text.id, value) for text in texts for value in wanted if text.says(value)), None)
    if found is None:
        raise CheckFailed(
            f"La pièce ne porte pas {what}",
            expected=" ou ".join(wanted),
            received=texts[0].excerpt(),
            at=pieces[0].id,
            hint="Vérifier à l'œil que la pièce porte sur ce logiciel ; sinon joindre celle qui le concerne.",
        )
    return Evidence(at=found[0], note=found[1])


def _text(piece: Piece) -> PdfText:
    """The text of a piece; raises ``CheckFailed`` for a PDF without text, which people have to read themselves."""
    try:
        return text_of(PdfFile(piece.data, piece.nom))
    except PdfError as error:
        raise _unreadable(piece, error.message) from error
    except Inconclusive as error:
        raise CheckFailed(
            "Pièce sans texte : elle est à lire à l'œil",
            expected="un PDF dont le texte se lit",
            received=str(error),
            at=piece.id,
            hint="Joindre le PDF d'origine plutôt qu'une numérisation.",
        ) from error


def _days(text: str) -> Iterator[date]:
    for day, month, year, iso_year, iso_month, iso_day in _DAY.findall(text):
        parts = (iso_year, iso_month, iso_day) if iso_year else (year, month, day)
        try:
            yield date(*map(int, parts))
        except ValueError:
            continue


def _documents(piece: Piece) -> list[tuple[str, bytes]]:
    """The documents of a piece: itself, or the files of a zip; raises ``CheckFailed`` for a zip that cannot be read."""
    if not piece.nom.lower().endswith(".zip"):
        return [(piece.nom, piece.data)]
    try:
        members = files_of(piece, members=_MAX_MEMBERS, size=_MAX_MEMBER)
    except ZipUnreadable as error:
        raise _unreadable(piece, str(error)) from error
    if not members:
        raise _unreadable(piece, "l'archive est vide")
    return members


def _unreadable(piece: Piece, why: str) -> CheckFailed:
    return CheckFailed(
        "Pièce du dossier illisible",
        expected="un document qui s'ouvre, sans mot de passe",
        received=why,
        at=piece.id,
        hint="Rouvrir le fichier avant de le joindre ; retirer le mot de passe.",
    )
