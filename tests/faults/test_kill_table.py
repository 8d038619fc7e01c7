"""The proof that the harness sees: each named fault is killed by its intended check, first, at a place of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import pytest
from dui_conformance.catalogue import known_ids
from dui_conformance.checks.registry import all_checks
from dui_conformance.cli.couverture import scenario_uses
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.settings import SECTEURS, Delais
from dui_conformance.core.verdict import Severity, Verdict
from dui_conformance.mocks.dui import exemples
from dui_conformance.mocks.dui.dui import InertDui
from dui_conformance.mocks.dui.faults import FAULTS
from faults.board import Board, committed, without_fault

EFFETS = {
    *(v.value for v in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT, Verdict.NON_CONCLUANT, Verdict.NON_TESTE)),
    Severity.INFORMATION.value,
}
NEVER_FIRST = {
    "cda.coherence.anchors-unique": "cda.structure.schema",
    "ins.papier.text-says-the-datamatrix": "ins.papier.nom",
}
"""Checks that another, of another theme, always precedes where they fire: the schema knows that an ID is unique; what is
printed is compared with the usager before it is compared with the datamatrix."""
OF_PACKAGES = {
    "fhir.decoupage.tranche": "aucun profil fourni ne ferme ni n'ordonne un découpage",
    "fhir.invariant.evaluable": "tous les invariants des profils fournis s'évaluent",
    "fhir.reference.resolue-conseil": "propre aux lots document et message, qu'aucun service simulé ne reçoit",
}
"""Rules that only a package of the user, or a file, can break: ``tests/validation/fhir`` breaks them. Reasons."""
DOCUMENTED = (
    *("CDA-01", "CDA-02", "CDA-03", "CDA-07", "DLU-01", "DLU-02", "DLU-03", "DLU-04", "INS-03", "INS-13", "INS-18", "INS-20"),
    *("LL-01", "LL-02", "ON-03", "ON-04", "ON-05", "TROD-01", "VAC-01", "VAC-03"),
)
"""What the programme asks of documents, other than the DMP."""


@pytest.fixture(scope="module")
def board() -> Iterator[Board]:
    with Board() as opened:
        yield opened


class Places:
    """Where each fault of this worker was killed."""

    seen: ClassVar[dict[tuple[str, str, str, str], str]] = {}


def test_without_fault_every_scenario_is_conforme(board: Board) -> None:
    red = {o.scenario: (o.verdict, o.reason) for o in board.baseline.values() if o.verdict is not Verdict.CONFORME}
    forms = {name for name, use in scenario_uses().items() if all(c.formulaire is not None for c in use.found.citations)}
    assert {name: why for name, why in red.items() if name not in forms} == {}
    assert {verdict for name, (verdict, _) in red.items() if name in forms} <= {Verdict.A_EXAMINER, Verdict.NON_TESTE}


def by_check() -> list[object]:
    """Fault names; those of one check go to one worker, which sees whether two of them are killed at the same place."""
    return [pytest.param(nom, marks=pytest.mark.xdist_group(FAULTS[nom].check)) for nom in sorted(FAULTS)]


@pytest.mark.parametrize("nom", by_check())
def test_fault_is_killed_by_its_intended_check(board: Board, nom: str) -> None:
    fault = FAULTS[nom]
    kill = board.kill(fault)
    assert kill.first is not None, f"{nom} : rien ne le voit (contrôle prévu : {fault.check}) ; {kill.scenario}, {kill.ended}"
    assert kill.killed(fault), (fault.check, fault.effet, kill.first.finding, kill.ended)
    assert set(kill.others) <= set(committed().get(nom, [])), (
        "d'autres contrôles quittent conforme : les inscrire dans entraine.toml"
    )
    twin = Places.seen.setdefault(kill.place, nom)
    assert twin == nom, f"{nom} et {twin} sont tués par le même contrôle au même endroit"


def test_no_python_check_is_left_without_a_fault() -> None:
    python = [c.id for c in all_checks().values() if c.group is None and c.id not in NEVER_FIRST and c.id not in OF_PACKAGES]
    assert without_fault(python) == []


@pytest.mark.parametrize("check", sorted(NEVER_FIRST))
def test_a_check_that_is_never_first_fires_all_the_same(check: str) -> None:
    table = committed()
    assert [f for f in FAULTS.values() if f.check == NEVER_FIRST[check] and check in table[f.nom]]


@pytest.mark.parametrize("exigence", DOCUMENTED)
def test_what_is_asked_of_documents_has_a_fault_and_a_scenario(exigence: str) -> None:
    assert [f for f in FAULTS.values() if exigence in f.exigences]
    assert [s for s in all_scenarios().values() if exigence in s.exigences]


def test_the_committed_table_names_existing_faults_only() -> None:
    assert set(committed()) <= set(FAULTS)


@pytest.mark.parametrize("nom", sorted(FAULTS))
def test_fault_is_described(nom: str) -> None:
    fault = FAULTS[nom]
    assert fault.description
    assert fault.effet in EFFETS
    assert fault.exigences
    assert set(fault.exigences) <= known_ids()
    assert set(fault.secteurs) <= set(SECTEURS)


def test_faults_are_shared_out_as_promised() -> None:
    """At least 100 faults of calls: OIDC 12, TLS 8, VIHF 15, SOAP and MTOM 8, XDS 15, CDA header 14, vaccination 8, INS 10,
    time 10. At least 120 of documents of every type: header 20, sections 20, entries 25, values 15, references 10,
    identity 15, dates 10, PDF 15, level 1 10. Reception 5, drug base 4, paper 10. Pro Santé Connect in full: requests 12,
    answers 16, tokens 12, CIBA 8, token exchange 8, accounts and logout 4. ViaTrajectoire: requests and
    polling 15, events 20, consent and evaluation 8, treatment of statuses 12, access 10.
    """
    themes = Counter(f.theme for f in FAULTS.values())
    promised = {
        "oidc": 12,
        "tls": 8,
        "vihf": 15,
        "soap": 8,
        "xds": 15,
        "cda-entete": 14,
        "vaccination": 8,
        "ins": 10,
        "temps": 10,
        "documents-entete": 20,
        "documents-sections": 20,
        "documents-entrees": 25,
        "documents-valeurs": 15,
        "documents-references": 10,
        "documents-identite": 15,
        "documents-dates": 10,
        "documents-pdf": 15,
        "documents-niveau-1": 10,
        "reception": 5,
        "base-medicaments": 4,
        "papier": 10,
        "oidc-demande": 12,
        "oidc-reponse": 16,
        "oidc-jetons": 12,
        "ciba": 8,
        "edc": 8,
        "oidc-comptes": 4,
        "vihf-roles": 15,
        "xds-remplacement": 20,
        "alimentation": 10,
        "tolerances": 15,
        "sdo-releve": 15,
        "sdo-evenement": 20,
        "sdo-consentement": 8,
        "sdo-statuts": 12,
        "sdo-acces": 10,
    }
    assert {theme: (themes[theme], least) for theme, least in promised.items() if themes[theme] < least} == {}
    of_documents = {theme: count for theme, count in themes.items() if theme.startswith("documents-")}
    assert sum(of_documents.values()) >= 120
    assert sum(themes.values()) - sum(of_documents.values()) >= 100


def test_every_type_of_document_has_faults() -> None:
    count = Counter(f.document for f in FAULTS.values())
    assert {each: count[each] for each in exemples.types() if count[each] < 3} == {}


def by_document() -> list[str]:
    """The faults of documents: ``exemple TYPE --defaut NOM`` writes each."""
    return sorted(nom for nom, fault in FAULTS.items() if fault.document)


@pytest.mark.parametrize("nom", by_document())
def test_the_fault_of_a_document_is_written_by_exemple(nom: str) -> None:
    assert nom in exemples.defauts_de(FAULTS[nom].document)


def test_an_idle_dui_passes_nothing(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sends nothing, so that there is nothing to wait for."""
    short = Delais(geste=5.0, echange=0.05, alimentation=0.05, absence=0.02)
    monkeypatch.setattr(board.house.campaign, "settings", replace(board.house.campaign.settings, delais=short))
    for scenario in board.scenarios.values():
        outcome = board.play_with(InertDui(board.house.endpoints), scenario)
        assert outcome.verdict not in (Verdict.CONFORME, Verdict.AVERTISSEMENT, Verdict.SANS_OBJET), outcome.scenario
