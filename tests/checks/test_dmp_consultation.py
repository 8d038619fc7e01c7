"""Rules of the consultation of the DMP: consent and order of the calls, demands that say what was asked, what is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from dui_conformance.checks import dmp_affichage as shown
from dui_conformance.checks import dmp_demandes as asked
from dui_conformance.checks import dmp_parcours as order
from dui_conformance.checks.registry import check_named
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Application, Check, apply
from dui_conformance.core.exchange import Body, Connection, Exchange, Request
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.gestures.consultation import (
    AccederEnUrgence,
    AfficherDocumentDmp,
    EnregistrerConsentement,
    GererDocumentDmp,
    IntegrerDocumentDmp,
    LireDocumentIntegre,
    ListerDocumentsDmp,
    OuvrirDossier,
)
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.dmp.parcours import Appel
from samples.dmp import (
    ITI18,
    ITI43,
    ITI57,
    START,
    STATUS,
    exchange,
    find_documents,
    retrieve_body,
    soap_request,
    status_body,
    vihf,
    visibility_body,
)

UUID = "urn:uuid:11111111-2222-4333-8444-555555555555"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"


def judge(check: Check, *subjects: Any) -> Application:
    return apply(check, subjects)


def geste(gesture: Gesture, etat: Etat = Etat.FAIT, message: str = "", *, after: float = 0, **observations: Any) -> Geste:
    return Geste("G01", gesture, Resultat(etat, message, tuple(observations.items())), START + timedelta(seconds=after))


def calls(*kinds: str, user: str = "8A", after: float = 10, **more: Any) -> list[Appel]:
    return [
        Appel(f"E{n}", f"dmp.{kind}", START + timedelta(seconds=after + n), user, "P", f"_{user}{n}", **more)
        for n, kind in enumerate(kinds)
    ]


def search(*extra: str, purpose: str = "normal", id: str = "E000001", results: int = 0) -> Exchange:
    """A TD3.1 with more slots (``Name=value``)."""
    slots = "".join(
        f'<Slot name="${name}"><ValueList><Value>{value}</Value></ValueList></Slot>'
        for name, _, value in (e.partition("=") for e in extra)
    )
    request = soap_request("/registry", ITI18, find_documents(extra=slots), vihf=vihf(purpose=purpose))
    return exchange(request, id=id, facts={"resultats": results})


def retrieval(statut: str = "Success") -> Exchange:
    return exchange(soap_request("/repository", ITI43, retrieve_body("1.2.3"), vihf=vihf()), facts={"statut": statut})


def change(body: str) -> Exchange:
    return exchange(soap_request("/registry", ITI57, body, vihf=vihf()))


def page() -> Exchange:
    return exchange(
        Request("GET", "/AccesDirect/Documents/279035121518989", (), Body(), Connection()), facts={"page": "Documents"}
    )


LISTER = ListerDocumentsDmp("u1")
FILTERED = ListerDocumentsDmp("u1", type="11488-4", depuis="2026-01-01", jusqu_a="2026-02-01", auteur="EXEMPLE", statut="archive")
ALL_FILTERS = (
    "XDSDocumentEntryTypeCode=('11488-4^^2.16.840.1.113883.6.1')",
    "XDSDocumentEntryCreationTimeFrom=20260101000000",
    "XDSDocumentEntryCreationTimeTo=20260201000000",
    "XDSDocumentEntryAuthorPerson=('%EXEMPLE%')",
)
AFFICHER, INTEGRER = AfficherDocumentDmp("u1", "1.2.3", "Titre"), IntegrerDocumentDmp("u1", "1.2.3", "Titre")
LIRE, OUVRIR = LireDocumentIntegre("u1", "1.2.3", "Titre"), OuvrirDossier("u1")
CONSENTIR, URGENCE = EnregistrerConsentement("u1"), AccederEnUrgence("u1", "Perte de connaissance")


def gerer(action: str) -> Geste:
    return geste(GererDocumentDmp("u1", "1.2.3", "Titre", action))


MASKED = visibility_body(UUID, "1.2.3", "N", "MASQUE_PS")
PLAIN = visibility_body(UUID, "1.2.3", "N")
HIDDEN = visibility_body(UUID, "1.2.3", "N", "INVISIBLE_PATIENT")

GREEN: list[tuple[Check, tuple[Any, ...]]] = [
    (order.consent_precedes_consultation, (geste(CONSENTIR), *calls("td0.2", "td0.3", "td3.1"))),
    (order.existence_is_tested_first, tuple(calls("td0.2", "td3.1", "td3.2"))),
    (order.existence_is_tested_first, tuple(calls("td0.4", "td3.1"))),
    (order.authorisation_precedes_consultation, tuple(calls("td0.2", "td0.3", "td3.1", statut="DMPOk"))),
    (order.each_call_has_its_token, tuple(calls("td0.2", "td3.1"))),
    (order.two_users_have_two_tokens, (*calls("td3.1"), *calls("td3.1", user="8B"))),
    (order.no_search_follows_a_deposit, tuple(calls("td0.2", "td2.1"))),
    (order.consultation_goes_through_the_api, (search(), page())),
    (asked.search_applies_the_filters, (geste(ListerDocumentsDmp("u1", type="11488-4")), search(*ALL_FILTERS))),
    (
        asked.search_applies_the_filters,
        (geste(ListerDocumentsDmp("u1", depuis="2026-01-01", auteur="exemple")), search(*ALL_FILTERS)),
    ),
    (asked.later_search_is_incremental, (search("XDSDocumentEntryCreationTimeFrom=20260401080000"), search(id="E2"))),
    (asked.emergency_is_declared, (search(purpose="bris_de_glace"),)),
    (asked.emergency_is_declared, (search(purpose="brisDeGlace"),)),
    (asked.ordinary_access_is_declared_normal, (search(),)),
    (asked.change_is_the_one_asked, (gerer("masquer"), change(MASKED))),
    (asked.change_is_the_one_asked, (gerer("demasquer"), change(PLAIN))),
    (asked.change_is_the_one_asked, (gerer("rendre_visible"), change(PLAIN))),
    (asked.change_is_the_one_asked, (gerer("archiver"), change(status_body(UUID, ARCHIVED)))),
    (shown.list_shows_what_came, (geste(LISTER, nombre=2), search(results=2))),
    (shown.list_shows_what_came, (geste(LISTER, nombre="2"), search(results=2))),
    (shown.list_names_the_document, (geste(LISTER, titres=["Un", "Lettre"]), "Lettre")),
    (shown.particular_document_is_flagged, (geste(LISTER, signales="Lettre : invisible"), "Lettre")),
    (shown.opening_an_invisible_document_warns, (geste(AFFICHER, avertissement="invisible à l'usager"),)),
    (shown.document_is_shown, (geste(AFFICHER, affiche=True), retrieval())),
    (shown.failed_opening_is_told, (geste(AFFICHER, Etat.REFUSE, "refusé par le DMP"),)),
    (shown.failed_search_is_told, (geste(LISTER, Etat.REFUSE, "le registre est occupé"),)),
    (shown.refused_change_is_told, (geste(LISTER, Etat.REFUSE, "droits insuffisants"),)),
    (shown.provenance_is_shown, (geste(LIRE, provenance="DMP (FICTIVE CLAIRE)"),)),
    (shown.documents_are_filed_by_type, (geste(INTEGRER, sous_dossier="A"), geste(INTEGRER, sous_dossier="B"))),
    (shown.status_is_shown, (geste(LIRE, statut="intégré"),)),
    (shown.change_is_told_at_opening, (geste(OUVRIR, signalements="nouvelle version disponible : Lettre"), "Lettre")),
    (shown.news_are_counted, (geste(OUVRIR, nouveaux="2"), 2)),
    (shown.reason_of_the_emergency_is_kept, (geste(URGENCE, motif="Perte de connaissance, 8 h"),)),
]


@pytest.mark.parametrize(("check", "subjects"), GREEN, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_holds(check: Check, subjects: tuple[Any, ...]) -> None:
    assert judge(check, *subjects).verdict is Verdict.CONFORME, judge(check, *subjects)


RED: list[tuple[Check, tuple[Any, ...], str]] = [
    (order.consent_precedes_consultation, (geste(CONSENTIR, after=60), *calls("td0.2", "td0.3")), "avant le recueil"),
    (order.existence_is_tested_first, tuple(calls("td3.1")), "sans test d'existence"),
    (order.authorisation_precedes_consultation, (*calls("td0.2", autorisation="EXPIRE"), *calls("td3.1", after=20)), "EXPIRE"),
    (order.each_call_has_its_token, (*calls("td0.2"), *calls("td3.1")), "réutilisé"),
    (order.two_users_have_two_tokens, (*calls("td3.1"), *calls("td3.1")), "même identifiant"),
    (order.no_search_follows_a_deposit, tuple(calls("td2.1", "td3.1")), "juste après un dépôt"),
    (order.consultation_goes_through_the_api, (page(),), "WebPS"),
    (asked.search_applies_the_filters, (geste(FILTERED), search()), "TypeCode"),
    (asked.search_applies_the_filters, (geste(FILTERED), search(*ALL_FILTERS[:1])), "CreationTimeFrom"),
    (asked.search_applies_the_filters, (geste(FILTERED), search(*ALL_FILTERS[:2])), "CreationTimeTo"),
    (asked.search_applies_the_filters, (geste(FILTERED), search(*ALL_FILTERS[:3])), "AuthorPerson"),
    (asked.search_applies_the_filters, (geste(FILTERED), search(*ALL_FILTERS)), "Status"),
    (asked.later_search_is_incremental, (search("XDSDocumentEntryCreationTimeFrom=20240401"), search(id="E2")), "redemande tout"),
    (asked.emergency_is_declared, (search(),), "non déclaré"),
    (asked.ordinary_access_is_declared_normal, (search(purpose="bris_de_glace"),), "urgence"),
    (asked.change_is_the_one_asked, (gerer("masquer"), change(PLAIN)), "masquer"),
    (asked.change_is_the_one_asked, (gerer("demasquer"), change(MASKED)), "demasquer"),
    (asked.change_is_the_one_asked, (gerer("rendre_visible"), change(HIDDEN)), "rendre_visible"),
    (asked.change_is_the_one_asked, (gerer("archiver"), change(status_body(UUID, STATUS + "Approved", ARCHIVED))), "archiver"),
    (asked.change_is_the_one_asked, (gerer("supprimer"), change(status_body(UUID, ARCHIVED))), "supprimer"),
    (shown.list_shows_what_came, (geste(LISTER, nombre=1), search(results=2)), "1 lignes"),
    (shown.list_names_the_document, (geste(LISTER, titres="Compte rendu"), "Lettre"), "absent de la liste"),
    (shown.particular_document_is_flagged, (geste(LISTER, signales=""), "Lettre"), "aucun signalement"),
    (shown.opening_an_invisible_document_warns, (geste(AFFICHER, avertissement=" "),), "sans avertissement"),
    (shown.document_is_shown, (geste(AFFICHER, Etat.REFUSE, "illisible"), retrieval()), "illisible"),
    (shown.failed_opening_is_told, (geste(AFFICHER, affiche=True),), "caché"),
    (shown.failed_opening_is_told, (geste(AFFICHER, Etat.REFUSE),), "caché"),
    (shown.failed_search_is_told, (geste(LISTER, nombre=0),), "caché"),
    (shown.refused_change_is_told, (geste(LISTER),), "caché"),
    (shown.provenance_is_shown, (geste(LIRE, provenance=""),), "sans provenance"),
    (shown.documents_are_filed_by_type, (geste(INTEGRER, sous_dossier="A"), geste(INTEGRER, sous_dossier="A")), "même endroit"),
    (shown.status_is_shown, (geste(LIRE, statut=""),), "sans statut"),
    (shown.change_is_told_at_opening, (geste(OUVRIR, signalements=""), "Lettre"), "passé sous silence"),
    (shown.news_are_counted, (geste(OUVRIR, nouveaux=3), 2), "inexact"),
    (shown.reason_of_the_emergency_is_kept, (geste(URGENCE, motif=""),), "non tracé"),
]


@pytest.mark.parametrize(("check", "subjects", "words"), RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_is_broken(check: Check, subjects: tuple[Any, ...], words: str) -> None:
    made = judge(check, *subjects)
    assert made.verdict is Verdict.NON_CONFORME, made
    assert made.finding is not None
    assert words in f"{made.finding.message} | {made.finding.received}"
    assert made.finding.expected
    assert made.finding.received
    assert made.finding.at
    assert made.finding.hint


UNDECIDED: list[tuple[Check, tuple[Any, ...], str]] = [
    (order.consent_precedes_consultation, (geste(CONSENTIR, Etat.REFUSE), *calls("td3.1")), "pas confirmé"),
    (order.consent_precedes_consultation, (geste(CONSENTIR), *calls("td0.2")), "aucun appel"),
    (order.existence_is_tested_first, tuple(calls("td0.2")), "aucune recherche"),
    (order.no_search_follows_a_deposit, tuple(calls("td3.1")), "aucun dépôt"),
    (asked.search_applies_the_filters, (geste(LISTER), search()), "sans filtre"),
    (shown.list_shows_what_came, (geste(LISTER), search(results=2)), "ne déclare pas"),
    (shown.list_shows_what_came, (geste(LISTER, nombre="deux"), search(results=2)), "pas un nombre"),
    (shown.document_is_shown, (geste(AFFICHER, affiche=True), retrieval("Failure")), "n'a pas rendu"),
    (shown.failed_opening_is_told, (Geste("G01", AFFICHER),), "non terminé"),
]


@pytest.mark.parametrize(("check", "subjects", "words"), UNDECIDED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_cannot_be_judged(check: Check, subjects: tuple[Any, ...], words: str) -> None:
    made = judge(check, *subjects)
    assert made.verdict is Verdict.NON_CONCLUANT
    assert words in made.reason


def test_rows_of_rules_judge_exchanges() -> None:
    """A check made of a row fails with all the problems of the row, on the exchange itself."""
    right = search("XDSDocumentEntryTypeCode=('11488-4^^2.16.840.1.113883.6.1')")
    wrong = search("XDSDocumentEntryTypeCode=('1','2')")
    check = check_named("dmp.td31.coded-values")
    assert judge(check, right).verdict is Verdict.CONFORME
    made = judge(check, wrong)
    assert made.verdict is Verdict.NON_CONFORME
    assert made.finding is not None
    assert len(made.finding.problems) == 2


def test_first_search_is_bounded_on_an_exchange() -> None:
    check = check_named("dmp.td31.first-search")
    assert judge(check, search("XDSDocumentEntryCreationTimeFrom=20250401000000")).verdict is Verdict.CONFORME
    assert judge(check, search()).verdict is Verdict.NON_CONFORME


def test_filters_are_said_in_the_instruction() -> None:
    assert "(filtres : aucun)" in LISTER.consigne()
    assert "type 11488-4, depuis le 2026-01-01, jusqu'au 2026-02-01, auteur EXEMPLE, statut archive" in FILTERED.consigne()
