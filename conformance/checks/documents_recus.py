"""What a DUI does of a document that it receives, as it declares it: filed once, in the right record, with a warning."""

from __future__ import annotations

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Etat
from ..core.problem import Evidence
from .registry import check

_SOURCE = "programme §1.7, CDA-07  ; SC.CDA/INT.18"


def _filed(geste: Geste) -> bool:
    """What the DUI declares (``integre``), or its refusal. A gesture only said done proves nothing: ``Inconclusive``."""
    declared = geste.observation("integre")
    if isinstance(declared, bool):
        return declared
    if geste.resultat is not None and geste.resultat.etat is Etat.REFUSE:
        return False
    raise Inconclusive("le DUI ne déclare pas si le document est rangé (observation « integre »)")


def _warning(geste: Geste) -> str:
    shown = geste.observation("alerte")
    if isinstance(shown, str) and shown:
        return shown
    refused = geste.resultat is not None and geste.resultat.etat is Etat.REFUSE
    return geste.resultat.message if refused and geste.resultat is not None else ""


def _said(geste: Geste) -> str:
    return f"{'rangé' if _filed(geste) else 'non rangé'} ; {'« ' + w + ' »' if (w := _warning(geste)) else 'aucune alerte'}"


@check("recu.filed", covers=("CDA-07",), source=_SOURCE, confidence="secondaire")
def received_document_is_filed(geste: Geste) -> Evidence:
    """Un document reçu, lisible et cohérent avec l'identité de l'usager, est rangé dans son dossier."""
    if not _filed(geste):
        raise CheckFailed(
            "Document correct non rangé",
            expected="le document rangé dans le dossier de l'usager",
            received=_said(geste),
            at=geste.id,
            hint="Comparer l'identité du document (recordTarget) à celle du dossier trait par trait, sans en exiger d'autres.",
        )
    return Evidence(at=geste.id, note="rangé")


@check("recu.duplicate", covers=("CDA-07",), source=_SOURCE, confidence="secondaire")
def duplicate_is_not_filed_twice(geste: Geste) -> Evidence:
    """Un document déjà reçu (même identifiant) n'est pas rangé une seconde fois, et l'utilisateur en est averti."""
    copies = geste.observation("copies")
    twice = isinstance(copies, int) and copies > 1
    if twice or (copies is None and _filed(geste) and not _warning(geste)):
        raise CheckFailed(
            "Document rangé deux fois",
            expected="une seule copie",
            received=f"{copies if copies is not None else '?'} copies ; {_said(geste)}",
            at=geste.id,
            hint="Reconnaître un document par ClinicalDocument/id (racine et extension), puis par setId et versionNumber.",
        )
    if not _warning(geste):
        raise CheckFailed(
            "Doublon reçu sans que l'utilisateur le sache",
            expected="un message disant que le document est déjà dans le dossier",
            received=_said(geste),
            at=geste.id,
            hint="Dire que le document est déjà là, et depuis quand.",
        )
    return Evidence(at=geste.id, note=_warning(geste))


@check("recu.new-version", covers=("CDA-07",), source=_SOURCE, confidence="secondaire")
def newer_version_is_announced(geste: Geste) -> Evidence:
    """Une nouvelle version d'un document déjà reçu (même setId, versionNumber plus grand) est annoncée comme telle."""
    if not _warning(geste):
        raise CheckFailed(
            "Nouvelle version reçue sans que l'utilisateur le sache",
            expected="un message disant que c'est une nouvelle version d'un document déjà reçu",
            received=_said(geste),
            at=geste.id,
            hint="Rapprocher les versions par setId et afficher la plus récente.",
        )
    return Evidence(at=geste.id, note=_warning(geste))


@check("recu.stranger", covers=("CDA-07",), source=_SOURCE, confidence="secondaire")
def strangers_document_is_refused(geste: Geste) -> Evidence:
    """Un document dont l'identité n'est pas celle de l'usager n'est pas rangé dans son dossier sans alerte."""
    if _filed(geste) and not _warning(geste):
        raise CheckFailed(
            "Document d'une autre personne rangé sans alerte",
            expected="un refus, ou une alerte avant tout rangement",
            received=_said(geste),
            at=geste.id,
            hint="Comparer le matricule INS et les traits du recordTarget à ceux du dossier avant de ranger.",
        )
    return Evidence(at=geste.id, note=_said(geste))


@check("recu.unreadable", covers=("CDA-07",), source=_SOURCE, confidence="secondaire")
def unreadable_document_is_refused(geste: Geste) -> Evidence:
    """Un document illisible n'est pas rangé, et l'utilisateur en est averti."""
    if _filed(geste) or not _warning(geste):
        raise CheckFailed(
            "Document illisible rangé, ou écarté sans que l'utilisateur le sache",
            expected="un refus avec son motif",
            received=_said(geste),
            at=geste.id,
            hint="Lire le document en entier avant de le ranger, et montrer pourquoi il ne l'est pas.",
        )
    return Evidence(at=geste.id, note=_warning(geste))
