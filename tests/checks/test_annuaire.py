"""Rules on the use of the Annuaire Santé, over calls to the simulated one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dui_conformance.checks import annuaire as rules
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Check
from dui_conformance.core.errors import Inconclusive, NotTested
from dui_conformance.core.exchange import Body, Connection, Exchange, Request, Times
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.messagerie import RechercherCorrespondant
from dui_conformance.core.settings import Annuaire
from dui_conformance.mocks.annuaire import AnnuaireSante
from dui_conformance.validation.annuaire import AppelAnnuaire, Boite, call_of
from dui_conformance.validation.mail.envelope import Envelope
from samples.refus import refused

NOW = datetime(2026, 4, 1, tzinfo=UTC)
KEY = (("ESANTE-API-KEY", "cle-annuaire-temoin"),)
MULTI = "/fhir/v2/Practitioner?identifier=99700000002"
ROLES = "/fhir/v2/PractitionerRole?practitioner=persona-medecin-multi&_include=PractitionerRole:organization"
ONE, TWO = "paul.testeur-multi@pro.formation.mssante.fr", "paul.testeur-multi@pro-b.formation.mssante.fr"


def call(target: str = MULTI, *, headers: tuple[tuple[str, str], ...] = KEY, panne: str = "", after: float = 0) -> AppelAnnuaire:
    service = AnnuaireSante(Annuaire(quota=1e6))
    if panne:
        service.arm(panne, times=1)
    request = Request("GET", target, headers, Body(), Connection())
    when = NOW + timedelta(seconds=after)
    reply = service.handle("annuaire", request, when)
    times = Times(when, when, 0)
    kind = service.describe("annuaire", request).kind
    return call_of(Exchange("E1", "annuaire", kind, request, reply, Connection(), times, facts=reply.facts))


def search(*shown: str, etat: Etat = Etat.FAIT, message: str = "", alerte: str = "", **typed: str) -> Geste:
    observations: tuple[tuple[str, Any], ...] = (("adresses", list(shown)), ("alerte", alerte))
    return Geste("G1", RechercherCorrespondant(**typed), Resultat(etat, message, observations))


def test_key_belongs_to_the_header() -> None:
    assert rules.key_is_in_the_header(call())
    assert refused(rules.key_is_in_the_header, call(headers=())).received == "aucune clé"
    assert refused(rules.key_is_in_the_header, call(f"{MULTI}&api-key=cle-annuaire-temoin")).received == "clé dans l'adresse"


def test_parameters_are_those_of_the_api() -> None:
    assert rules.parameters_are_known(call()).note == "identifier"
    assert refused(rules.parameters_are_known, call("/fhir/v2/Practitioner?nom=X")).received == "nom"


def test_every_criterion_is_sent() -> None:
    geste = search(rpps="99700000002")
    assert rules.criterion_is_searched([call()], geste)
    assert "specialite" in refused(rules.criterion_is_searched, [call()], search(rpps="99700000002", specialite="SM26")).received
    with pytest.raises(Inconclusive):
        rules.criterion_is_searched([], geste)


def test_pages_are_followed() -> None:
    service = AnnuaireSante(Annuaire(quota=1e6))
    request = Request("GET", "/fhir/v2/Practitioner?family=MODELE-C", KEY, Body(), Connection())
    targets, calls = [request.target], []
    while targets:
        request = replace(request, target=targets.pop())
        reply = service.handle("annuaire", request, NOW)
        times = Times(NOW, NOW, 0)
        calls.append(call_of(Exchange("E1", "annuaire", "annuaire.recherche", request, reply, Connection(), times)))
        targets += [calls[-1].suivante.removeprefix("https://localhost")] if calls[-1].suivante else []
    if len(calls) > 1:
        assert rules.every_page_is_followed(calls)
        refused(rules.every_page_is_followed, calls[:1])
    with pytest.raises(Inconclusive):
        rules.every_page_is_followed([call()])


def test_quota_is_waited_for() -> None:
    denied = call(panne="quota")
    assert rules.quota_is_respected([denied, call(after=1.0)])
    assert rules.quota_is_respected([denied])
    assert refused(rules.quota_is_respected, [denied, call(after=0.1)]).received == "0.10 s"
    with pytest.raises(Inconclusive):
        rules.quota_is_respected([call()])


def test_every_address_is_proposed() -> None:
    calls = [call(), call(ROLES)]
    assert rules.every_address_is_proposed(search(ONE, TWO), calls)
    assert refused(rules.every_address_is_proposed, search(ONE), calls).received == ONE
    with pytest.raises(NotTested):
        rules.every_address_is_proposed(Geste("G1", RechercherCorrespondant(), Resultat(Etat.FAIT)), calls)


@pytest.mark.parametrize(
    ("rule", "boite"),
    [
        (rules.ordinary_mails_are_left_out, Boite("accueil@x.invalid", False, False, True)),
        (rules.red_list_is_left_out, Boite("direction@x.mssante.fr", True, True, True)),
        (rules.inactive_holders_are_left_out, Boite("ancien@x.mssante.fr", True, False, False)),
    ],
    ids=lambda value: value.id if isinstance(value, Check) else "",
)
def test_what_must_not_be_proposed(rule: Check, boite: Boite) -> None:
    seen = replace(call(), boites=(boite,))
    assert rule(search(), [seen])
    assert refused(rule, search(boite.adresse), [seen]).received == boite.adresse
    with pytest.raises(Inconclusive):
        rule(search(), [replace(call(), boites=(Boite(ONE, True, False, True),))])


def test_outage_is_told() -> None:
    down = call(panne="erreur-fhir")
    assert rules.outage_is_announced(search(alerte="Annuaire indisponible"), down)
    assert rules.outage_is_announced(search(etat=Etat.REFUSE, message="Annuaire indisponible"), down)
    assert refused(rules.outage_is_announced, search(message="Aucun résultat"), down).received == "« Aucun résultat »"
    with pytest.raises(Inconclusive):
        rules.outage_is_announced(search(), call())


def test_address_is_read_again_before_it_is_used() -> None:
    sent = Envelope.__new__(Envelope)
    for name in Envelope.__slots__:
        object.__setattr__(sent, name, ())
    recipient = type("R", (), {"address": ONE})()
    object.__setattr__(sent, "recipients", (recipient,))
    assert rules.address_is_checked_again(sent, [call(), call()])
    refused(rules.address_is_checked_again, sent, [call()])


def test_view_refuses_other_exchanges_and_bad_json() -> None:
    request = Request("GET", MULTI, KEY, Body(), Connection())
    times = Times(NOW, NOW, 0)
    with pytest.raises(Inconclusive):
        call_of(Exchange("E1", "dmp", "dmp.td2.1", request, None, Connection(), times))
    assert call(panne="corps-malforme").boites == ()
    assert call(panne="erreur-interne").statut == 500
