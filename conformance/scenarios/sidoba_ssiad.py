"""Les données d'un service de soins infirmiers à domicile : contenu CDA réglé par l'IG publiée, API provisoire."""

from __future__ import annotations

from ..checks.sidoba import reason_of_a_rejection_is_shown, rejection_is_understood
from ..checks.ssiad import (
    corrected_stay_is_in_the_document,
    correction_replaces_the_former_document,
    document_is_about_the_usager,
    retry_is_the_same_document,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.sidoba import CorrigerEnvoi, EnvoyerSsiad
from ..validation.sidoba.lot import SsiadDocument
from .sidoba_envois import SSIAD, commencer, envoyer


def test_donnees_d_un_service_a_domicile(c: Campaign) -> None:
    """Les données du service et de l'usager partent en un document CDA, dans une transaction."""
    usager = commencer(c)
    geste, lot = envoyer(c, EnvoyerSsiad(usager.id), SSIAD, ("SSIAD-01", "SSIAD-02"))
    c.expect("SIDOBA-SSIAD", lot)
    document = lot.view(SsiadDocument)
    c.expect("SIDOBA-SSIAD-CDA", document.document)
    c.require(document_is_about_the_usager, document, usager)
    c.observed(geste, "etat", equals="accepte", pour=("SSIAD-01",))


def test_document_rejete_puis_remplace(c: Campaign) -> None:
    """SIDOBA rejette le document : l'utilisateur lit pourquoi, corrige, et le document corrigé remplace le premier."""
    usager = commencer(c)
    pour = ("SSIAD-03",)
    c.sidoba.command("rejeter", canal="ssiad", expression="FR-Sejours", motif="date d'entrée incohérente")
    geste, rejete = envoyer(c, EnvoyerSsiad(usager.id), SSIAD, pour)
    c.require(rejection_is_understood, geste, rejete, pour=pour)
    c.require(reason_of_a_rejection_is_shown, geste, rejete, pour=pour)
    corrige, lot = envoyer(c, CorrigerEnvoi("ssiad", usager.id, "entree_le", "2026-09-01"), SSIAD, pour)
    c.require(corrected_stay_is_in_the_document, corrige, lot)
    c.require(correction_replaces_the_former_document, rejete.view(SsiadDocument), lot.view(SsiadDocument))
    c.observed(corrige, "etat", equals="accepte", pour=pour)
    c.attest(
        pour=pour,
        constat=(
            "L'historique des envois à SIDOBA montre-t-il le rejet, son motif et le renvoi, sans compter l'usager deux fois ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_reponse_perdue_apres_un_document(c: Campaign) -> None:
    """La réponse se perd : le même document est renvoyé, octet pour octet, et l'usager n'est compté qu'une fois."""
    usager = commencer(c)
    with c.sidoba.panne("reponse-perdue", times=1, target="sidoba.ssiad"):
        geste, _ = envoyer(c, EnvoyerSsiad(usager.id), SSIAD, ("SSIAD-03",))
    c.require(retry_is_the_same_document, *c.sidoba.seen(SSIAD))
    c.observed(geste, "etat", equals="accepte", pour=("SSIAD-03",))
