"""The console: what it keeps of a campaign, who may see it, what it takes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.core.archive import Archive
from dui_conformance.core.journal import Event
from dui_conformance.drivers.manuel import Demande
from dui_conformance.reports.console.acces import Acces
from dui_conformance.reports.console.commande import PASSED
from dui_conformance.reports.console.echange import Lecteur
from dui_conformance.reports.console.fil import KEPT, SHOWN, Fil
from dui_conformance.reports.console.serveur import Refused
from samples.console import Desk, Site, feed
from samples.report import write_campaign

GESTE = Demande("geste", "Validez le document.", "imprimer_document", ("prescription",), ("document.pdf",), 60.0)
QUESTION = Demande("question", "Le statut est-il visible ?", delai=60.0)
PDF = b"%PDF-1.7 essai"


@pytest.fixture(scope="module")
def campagne(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_campaign(tmp_path_factory.mktemp("console") / "campagne")


def event(seq: int, type: str, scenario: str = "", **data: Any) -> Event:
    return Event(seq, type, {"logique": "2026-11-22T08:00:00+00:00"}, scenario, 1, data, "")


def test_the_page_says_what_the_journal_says(campagne: Path) -> None:
    page = feed(campagne).page()
    assert page["finie"]
    assert {line["etat"] for line in page["scenarios"]} >= {"conforme", "non conforme", "à venir"}
    assert page["nombre"] == len(Archive(campagne).exchange_ids)
    broken = [line for line in page["echanges"] if line["verdict"] == "non conforme"]
    assert broken
    assert all(line["constat"] for line in broken)


def test_a_restart_shows_the_same(campagne: Path) -> None:
    first, second = feed(campagne).page(), feed(campagne).page()
    assert first == second


def test_only_what_changed_is_said_again(campagne: Path) -> None:
    fil = feed(campagne)
    before = fil.version
    assert fil.page(before)["echanges"] == []
    assert not fil.wait(before, 0.01)
    fil.say("bonjour")
    assert fil.wait(before, 0.01)
    assert fil.page(before)["messages"] == ["bonjour"]


def test_ten_thousand_exchanges_are_given_by_screens_and_memory_is_bounded() -> None:
    fil = Fil("DUI", lambda blob: {})
    for rank in range(KEPT + 50):
        fil.feed(event(rank, "requete", echange=f"E{rank:06d}", service="dmp", genre="dmp.td2.1"))
    page = fil.page()
    assert page["nombre"] == KEPT + 50
    assert len(page["echanges"]) == SHOWN
    assert page["echanges"][-1]["id"] == f"E{KEPT + 49:06d}"
    older = fil.listed(before=page["echanges"][0]["id"])
    assert len(older["echanges"]) == SHOWN
    assert older["reste"]
    assert older["echanges"][-1]["id"] < page["echanges"][0]["id"]
    oldest = fil.listed(before=f"E{50 + 3:06d}")
    assert [line["id"] for line in oldest["echanges"]] == [f"E{rank:06d}" for rank in (50, 51, 52)]
    assert not oldest["reste"]


def test_the_lines_of_a_scenario_or_with_a_finding_are_given_apart() -> None:
    fil = Fil("DUI", lambda blob: {"constat": {"message": "rompu"}})
    fil.feed(event(0, "scenario.debut", "a.b", titre="x"))
    fil.feed(event(1, "requete", "a.b", echange="E000001", service="dmp", genre="dmp.td2.1"))
    fil.feed(event(2, "requete", echange="E000002", service="dmp", genre="dmp.td2.1"))
    fil.feed(event(3, "verdict", verdict="non conforme", sujets=["E000002"], detail="b"))
    assert [line["id"] for line in fil.listed(scenario="a.b")["echanges"]] == ["E000001"]
    assert [line["id"] for line in fil.listed(broken=True)["echanges"]] == ["E000002"]
    assert fil.page()["scenarios"][0]["echanges"] == 1


def test_only_the_scenarios_that_turned_are_said_again() -> None:
    fil = Fil("DUI", lambda blob: {})
    fil.feed(event(0, "plan", joues=[{"id": f"a.b{n}", "titre": "x"} for n in range(400)]))
    before = fil.version
    fil.feed(event(1, "scenario.debut", "a.b7", titre="x"))
    page = fil.page(before)
    assert [(line["id"], line["etat"], line["rang"]) for line in page["scenarios"]] == [("a.b7", "en cours", 7)]
    assert page["bilan"] == {"à venir": 399, "en cours": 1}


def test_what_is_awaited_is_said_until_it_comes_or_its_window_closes() -> None:
    fil = Fil("DUI", lambda blob: {})
    for end in ("attente", "fenetre"):
        fil.awaited("un dépôt", 60.0)
        assert (shown := fil.page()["attente"]) is not None
        assert (shown["quoi"], shown["delai"]) == ("un dépôt", 60.0)
        fil.feed(event(0, end))
        assert fil.page()["attente"] is None


def test_secrets_are_masked_wherever_a_text_is_shown() -> None:
    fil = Fil("DUI", lambda blob: {"constat": {"message": "jeton SECRET"}}, lambda text: text.replace("SECRET", "•••"))
    fil.feed(event(0, "requete", echange="E1", service="psc", genre="psc.jeton.code"))
    fil.feed(event(1, "verdict", verdict="non conforme", sujets=["E1"], detail="b"))
    fil.ask({"sorte": "question", "consigne": "Dites SECRET", "formulaire": {"formats": ["SECRET"]}})
    fil.say("SECRET")
    fil.awaited("SECRET")
    assert "SECRET" not in json.dumps(fil.page())


def test_an_exchange_is_shown_with_what_was_found_in_it(campagne: Path) -> None:
    archive = Archive(campagne)
    judged = next(e for e in archive.of_type("verdict") if e.data["verdict"] == "non conforme" and e.data["sujets"])
    name = next(s for s in judged.data["sujets"] if s.startswith("E"))
    page = Lecteur(campagne).page(name)
    assert page is not None
    assert judged.data["controle"] in page
    assert "<script" not in page
    assert Lecteur(campagne).page("E999999") is None


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_answer_goes_to_the_driver_with_its_file_under_the_name_asked(desk: Desk) -> None:
    from dui_conformance.core.gestures import Piece

    desk.tableau.ask(GESTE)
    desk.tableau.answer(desk.number(), "fait", "imprimé", {"prescription": "1"}, (Piece("mon fichier.pdf", PDF),))
    (answer,) = desk.heard
    assert (answer.mot, answer.message, dict(answer.observations)) == ("fait", "imprimé", {"prescription": "1"})
    assert [(piece.nom, piece.data) for piece in answer.pieces] == [("document.pdf", PDF)]
    assert desk.fil.demande is None


def test_a_late_or_unreasoned_answer_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="Rien n'est demandé"):
        desk.tableau.answer(1, "fait", "", {}, ())
    desk.tableau.ask(GESTE)
    with pytest.raises(Refused, match="raison"):
        desk.tableau.answer(desk.number(), "impossible", " ", {}, ())
    with pytest.raises(Refused, match="plus celle en cours"):
        desk.tableau.answer(desk.number() + 1, "fait", "", {}, ())
    assert desk.heard == []


def test_an_attestation_keeps_all_its_files(desk: Desk) -> None:
    from dui_conformance.core.gestures import Piece

    desk.tableau.ask(QUESTION)
    desk.tableau.answer(desk.number(), "oui", "vu", {}, (Piece("a.png", b"x"), Piece("b.png", b"y")))
    assert [piece.nom for piece in desk.heard[0].pieces] == ["a.png", "b.png"]


def test_a_scenario_that_the_tester_passes_asks_nothing_more(desk: Desk) -> None:
    with pytest.raises(Refused, match="Aucun scénario"):
        desk.tableau.order("passer", "")
    desk.fil.feed(event(0, "scenario.debut", "a.b", titre="x"))
    desk.tableau.ask(GESTE)
    desk.tableau.order("passer", "")
    desk.tableau.ask(GESTE)
    assert [(each.mot, each.message) for each in desk.heard] == [("passer", PASSED)] * 2
    desk.fil.feed(event(1, "scenario.fin", "a.b", verdict="non teste", raison=""))
    desk.fil.feed(event(2, "scenario.debut", "a.c", titre="y"))
    desk.tableau.ask(GESTE)
    assert len(desk.heard) == 2


def test_pause_holds_the_next_scenario_until_it_is_lifted_or_the_campaign_ends(desk: Desk) -> None:
    desk.tableau.order("pause", "")
    assert desk.fil.page()["en_pause"]
    desk.tableau.order("reprendre", "")
    desk.tableau.before("a.b")
    desk.tableau.order("pause", "")
    desk.tableau.release()
    desk.tableau.before("a.c")


def test_a_tester_by_hand_says_when_to_conclude(desk: Desk) -> None:
    assert desk.tableau.last() == []
    desk.tableau.holds = True
    desk.tableau.order("rejouer", "a.b")
    assert desk.tableau.last() == ["a.b"]
    desk.tableau.order("conclure", "")
    assert desk.tableau.last() == []
    assert not desk.fil.page()["tenue"]
    desk.fil.feed(event(0, "campagne.fin"))
    with pytest.raises(Refused, match="conclue"):
        desk.tableau.order("rejouer", "a.b")


def test_a_scenario_is_replayed_once_for_each_time_asked(desk: Desk) -> None:
    desk.tableau.order("rejouer", "a.b")
    desk.tableau.order("rejouer", "a.b")
    assert desk.tableau.to_replay() == ["a.b"]
    assert desk.tableau.to_replay() == []
    with pytest.raises(Refused, match="inconnue"):
        desk.tableau.order("danser", "")


@pytest.fixture
def site(campagne: Path) -> Iterator[Site]:
    made = Site(campagne)
    yield made
    made.server.close()


def test_the_console_listens_to_this_machine_only(site: Site) -> None:
    assert site.server.address == "127.0.0.1"
    assert site.server.url.startswith("http://127.0.0.1:")


def test_the_address_is_entered_once(site: Site) -> None:
    path = site.server.url.partition(str(site.acces.port))[2]
    status, _, headers = site.ask("GET", path)
    assert status == 303
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "SameSite=Strict" in headers["Set-Cookie"]
    assert site.ask("GET", path)[0] == 403
    assert site.server.url.partition(str(site.acces.port))[2] != path


@pytest.mark.parametrize("path", ["/", "/etat", "/flux", "/echange/E000001", "/rapport/rapport.json"])
def test_nothing_is_shown_to_a_stranger(site: Site, path: str) -> None:
    assert site.ask("GET", path)[0] == 403
    assert site.ask("GET", path, cookie="console=autre")[0] == 403


@pytest.mark.parametrize("host", ["exemple.test", "exemple.test:80", "127.0.0.1", ""])
def test_a_name_that_was_made_to_point_here_is_refused(site: Site, host: str) -> None:
    status, text, _ = site.ask("GET", "/etat", **{**site.ours, "host": host})
    assert status == 421
    assert "127.0.0.1" in text


@pytest.mark.parametrize("headers", [{}, {"origin": "http://exemple.test"}, {"cookie": "console=autre"}, {"origin": "null"}])
def test_an_order_of_another_site_is_refused(site: Site, headers: dict[str, str]) -> None:
    sent = {**site.ours, **headers} if headers else {"cookie": site.ours["cookie"]}
    assert site.ask("POST", "/commande", {"action": "pause"}, **sent)[0] == 403
    assert not site.desk.fil.page()["en_pause"]
    assert site.ask("POST", "/commande", {"action": "pause"}, **site.ours)[0] == 200
    assert site.desk.fil.page()["en_pause"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"action":1}', b'{"numero":"x"}'])
def test_a_malformed_order_is_refused_and_the_next_one_served(site: Site, body: bytes) -> None:
    for path in ("/commande", "/reponse"):
        assert site.ask("POST", path, body, **site.ours)[0] in (400, 409)
    assert site.ask("GET", "/etat", **site.ours)[0] == 200


def attached(numero: int, nom: str, data: bytes) -> dict[str, object]:
    pieces = [{"nom": nom, "contenu": base64.b64encode(data).decode()}]
    return {"numero": numero, "mot": "fait", "message": "", "observations": {}, "pieces": pieces}


@pytest.mark.parametrize(
    ("nom", "data", "words"),
    [
        ("virus.exe", b"MZ", "type de fichier"),
        ("document.pdf", b"MZ pas un pdf", "n'est pas celui"),
        ("image.png", PDF, "n'est pas celui"),
        ("notes.txt", b"a\0b", "n'est pas celui"),
        ("vide.pdf", b"", "non vide"),
    ],
)
def test_an_attached_file_is_what_its_name_says(site: Site, nom: str, data: bytes, words: str) -> None:
    site.desk.tableau.ask(GESTE)
    status, text, _ = site.ask("POST", "/reponse", attached(site.desk.number(), nom, data), **site.ours)
    assert status == 409
    assert words in text
    assert site.desk.heard == []
    assert site.ask("POST", "/reponse", attached(site.desk.number(), "../../a.pdf", PDF), **site.ours)[0] == 200
    assert [piece.nom for piece in site.desk.heard[0].pieces] == ["document.pdf"]


def test_what_is_too_large_is_refused_before_it_is_read(site: Site) -> None:
    status, text, _ = site.ask("POST", "/reponse", b"{}", **{**site.ours, "content-length": str(1 << 40)})
    assert status == 409
    assert "trop grand" in text


def test_a_page_runs_its_own_script_only_and_a_report_is_offered_by_name(site: Site, campagne: Path) -> None:
    _, text, headers = site.ask("GET", "/", **site.ours)
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "http" not in text.replace("http-equiv", "")
    assert site.ask("GET", "/rapport/journal.jsonl", **site.ours)[0] == 404
    assert site.ask("GET", "/rapport/../sel", **site.ours)[0] == 404


def test_a_session_outlives_the_harness(tmp_path: Path) -> None:
    path = tmp_path / "console.json"
    first = Acces.of(path)
    first.port = 12345
    first.keep(path)
    again = Acces.of(path)
    assert (again.session, again.port) == (first.session, 12345)
    path.write_text("{", encoding="utf-8")
    assert Acces.of(path).session != first.session
