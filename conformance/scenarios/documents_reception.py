"""Recevoir un document : rangé une fois, dans le bon dossier ; un doublon et une incohérence se voient."""

from __future__ import annotations

from ..checks.documents_recus import (
    duplicate_is_not_filed_twice,
    newer_version_is_announced,
    received_document_is_filed,
    strangers_document_is_refused,
    unreadable_document_is_refused,
)
from ..core.campaign import Campaign, Geste
from ..core.formulaire import IMAGE
from ..core.gestures import Piece
from ..core.gestures.documents import ImporterDocument
from ..core.people import Usager

RECU = "lettre-liaison-sortie-es"


def recevoir(c: Campaign, usager: Usager, document: Piece) -> Geste:
    """Hand a correct document to the DUI, which files it: what the rest of a scenario is compared with."""
    c.expect("LDL-SES", document, pour=("CDA-07",))
    geste = c.do(ImporterDocument.de(usager, document))
    c.require(received_document_is_filed, geste, pour=("CDA-07",))
    return geste


def test_document_recu_est_range(c: Campaign) -> None:
    """Un document reçu, cohérent avec l'identité de l'usager, est rangé dans son dossier."""
    usager = c.usager("qualifie")
    recevoir(c, usager, c.document(RECU, usager))


def test_document_recu_deux_fois(c: Campaign) -> None:
    """Un document reçu deux fois n'a qu'une copie, et l'utilisateur le sait."""
    usager = c.usager("qualifie")
    document = c.document(RECU, usager)
    recevoir(c, usager, document)
    second = c.do(ImporterDocument.de(usager, document))
    c.require(duplicate_is_not_filed_twice, second, pour=("CDA-07",))
    c.attest(
        pour=("CDA-07",),
        constat=(
            "Un document reçu deux fois, ou dont le contenu contredit l'en-tête, est-il signalé avant d'être rangé, "
            "avec ce qui ne va pas ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_nouvelle_version_d_un_document_recu(c: Campaign) -> None:
    """Une nouvelle version d'un document déjà reçu est signalée comme telle."""
    usager = c.usager("qualifie")
    recevoir(c, usager, c.document(RECU, usager))
    second = c.do(ImporterDocument.de(usager, c.document(RECU, usager, "nouvelle-version")))
    c.require(newer_version_is_announced, second, pour=("CDA-07",))


def test_document_d_un_autre_usager(c: Campaign) -> None:
    """Un document dont l'identité n'est pas celle du dossier n'y est pas rangé sans alerte."""
    usager = c.usager("qualifie")
    recevoir(c, usager, c.document(RECU, usager))
    geste = c.do(ImporterDocument.de(usager, c.document(RECU, usager, "autre-usager")))
    c.require(strangers_document_is_refused, geste, pour=("CDA-07",))


def test_document_illisible(c: Campaign) -> None:
    """Un document illisible n'est pas rangé, et l'utilisateur le sait."""
    usager = c.usager("qualifie")
    recevoir(c, usager, c.document(RECU, usager))
    geste = c.do(ImporterDocument.de(usager, c.document(RECU, usager, "tronque")))
    c.require(unreadable_document_is_refused, geste, pour=("CDA-07",))
