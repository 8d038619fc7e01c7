"""The sequence diagram of a scenario: who calls whom, what is at fault, and its bounds."""

from __future__ import annotations

import pytest
from dui_conformance.core.journal import Event
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.diagramme import BEGINNING, LIMIT, Diagram, Etat, diagram
from dui_conformance.reports.model import CampaignModel, ScenarioResult
from lxml import etree


def of(model: CampaignModel, name: str) -> Diagram:
    drawn = diagram(next(s for s in model.scenarios if s.id == name))
    assert drawn is not None
    return drawn


def test_gesture_and_exchange_are_arrows_in_order(model: CampaignModel) -> None:
    drawn = of(model, "dmp_essai.depot_conforme")
    assert [lane.nom for lane in drawn.lanes] == ["Pilote", "DUI", "DMP"]
    assert [(r.start, r.end, r.text, r.reply) for r in drawn.rows] == [
        ("Pilote", "DUI", "G01 valider document", ""),
        ("DUI", "Pilote", "G01 : fait", ""),
        ("DUI", "DMP", "E000002 dmp.td2.1", "HTTP 200"),
    ]
    assert [r.y for r in drawn.rows] == sorted({r.y for r in drawn.rows})
    assert {r.etat for r in drawn.rows} == {Etat.NORMAL}


def test_faulty_exchange_is_marked_and_told(model: CampaignModel) -> None:
    drawn = of(model, "dmp_essai.depot_fautif")
    faulty = [r for r in drawn.rows if r.etat is Etat.FAUX]
    assert [(r.text, r.sign) for r in faulty] == [("E000003 dmp.td2.1", "✘"), ("E000004 dmp.td2.1", "✘")]
    assert "À regarder : E000003 (non conforme), E000004 (non conforme)." in drawn.told
    assert [r.text for r in drawn.rows if r.start == r.end] == ["panne : indisponible", "fin de panne : indisponible"]
    assert faulty[1].lost, "aucune réponse n'est partie"


def test_warning_is_marked_otherwise(model: CampaignModel) -> None:
    (row,) = [r for r in of(model, "dmp_essai.conseil").rows if r.href]
    assert (row.etat, row.sign) == (Etat.DOUTE, "▲")


def test_failed_handshake_and_unmet_wait_are_drawn(model: CampaignModel) -> None:
    rows = of(model, "dmp_essai.peu_observe").rows
    assert [(r.lost, r.text) for r in rows][:2] == [(True, "E000006 connexion sans requête"), (False, "rien reçu dans le délai")]
    assert rows[1].etat is Etat.FAUX


def test_nothing_played_draws_nothing(model: CampaignModel) -> None:
    assert diagram(next(s for s in model.scenarios if s.id == "psc_essai.jamais_commence")) is None


def long(model: CampaignModel, count: int, faulty: int) -> ScenarioResult:
    """A scenario of so many faults armed, one wait that was not met among them."""
    made = []
    for seq in range(count):
        data = {"service": "dmp", "nom": f"panne-{seq}", "armee": True}
        kind = "panne"
        if seq == faulty:
            kind, data = "attente", {"service": "dmp", "echange": ""}
        made.append(Event(seq, kind, {}, "a.b", 1, data, ""))
    return ScenarioResult("a.b", "Long", Verdict.CONFORME, "", 1, (), (), tuple(made))


@pytest.mark.parametrize(("count", "faulty"), [(LIMIT, 3), (LIMIT + 1, 30), (5000, 4000)])
def test_large_scenario_is_cut_but_its_fault_is_kept(model: CampaignModel, count: int, faulty: int) -> None:
    drawn = diagram(long(model, count, faulty))
    assert drawn is not None
    assert any(r.etat is Etat.FAUX for r in drawn.rows)
    if count <= LIMIT:
        assert (drawn.cut, len(drawn.rows)) == (0, count)
        return
    assert drawn.cut == count - BEGINNING - 1
    assert len(drawn.rows) <= LIMIT + 2
    assert [r.text for r in drawn.rows if r.across]


def test_page_holds_one_accessible_drawing_a_scenario_played(page: str, model: CampaignModel) -> None:
    drawings = etree.HTML(page).xpath("//*[local-name()='svg']")
    assert len(drawings) == sum(diagram(s) is not None for s in model.scenarios) > 5
    names = set(etree.HTML(page).xpath("//@id"))
    for drawing in drawings:
        assert drawing.get("role") == "group"
        assert set(drawing.get("aria-labelledby", "").split()) <= names
        assert drawing.xpath("*[local-name()='title']/text()")
        assert drawing.xpath("*[local-name()='desc']/text()")
        assert all(link.get("aria-label") for link in drawing.xpath(".//*[local-name()='a']"))
