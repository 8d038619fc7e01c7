"""The penetration test of the editor's file: the signed form, its age, and the ratings of the points that it lists."""

from __future__ import annotations

from datetime import date

from ..core.errors import CheckFailed, Inconclusive
from ..core.formulaire import Attestation
from ..core.gestures import Piece
from ..core.problem import Evidence
from ..validation.correspondances.lecture import Line, read_table
from ..validation.correspondances.mapping import Correspondances
from ..validation.pdf import PdfError, PdfFile
from ..validation.pdf.signatures import SignatureField, alterations, signed_fields
from .registry import check

FORM = "ANS, formulaire de test d'intrusion (FAQ du Portail Industriels) ; SC.PSC.14, SC.SSI/GEN.18"
RATING = "FAQ 6361 du Portail Industriels : cotation du test d'intrusion"
MEDIUM_AT_MOST = 10
MODEL = "test-intrusion"


@check("dossier.pentest-signed", covers=("SSI-02",), source=FORM, confidence="secondaire")
def pentest_form_is_signed(piece: Piece) -> Evidence:
    """Le formulaire de test d'intrusion porte une signature électronique."""
    found = _signatures(piece)
    if not found:
        raise CheckFailed(
            "Formulaire de test d'intrusion sans signature électronique",
            expected="un PDF signé par l'organisme qualifié PASSI",
            received="aucune signature dans le PDF (une image de signature n'en est pas une)",
            at=piece.id,
            hint="Demander à l'organisme le PDF signé d'origine : imprimer puis numériser retire la signature.",
        )
    return Evidence(at=piece.id, note=f"{len(found)} signature(s)", fired=len(found))


@check("dossier.pentest-intact", covers=("SSI-02",), source=FORM, confidence="secondaire")
def pentest_form_is_intact(piece: Piece) -> Evidence:
    """Le formulaire de test d'intrusion n'a pas changé depuis sa signature."""
    count, wrong = alterations(PdfFile(piece.data, piece.nom))
    if not count:
        raise Inconclusive(f"{piece.id} : aucune signature à vérifier")
    if wrong:
        raise CheckFailed(
            "Signature du formulaire de test d'intrusion non intacte",
            expected="un document inchangé depuis sa signature",
            received=" ; ".join(wrong),
            at=piece.id,
            hint="Joindre le fichier tel que l'organisme l'a remis, sans l'annoter, le fusionner ni le réenregistrer.",
        )
    return Evidence(at=piece.id, note=f"{count} signature(s) intacte(s) ; l'identité du signataire reste à lire", fired=count)


@check("dossier.pentest-recent", covers=("SSI-02",), source=FORM, confidence="secondaire")
def pentest_form_is_less_than_a_year_old(piece: Piece, attestation: Attestation) -> Evidence:
    """La signature du formulaire de test d'intrusion date de moins d'un an au jour de la campagne."""
    days = [field.day for field in _signatures(piece) if field.day is not None]
    if not days:
        raise Inconclusive(f"{piece.id} : la signature n'est pas datée")
    signed, today = max(days), date.fromisoformat(attestation.jour)
    if not _a_year_before(today) < signed:
        raise CheckFailed(
            "Test d'intrusion de plus d'un an",
            expected=f"une signature après le {_a_year_before(today):%d/%m/%Y}",
            received=f"signé le {signed:%d/%m/%Y}",
            at=piece.id,
            hint="Faire refaire le test (ou un contre-audit) et signer un nouveau formulaire avant le dépôt.",
        )
    return Evidence(at=piece.id, note=f"signé le {signed:%d/%m/%Y}")


@check("dossier.pentest-high", covers=("SSI-03",), source=RATING, confidence="secondaire")
def no_high_point_is_refused(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Aucun point de gravité haute du test d'intrusion n'est non conforme."""
    lines = _points(piece, correspondances)
    refused = [line for line in lines if (line.code("gravite"), line.code("resultat")) == ("haute", "non conforme")]
    if refused:
        raise CheckFailed(
            "Point de gravité haute non conforme",
            expected="aucun",
            received=", ".join(line.text("point") for line in refused[:10]),
            at=f"{piece.id}, ligne {refused[0].rank}",
            hint="Un seul élimine : le corriger, puis faire constater la correction par l'organisme.",
        )
    return Evidence(at=piece.id, note=f"{len(lines)} points", fired=len(lines))


@check("dossier.pentest-medium", covers=("SSI-03",), source=RATING, confidence="secondaire")
def at_most_ten_medium_points_are_refused(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Dix points de gravité moyenne du test d'intrusion au plus sont non conformes."""
    lines = _points(piece, correspondances)
    refused = [line for line in lines if (line.code("gravite"), line.code("resultat")) == ("moyenne", "non conforme")]
    if len(refused) > MEDIUM_AT_MOST:
        raise CheckFailed(
            "Trop de points de gravité moyenne non conformes",
            expected=f"{MEDIUM_AT_MOST} au plus",
            received=f"{len(refused)} : {', '.join(line.text('point') for line in refused[:12])}",
            at=f"{piece.id}, ligne {refused[MEDIUM_AT_MOST].rank}",
            hint="Corriger assez de ces points, puis faire constater les corrections.",
        )
    return Evidence(at=piece.id, note=f"{len(refused)} points moyens négatifs sur {len(lines)}", fired=len(lines))


def _signatures(piece: Piece) -> tuple[SignatureField, ...]:
    try:
        return signed_fields(PdfFile(piece.data, piece.nom))
    except PdfError as error:
        raise Inconclusive(f"{piece.id} : {error.message}") from error


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _points(piece: Piece, correspondances: Correspondances) -> tuple[Line, ...]:
    """The points of the statement; raises ``Inconclusive`` when one of them cannot be read: none may be lost in silence."""
    lines = read_table(piece, MODEL, correspondances).lines
    unread = next((line for line in lines if not line.code("gravite") or not line.code("resultat")), None)
    if unread is not None:
        said = f"{unread.text('gravite') or 'gravité vide'} / {unread.text('resultat') or 'résultat vide'}"
        raise Inconclusive(f"{piece.id}, ligne {unread.rank} : gravité ou résultat non reconnus ({said})")
    if not lines:
        raise Inconclusive(f"{piece.id} : aucun point dans ce relevé")
    return lines
