"""Ouvrir un document du DMP et le garder : affiché, intégré une fois, au bon endroit, avec sa provenance."""

from __future__ import annotations

from ..checks.dmp_affichage import (
    document_is_shown,
    documents_are_filed_by_type,
    failed_opening_is_told,
    provenance_is_shown,
    status_is_shown,
)
from ..checks.documents_recus import duplicate_is_not_filed_twice, received_document_is_filed
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.consultation import AfficherDocumentDmp, IntegrerDocumentDmp, LireDocumentIntegre
from .dmp_consultation_appels import (
    COMPTE_RENDU,
    DOCUMENT,
    PRESCRIPTION,
    lister,
    ouvrir_malgre,
    placer,
    usager_consentant,
    usager_et_document,
)


def test_document_affiche(c: Campaign) -> None:
    """Un document choisi dans la liste est demandé par son uniqueId, et s'affiche."""
    pour = ("DMP-CONS-17",)
    usager, place = usager_et_document(c)
    lister(c, usager, pour=pour)
    geste = c.do(AfficherDocumentDmp(usager.id, place.uid, place.titre))
    document = c.dmp.wait_for(DOCUMENT.of(usager), after=geste, pour=pour)
    c.expect("DMP-TD3.2", document, pour=pour)
    c.require(document_is_shown, geste, document, pour=pour)


def test_document_en_base64(c: Campaign) -> None:
    """Un document rendu en base64 dans l'enveloppe, sans pièce jointe, s'affiche aussi."""
    pour = ("DMP-CONS-17",)
    usager, place = usager_et_document(c)
    lister(c, usager, pour=pour)
    with c.dmp.panne("document-en-base64", target="dmp.td3.2"):
        geste = c.do(AfficherDocumentDmp(usager.id, place.uid, place.titre))
        document = c.dmp.wait_for(DOCUMENT.of(usager), after=geste, pour=pour)
    c.require(document_is_shown, geste, document, pour=pour)


def test_document_altere(c: Campaign) -> None:
    """Un document dont l'empreinte n'est pas celle de la liste n'est pas présenté comme affiché."""
    pour = ("DMP-CONS-17",)
    geste = ouvrir_malgre(c, "document-altere", pour=pour)
    c.advise(failed_opening_is_told, geste, pour=pour)


def test_document_tronque(c: Campaign) -> None:
    """Un message multipart sans fin n'est pas présenté comme un document affiché."""
    pour = ("DMP-CONS-17",)
    geste = ouvrir_malgre(c, "mtom-tronque", pour=pour)
    c.require(failed_opening_is_told, geste, pour=pour)


def test_document_integre(c: Campaign) -> None:
    """Deux documents s'intègrent à la main, chacun dans le sous-dossier de son type, avec leur provenance et leur statut."""
    pour = ("DMP-CONS-18",)
    usager, le = usager_consentant(c)
    lettre, ordonnance = (placer(c, usager, le, rang=r, sorte=s) for r, s in ((1, COMPTE_RENDU), (2, PRESCRIPTION)))
    lister(c, usager, pour=pour)
    premier = c.do(IntegrerDocumentDmp(usager.id, lettre.uid, lettre.titre))
    c.expect("DMP-TD3.2", c.dmp.wait_for(DOCUMENT.of(usager), after=premier, pour=pour), pour=pour)
    c.require(received_document_is_filed, premier, pour=pour)
    second = c.do(IntegrerDocumentDmp(usager.id, ordonnance.uid, ordonnance.titre))
    c.require(documents_are_filed_by_type, premier, second, pour=pour)
    lu = c.do(LireDocumentIntegre(usager.id, lettre.uid, lettre.titre))
    c.require(provenance_is_shown, lu, pour=("DMP-CONS-18", "DMP-CONS-14"))
    c.require(status_is_shown, lu, pour=("DMP-CONS-14",))
    c.attest(
        pour=("DMP-CONS-14",),
        constat=(
            "La provenance et le statut de chaque document envoyé ou intégré se voient-ils sans clic, nouvelle version comprise ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
    c.attest(
        pour=("DMP-CONS-18",),
        constat="Le document intégré est-il rangé dans le bon sous-dossier, avec sa provenance affichée ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_document_deja_integre(c: Campaign) -> None:
    """Un document déjà présent n'est pas copié une seconde fois, et l'utilisateur l'apprend."""
    pour = ("DMP-CONS-19",)
    usager, place = usager_et_document(c)
    lister(c, usager, pour=pour)
    premier = c.do(IntegrerDocumentDmp(usager.id, place.uid, place.titre))
    c.expect("DMP-TD3.2", c.dmp.wait_for(DOCUMENT.of(usager), after=premier, pour=pour), pour=pour)
    c.require(received_document_is_filed, premier, pour=pour)
    second = c.do(IntegrerDocumentDmp(usager.id, place.uid, place.titre))
    c.require(duplicate_is_not_filed_twice, second, pour=pour)
    c.attest(
        pour=("DMP-CONS-19",),
        constat="L'écran dit-il que le document était déjà dans le dossier, et n'en garde-t-il qu'une copie ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
