"""Les pannes de SIDOBA : rien n'est perdu ni doublé, et l'utilisateur sait ce qui est parti. Provisoire."""

from __future__ import annotations

from ..checks.setmin import objects_sent_again_keep_their_identifiers
from ..checks.sidoba import (
    asked_delay_is_respected,
    incomplete_answer_is_seen,
    refused_token_is_renewed_once,
    retries_are_bounded,
    user_is_told_that_nothing_was_taken,
)
from ..core.campaign import Campaign
from ..core.gestures.sidoba import EnvoyerSetMin, EnvoyerSsiad
from .sidoba_envois import JETON, SETMIN, SSIAD, commencer, envoyer

SMF = ("SMF-01",)


def test_jeton_qui_ne_vaut_plus_rien(c: Campaign) -> None:
    """Le jeton est refusé : un autre est demandé, avec le certificat de la structure, et l'envoi refait."""
    usager = commencer(c)
    c.sidoba.command("oublier-les-jetons")
    geste = c.do(EnvoyerSetMin(usager.id))
    c.expect("SIDOBA-JETON", c.sidoba.wait_for(JETON, after=geste, pour=SMF), pour=SMF)
    c.sidoba.wait_for(SETMIN, after=geste, pour=SMF)
    avant = len(c.sidoba.seen(SETMIN))
    c.sidoba.command("oublier-les-jetons")
    ensuite, _ = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.require(refused_token_is_renewed_once, *c.sidoba.seen(SETMIN)[avant:])
    c.observed(ensuite, "etat", equals="accepte", pour=SMF)


def test_structure_non_habilitee(c: Campaign) -> None:
    """La structure n'est pas habilitée (403) : l'utilisateur l'apprend."""
    _refus(c, "droits-refuses")


def test_client_refuse(c: Campaign) -> None:
    """Aucun jeton n'est donné (401) : l'utilisateur l'apprend."""
    usager = commencer(c)
    temoin, _ = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.sidoba.command("oublier-les-jetons")
    with c.sidoba.panne("client-refuse"):
        geste = c.do(EnvoyerSetMin(usager.id))
    c.require(user_is_told_that_nothing_was_taken, geste, *c.sidoba.seen(SETMIN))
    c.observed(temoin, "etat", equals="accepte", pour=SMF)


def test_service_en_erreur_de_passerelle(c: Campaign) -> None:
    """SIDOBA répond 502 : les essais sont peu nombreux, l'utilisateur l'apprend, et le renvoi ne double rien."""
    usager = commencer(c)
    with c.sidoba.panne("passerelle"):
        geste, _ = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    vus = c.sidoba.seen(SETMIN)
    c.require(user_is_told_that_nothing_was_taken, geste, *vus)
    c.advise(retries_are_bounded, *vus)
    ensuite, _ = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.require(objects_sent_again_keep_their_identifiers, *c.sidoba.seen(SETMIN))
    c.observed(ensuite, "etat", equals="accepte", pour=SMF)


def test_trop_de_demandes(c: Campaign) -> None:
    """SIDOBA demande d'attendre (429) : l'envoi n'est pas refait aussitôt, et l'utilisateur l'apprend."""
    usager = commencer(c)
    with c.sidoba.panne("trop-de-demandes"):
        geste, _ = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.require(asked_delay_is_respected, *c.sidoba.seen(SETMIN))
    c.require(user_is_told_that_nothing_was_taken, geste, *c.sidoba.seen(SETMIN))


def test_reponse_incomplete(c: Campaign) -> None:
    """La réponse ne rend pas compte de tout le lot : l'envoi n'est pas donné pour accepté."""
    usager = commencer(c)
    with c.sidoba.panne("accuse-partiel", times=1):
        geste, lot = envoyer(c, EnvoyerSsiad(usager.id), SSIAD, ("SSIAD-03",))
    c.require(incomplete_answer_is_seen, geste, lot, pour=("SSIAD-03",))


def _refus(c: Campaign, panne: str) -> None:
    usager = commencer(c)
    with c.sidoba.panne(panne):
        geste, _ = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.require(user_is_told_that_nothing_was_taken, geste, *c.sidoba.seen(SETMIN))
