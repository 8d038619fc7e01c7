"""Le proxy e-Santé de l'éditeur, quand il s'offre sous la forme de l'exemple de l'ANS : le banc y joue le DUI.

Its address is ``[edc] proxy`` of ``dui.toml``, or the one that the DUI declares when it calls the API.
"""

from __future__ import annotations

from ..checks.edc_echange import api_call_names_the_holder_of_the_token
from ..checks.edc_proxy_editeur import (
    call_is_relayed,
    call_without_session_is_refused,
    connection_opens_a_session,
    disconnection_ends_the_session,
    every_action_is_traced,
    second_connection_finds_the_session,
)
from ..core.campaign import Campaign
from ..core.exchange import Exchange
from ..core.gestures.connexion import AppelerApi
from ..core.matcher import kind
from ..core.people import Professionnel
from .edc_appels import API, ECHANGE, utilisateur

TOUT = kind("edc.proxy-editeur", label="appel du banc au proxy de l'éditeur")
INCONNU = "899700009999"


def test_session_du_proxy(c: Campaign) -> None:
    """Le proxy ouvre une session, la reconnaît, relaie un appel, refuse un appel sans session, puis ferme la session."""
    person = _proxy(c)
    ouverture = _ordre(c, "connecter", session="a", identifiant=person.id_nat)
    c.require(connection_opens_a_session, ouverture)
    reprise = _ordre(c, "connecter", session="a", identifiant=person.id_nat)
    c.require(second_connection_finds_the_session, ouverture, reprise)
    c.require(call_is_relayed, _ordre(c, "envoyer", session="a", identifiant=person.id_nat))
    c.require(call_without_session_is_refused, _ordre(c, "envoyer", session="", identifiant=person.id_nat))
    fin = _ordre(c, "deconnecter", session="a")
    c.require(disconnection_ends_the_session, fin, _ordre(c, "envoyer", session="a", identifiant=person.id_nat))


def test_echange_du_proxy(c: Campaign) -> None:
    """L'échange de jeton que fait le proxy pour un appel, et l'appel de l'API, suivent les règles de l'espace de confiance."""
    _proxy(c)
    person = c.professionnel("medecin-multi")
    avant = len(c.edc.seen(ECHANGE)), len(c.edc.seen(API))
    _ordre(c, "connecter", session="a", identifiant=person.id_nat)
    c.require(call_is_relayed, _ordre(c, "envoyer", session="a", identifiant=person.id_nat))
    for echange in c.edc.seen(ECHANGE, least=avant[0] + 1)[avant[0] :]:
        c.expect("EDC-ECHANGE", echange)
    for appel in c.edc.seen(API, least=avant[1] + 1)[avant[1] :]:
        c.expect("EDC-API", appel)


def test_deux_utilisateurs_du_proxy(c: Campaign) -> None:
    """Deux utilisateurs du proxy, en même temps : les appels de l'un ne partent jamais au nom de l'autre."""
    premier = _proxy(c)
    second = c.professionnel("medecin-multi")
    avant = len(c.edc.seen(API))
    people: dict[str, Professionnel] = {"a": premier, "b": second}
    for session, person in people.items():
        _ordre(c, "connecter", session=session, identifiant=person.id_nat)
    for session in ("a", "b", "a"):
        c.require(call_is_relayed, _ordre(c, "envoyer", session=session, identifiant=people[session].id_nat))
    for appel in c.edc.seen(API, least=avant + 3)[avant:]:
        c.require(api_call_names_the_holder_of_the_token, appel)


def test_traces_du_proxy(c: Campaign) -> None:
    """Le proxy trace connexion, reprise, échec, appel et déconnexion, avec les champs de chaque type."""
    person = _proxy(c)
    calls = [
        _ordre(c, "connecter", session="a", identifiant=person.id_nat),
        _ordre(c, "connecter", session="a", identifiant=person.id_nat),
        _ordre(c, "envoyer", session="a", identifiant=person.id_nat),
        _ordre(c, "connecter", session="c", identifiant=INCONNU),
        _ordre(c, "deconnecter", session="a"),
    ]
    traces = _ordre(c, "traces")
    c.require(every_action_is_traced, traces, *calls)
    c.expect("EDC-PROXY-EDITEUR-TRACES", traces)


def _proxy(c: Campaign) -> Professionnel:
    """Give the address of the proxy to the client of the harness; *non teste* when there is none."""
    person = utilisateur(c)
    adresse = c.settings.edc.proxy
    if not adresse:
        adresse = str(c.do(AppelerApi()).observation("adresse_proxy") or "")
    if not adresse:
        c.skip("aucun proxy e-Santé sous la forme de l'exemple de l'ANS ([edc] proxy de dui.toml)")
    c.proxy_editeur.command("adresse", url=adresse)
    return person


def _ordre(c: Campaign, nom: str, **arguments: str) -> Exchange:
    """One call of the harness to the proxy."""
    c.proxy_editeur.command(nom, **arguments)
    return c.proxy_editeur.seen(TOUT)[-1]
