"""Rules on the identities of the DUI: history, homonyms, locks, attributes, third parties, search, on both sides of each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dui_conformance.checks.registry import all_checks
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Application, apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.gestures.identite import ModifierIdentite, RechercherDossier
from dui_conformance.core.people import Usager
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.people import usager as fictional
from samples import insi

QUALIFIED = {"statut": "qualifiee", "matricule": "2600555039012", "oid": insi.OID, "nom_naissance": "FICTIF-BALO"}
PAST = "1600555039012"


def judged(check: str, *subjects: Any) -> Verdict:
    made: Application = apply(all_checks()[check], subjects, context=[insi.SETTINGS])
    if made.finding is not None:
        assert made.finding.expected
        assert made.finding.received
        assert made.finding.at
        assert made.finding.hint
    return made.verdict


def found(order: str = "", **arguments: Any) -> Exchange:
    """A search answered 00, after an order to the service."""
    service = insi.service()
    if order:
        service.command(order, {"usager": "u1", **arguments})
    asked = insi.request(insi.envelope(insi.traits(LieuNaissance="")))
    return insi.exchange(insi.envelope(insi.traits(LieuNaissance="")), service.handle("insi", asked, insi.NOW))


def asked(gesture: Gesture, etat: Etat = Etat.FAIT, **observations: Any) -> Geste:
    return Geste("G01", gesture, Resultat(etat, "", tuple(observations.items())), insi.NOW)


def test_first_name_that_does_not_open_the_list() -> None:
    other = found("prenoms-qualifies", prenoms=["LISE", "ANNE"])
    rule = "insi.first-name-alert"
    assert judged(rule, other, insi.USAGER, insi.geste({"alerte": "à vérifier"})) is Verdict.CONFORME
    assert judged(rule, other, insi.USAGER, insi.geste({"alerte": ""})) is Verdict.NON_CONFORME
    assert judged(rule, other, insi.USAGER, insi.geste({})) is Verdict.NON_CONCLUANT
    assert judged(rule, found(), insi.USAGER, insi.geste({"alerte": ""})) is Verdict.NON_CONCLUANT


def test_past_matricules_are_kept() -> None:
    answer = found("historique")
    rule = "insi.history-kept"
    assert judged(rule, answer, insi.geste({**QUALIFIED, "historique": [PAST]})) is Verdict.CONFORME
    assert judged(rule, answer, insi.geste({**QUALIFIED, "historique": []})) is Verdict.NON_CONFORME
    assert judged(rule, answer, insi.geste(QUALIFIED)) is Verdict.NON_CONCLUANT
    assert judged(rule, found(), insi.geste(QUALIFIED)) is Verdict.NON_CONCLUANT


def test_homonyms_are_kept_apart() -> None:
    one, two = insi.USAGER, replace(insi.USAGER, id="u2", matricule_insi="2600555050013")
    mine, his = insi.geste(QUALIFIED), insi.geste({**QUALIFIED, "matricule": two.matricule_insi})
    rule = "ins.homonyms-apart"
    assert judged(rule, mine, his, one, two) is Verdict.CONFORME
    assert judged(rule, his, mine, one, two) is Verdict.NON_CONFORME
    assert judged(rule, mine, one) is Verdict.NON_CONCLUANT


CHANGE = ModifierIdentite("u1", "nom_naissance", "AUTRE")


@pytest.mark.parametrize(
    ("etat", "shown", "expected"),
    [
        (Etat.REFUSE, QUALIFIED, Verdict.CONFORME),
        (Etat.FAIT, {"statut": "validee", "matricule": ""}, Verdict.CONFORME),
        (Etat.FAIT, QUALIFIED, Verdict.CONFORME),
        (Etat.FAIT, {**QUALIFIED, "nom_naissance": "AUTRE"}, Verdict.NON_CONFORME),
        (Etat.FAIT, {"statut": "qualifiee", "matricule": "2600555039012"}, Verdict.NON_CONCLUANT),
    ],
)
def test_strict_traits_are_locked(etat: Etat, shown: dict[str, str], expected: Verdict) -> None:
    assert judged("ins.strict-traits-locked", asked(CHANGE, etat), insi.geste(shown)) is expected


def test_used_name_stays_editable() -> None:
    change = ModifierIdentite("u1", "nom_utilise", "USAGE")
    assert judged("ins.used-name-editable", asked(change)) is Verdict.CONFORME
    assert judged("ins.used-name-editable", asked(change, Etat.REFUSE)) is Verdict.NON_CONFORME


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (["fictive"], Verdict.CONFORME),
        (["douteuse", "homonyme"], Verdict.CONFORME),
        (["fictive", "homonyme"], Verdict.NON_CONFORME),
        (None, Verdict.NON_CONCLUANT),
    ],
)
def test_attributes_combine(attributes: list[str] | None, expected: Verdict) -> None:
    assert judged("ins.attributes-combine", insi.geste({"attributs": attributes} if attributes else {})) is expected


def test_former_record_is_found() -> None:
    search = RechercherDossier(date_naissance="1960-05-15", nom_debut="fic")
    assert judged("ins.record-found", asked(search, dossiers=["u1", "u9"]), insi.USAGER) is Verdict.CONFORME
    assert judged("ins.record-found", asked(search, dossiers=[]), insi.USAGER) is Verdict.NON_CONFORME
    assert judged("ins.record-found", asked(search), insi.USAGER) is Verdict.NON_CONCLUANT


DENIED = insi.exchange(insi.envelope(insi.verification(cle="00"), action=insi.VERIFY))
AGREED = insi.exchange(insi.envelope(insi.verification(), action=insi.VERIFY))


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("ins.third-party-ko-not-stored", {"statut": "provisoire", "matricule": ""}, {"statut": "recuperee", "matricule": "26"}),
        ("ins.third-party-ko-alerts", {"alerte": "INS refusée"}, {"alerte": ""}),
        ("ins.third-party-ko-not-integrated", {"integree": False}, {"integree": True}),
    ],
)
def test_denied_identity_of_a_third_party(rule: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert judged(rule, DENIED, insi.geste(good)) is Verdict.CONFORME
    assert judged(rule, DENIED, insi.geste(bad)) is Verdict.NON_CONFORME
    assert judged(rule, DENIED, insi.geste({})) is Verdict.NON_CONCLUANT
    assert judged(rule, AGREED, insi.geste(bad)) is Verdict.NON_CONCLUANT


def test_existing_identity_is_left_alone() -> None:
    rule, before = "ins.third-party-ko-leaves-existing", insi.geste({"statut": "validee", "matricule": ""})
    assert judged(rule, DENIED, before, before) is Verdict.CONFORME
    assert judged(rule, DENIED, before, insi.geste(QUALIFIED)) is Verdict.NON_CONFORME


def test_qualification_stays_local() -> None:
    rule = "ins.third-party-not-qualified"
    assert judged(rule, insi.geste({"statut": "recuperee"})) is Verdict.CONFORME
    assert judged(rule, insi.geste({"statut": "qualifiee"})) is Verdict.NON_CONFORME
    assert judged(rule, insi.geste({})) is Verdict.NON_CONCLUANT


def test_received_identity_joins_its_record() -> None:
    rule = "ins.third-party-matched"
    assert judged(rule, insi.geste({"dossier": "u1"}), insi.USAGER) is Verdict.CONFORME
    assert judged(rule, insi.geste({"dossier": "u1-recu"}), insi.USAGER) is Verdict.NON_CONFORME
    assert judged(rule, insi.geste({}), insi.USAGER) is Verdict.NON_CONCLUANT


SIGNS = replace(fictional("diacritiques", "x"), nom_naissance="ESSAI-ŒUVRÉ", prenoms=("ÉLOÏSE", "ANNE"))


@pytest.mark.parametrize(
    ("person", "changes", "expected"),
    [
        (SIGNS, {"NomNaissance": "ESSAI-OEUVRE", "Prenom": "ELOISE"}, Verdict.CONFORME),
        (SIGNS, {"NomNaissance": "ESSAI-OUVRE", "Prenom": "ELOISE"}, Verdict.NON_CONFORME),
        (SIGNS, {"NomNaissance": "ESSAI-OEUVRE", "Prenom": "LOSE"}, Verdict.NON_CONFORME),
        (SIGNS, {"NomNaissance": "ESSAI-OEUVRE", "Prenom": "ELOISE+ANE"}, Verdict.NON_CONFORME),
        (insi.USAGER, {}, Verdict.NON_CONCLUANT),
    ],
)
def test_signs_are_transliterated(person: Usager, changes: dict[str, str], expected: Verdict) -> None:
    assert judged("insi.transliteration", insi.exchange(insi.envelope(insi.traits(**changes))), person) is expected


PLACES = {
    **dict.fromkeys(("55039", "2A004", "99139", "99999", "97411", "98818", "91352", ""), True),
    **dict.fromkeys(("20004", "96001", "00123", "97901", "98301", "99612", "99912"), False),
}


@pytest.mark.parametrize(("lieu", "good"), PLACES.items())
def test_birth_place_may_exist(lieu: str, good: bool) -> None:
    expected = Verdict.CONFORME if good else Verdict.NON_CONFORME
    assert judged("insi.birth-place-plausible", insi.exchange(insi.envelope(insi.traits(LieuNaissance=lieu)))) is expected


def test_card_agrees_with_the_coverage() -> None:
    whole = insi.envelope(insi.card(), action=insi.CARD)
    assert judged("insi.vitale-coherent", insi.exchange(whole)) is Verdict.CONFORME
    for old, new in (("<b:Rang>1", "<b:Rang>2"), ("<b:DateNai>1960", "<b:DateNai>1961")):
        assert judged("insi.vitale-coherent", insi.exchange(whole.replace(old, new))) is Verdict.NON_CONFORME
    assert judged("insi.vitale-coherent", insi.exchange(insi.envelope(insi.traits()))) is Verdict.NON_CONCLUANT


def test_verification_is_of_the_identity() -> None:
    rule = "insi.verification-of-the-identity"
    assert judged(rule, AGREED, insi.USAGER) is Verdict.CONFORME
    assert judged(rule, AGREED, replace(insi.USAGER, prenoms=("LISE",))) is Verdict.NON_CONFORME
    assert judged(rule, found(), insi.USAGER) is Verdict.NON_CONCLUANT


def test_ambiguous_search_is_refined() -> None:
    several = replace(insi.USAGER, insi="plusieurs")
    refined = insi.exchange(insi.envelope(insi.traits(Prenom="ANNE+LISE"), number=3), id="E3", usager=several)
    given_up = insi.searches("ANNE", "ANNE+LISE", usager=several)
    assert judged("insi.refined-after-02", *given_up) is Verdict.NON_CONFORME
    assert judged("insi.refined-after-02", *given_up, refined) is Verdict.CONFORME
    assert judged("insi.refined-after-02", found()) is Verdict.NON_CONCLUANT


TOLERATED = {
    "specialite-autre-nom": ("secteurActivite", "codeSpecialite"),
    "facturation-siret": (insi.SETTINGS.structure.finess_eg, "31234567890123"),
    "emetteur-11-chiffres": (f"<b:Emetteur>{insi.PS}", f"<b:Emetteur>{insi.PS[1:]}"),
    "nature-absente": (' Nature="CTXBAM"', ""),
    "nom-lps-libre": ("urn:lps:DUITEMOIN:1.0.0", "DUI TEMOIN"),
}


@pytest.mark.parametrize("name", TOLERATED)
def test_tolerated_spelling_is_said_and_served(name: str) -> None:
    old, new = TOLERATED[name]
    message = insi.envelope(insi.traits(), security=insi.assertion("PSC"), emetteur=insi.PS)
    assert judged("insi.tolerated-spellings", insi.exchange(message, certificate=None)) is Verdict.CONFORME
    exchange = insi.exchange(message.replace(old, new), certificate=None)
    assert exchange.facts["tolerances"] == [name]
    assert exchange.facts["cr"] == "00"
    assert judged("insi.tolerated-spellings", exchange) is Verdict.NON_CONFORME


def test_call_without_http_action_or_with_a_type_of_matricule_is_served() -> None:
    request = insi.request(
        insi.envelope(insi.card().replace("</Cle>", "</Cle><TypeMatricule>NIR</TypeMatricule>"), action=insi.CARD)
    )
    bare = replace(request, headers=(("Content-Type", "application/soap+xml"),))
    reply = insi.service().handle("insi", bare, insi.NOW)
    assert reply.facts["tolerances"] == ["action-http-absente", "type-matricule"]
    assert reply.facts["cr"] == "00"
