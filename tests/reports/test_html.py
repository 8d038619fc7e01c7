"""rapport.html as its readers and its attackers see it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from pathlib import Path

import pytest
from dui_conformance.catalogue import load
from dui_conformance.core.clock import Clock
from dui_conformance.core.journal import Journal
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports import html
from dui_conformance.reports.build import REPORTS, build
from dui_conformance.reports.json_report import AVERTISSEMENT
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel, load_campaign
from dui_conformance.reports.typography import spaced
from lxml import etree
from samples.report import OPENING, PLAN


@pytest.fixture(scope="module")
def tree(page: str) -> etree._Element:
    return etree.HTML(page)


def text_of(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_id(tree: etree._Element, name: str) -> etree._Element:
    found = tree.xpath("//*[@id=$name]", name=name)
    assert len(found) == 1, f"{name} : {len(found)} fois"
    return found[0]


def test_same_journal_same_bytes(model: CampaignModel, masker: Masker, campagne: Path, page: str) -> None:
    again = load_campaign(campagne)
    assert html.write(again, Masker.of(again.archive)) == page


def test_every_identifier_is_unique_and_every_link_leads_somewhere(tree: etree._Element, campagne: Path) -> None:
    names = tree.xpath("//@id")
    assert len(names) == len(set(names))
    for href in tree.xpath("//@href"):
        if href.startswith("#"):
            assert href[1:] in names, href
        else:
            assert (campagne / href).is_file(), href


def test_each_exigence_of_the_catalogue_has_its_anchor(tree: etree._Element) -> None:
    names = set(tree.xpath("//@id"))
    assert {f"exigence-{name}" for name in load()} <= names


def test_each_scenario_verdict_and_exchange_has_its_anchor(tree: etree._Element, model: CampaignModel) -> None:
    names = set(tree.xpath("//@id"))
    assert {s.anchor for s in model.scenarios} <= names
    assert {j.anchor for s in model.scenarios for j in s.controles} <= names
    assert {f"echange-{name}" for name in model.archive.exchange_ids} <= names


def test_the_json_report_points_at_the_same_anchors(tree: etree._Element, campagne: Path) -> None:
    names = set(tree.xpath("//@id"))
    report = json.loads((campagne / "rapport.json").read_text(encoding="utf-8"))
    assert {c["ancre"] for s in report["scenarios"] for c in s["checks"]} <= names
    assert {p["ancre"] for e in report["exigences"] for p in e["preuves"]} <= names


def test_no_script_can_run(page: str, tree: etree._Element) -> None:
    assert not tree.xpath("//script | //iframe | //object | //embed | //form | //base | //link")
    assert not [a for a in tree.xpath("//@*") if a.attrname.startswith("on") or a.strip().lower().startswith("javascript:")]
    assert not tree.xpath("//@style | //@src")
    assert "<script" not in page.lower()


def test_policy_allows_only_the_page_s_own_style(tree: etree._Element) -> None:
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    style = tree.xpath("//style")[0].text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script" not in policy


def test_no_control_or_direction_character_is_left(page: str) -> None:
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_banner_is_at_both_ends(tree: etree._Element) -> None:
    banner = " ".join(spaced(AVERTISSEMENT).split())
    assert banner in text_of(tree.xpath("//header")[0])
    assert banner in text_of(tree.xpath("//footer")[0])


def test_each_broken_rule_says_expected_received_where_hint_and_source(tree: etree._Element, model: CampaignModel) -> None:
    broken = [j for s in model.scenarios for j in s.controles if j.constat is not None]
    assert broken
    for judged in broken:
        card = by_id(tree, judged.anchor)
        labels = [text_of(dt) for dt in card.iter("dt")]
        assert {"Attendu", "Reçu", "Où", "Piste", "Source", "Exigences", "Contrôle"} <= set(labels)
        assert "un rôle de la liste" in text_of(card)
        for name in judged.echanges:
            assert card.xpath(".//a[@href=$h]", h=f"#echange-{name}")


def marks(tree: etree._Element, exchange: str) -> list[tuple[str, str]]:
    """The marked lines of an exchange and the finding that each names."""
    card = by_id(tree, f"echange-{exchange}")
    return [(text_of(mark), text_of(mark.getnext())) for mark in card.iter("mark")]


def test_the_offending_node_is_marked(tree: etree._Element, model: CampaignModel) -> None:
    small, large = next(s for s in model.scenarios if s.id == "dmp_essai.depot_fautif").echanges
    shown = marks(tree, small)
    assert ('<Attribute Name="urn:role">', "◀ non conforme : dmp.vihf.role") in shown
    assert ('<id root="1.2.250.1.213.1.4.10" extension="FAUX"/>', "◀ non conforme : cda.id") in shown
    assert ('<Attribute Name="urn:role">', "◀ non conforme : dmp.vihf.role") in marks(tree, large)


def test_a_finding_leads_to_its_line_in_each_exchange(tree: etree._Element, model: CampaignModel) -> None:
    for judged in next(s for s in model.scenarios if s.id == "dmp_essai.depot_fautif").controles:
        (name,) = judged.echanges
        (place,) = by_id(tree, judged.anchor).xpath(".//dd/a[starts-with(., 'voir dans')]/@href")
        note = by_id(tree, place[1:])
        assert note.getprevious().tag == "mark"
        assert note.xpath("ancestor::details[@class='echange']/@id") == [f"echange-{name}"]


def test_an_offending_header_is_marked(tree: etree._Element, model: CampaignModel) -> None:
    (name,) = next(s for s in model.scenarios if s.id == "dmp_essai.conseil").echanges
    assert marks(tree, name) == [("Content-Type: text/xml", "◀ avertissement : dmp.conseil")]


def test_a_large_body_is_linked_and_only_its_marked_part_embedded(
    tree: etree._Element, model: CampaignModel, campagne: Path
) -> None:
    _, large = next(s for s in model.scenarios if s.id == "dmp_essai.depot_fautif").echanges
    card = by_id(tree, f"echange-{large}")
    assert all(len(text_of(pre)) < 64_000 for pre in card.iter("pre"))
    assert "extrait :" in text_of(card)
    link = card.xpath(".//p[contains(., 'Corps')]/a/@href")[0]
    assert hashlib.sha256((campagne / link).read_bytes()).hexdigest() in text_of(card)


def test_request_and_reply_are_side_by_side_with_the_tls_facts(tree: etree._Element, model: CampaignModel) -> None:
    name = next(s for s in model.scenarios if s.id == "psc_essai.jetons").echanges[0]
    card = by_id(tree, f"echange-{name}")
    titles = card.xpath(".//div[@class='cotes']/div[@class='cote']/p[@class='titre']")
    assert [text_of(title) for title in titles] == ["Requête", "Réponse"]
    assert "TLSv1.2" in text_of(card)
    assert "ECDHE-RSA-AES256-GCM-SHA384" in text_of(card)
    assert '"acr": "eidas1"' in text_of(card), "le contenu du jeton se lit, sans sa signature"


def test_in_process_exchange_says_that_tls_was_not_exercised(tree: etree._Element, model: CampaignModel) -> None:
    (name,) = next(s for s in model.scenarios if s.id == "dmp_essai.conseil").echanges
    assert "TLS : non exercé" in text_of(by_id(tree, f"echange-{name}")).replace("\u00a0", " ")


def test_a_failed_handshake_is_told(tree: etree._Element, model: CampaignModel) -> None:
    (name,) = next(s for s in model.scenarios if s.id == "dmp_essai.peu_observe").echanges
    told = text_of(by_id(tree, f"echange-{name}"))
    assert "échouée" in told
    assert "certificate_expired" in told
    assert "Certificat présenté par le service : expire" in told.replace("\u00a0", " ")


def test_the_same_body_is_shown_once(tree: etree._Element, model: CampaignModel) -> None:
    first, second = next(s for s in model.scenarios if s.id == "psc_essai.jetons").echanges
    assert f"Corps identique à celui de {first}" in text_of(by_id(tree, f"echange-{second}"))


def test_earlier_attempts_and_strays_are_shown(tree: etree._Element, page: str) -> None:
    assert "2 tentatives, la dernière compte" in page
    assert "tentative qui ne compte pas" in page
    strays = tree.xpath("//section[@aria-labelledby='hors-scenario']")[0]
    assert "données binaires" in text_of(strays)
    assert "Aucune réponse enregistrée" in text_of(strays)


def test_what_was_not_tested_is_listed_with_its_reason(tree: etree._Element) -> None:
    section = tree.xpath("//section[@aria-labelledby='non-teste']")[0]
    told = unescape(text_of(section)).replace("\u00a0", " ")
    assert "jamais réputée conforme" in told
    assert "service non simulé : MSSanté" in told
    assert "MSS-02" in told


def test_timeline_tells_gestures_faults_clock_and_windows(tree: etree._Element) -> None:
    told = " ".join(text_of(t) for t in tree.xpath("//table[@class='chrono']")).replace("\u00a0", " ").replace("\u202f", " ")
    assert "rédigez et validez un document « note-vaccination » (pas d'envoi au DMP : non)" in told
    assert "fait ; déclare document = 2.25.1, envoye = oui" in told
    assert "panne simulée « indisponible », 1 fois, sur dmp.td2.1" in told
    assert "avancée de 10 min 01 s" in told
    assert "fenêtre close après 2,00 s" in told
    assert "geste non offert par le pilote" in told


def test_every_verdict_has_words_beside_its_colour(tree: etree._Element) -> None:
    words = {v.libelle for v in Verdict}
    for badge in tree.xpath("//span[contains(concat(' ', @class, ' '), ' v ')]"):
        assert any(word in text_of(badge) for word in words)


def test_tables_have_headers_with_scope(tree: etree._Element) -> None:
    for table in tree.iter("table"):
        assert table.xpath(".//thead//th")
        assert all(th.get("scope") for th in table.iter("th"))


def test_headings_do_not_skip_a_level(tree: etree._Element) -> None:
    levels = [int(h.tag[1]) for h in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1


def test_titles_read_in_french_typography(page: str) -> None:
    assert "Un dépôt fautif\u00a0: est-il vu\u202f?" in page
    assert all(spaced(title) in unescape(page) for _, title, _ in PLAN)
    assert re.search(r"\d{2}/\d{2}/\d{4}\u00a0\d{2}:\d{2}:\d{2}\u00a0\+0[12]:00", page)


def test_an_unfinished_campaign_says_so(campagne: Path, tmp_path: Path) -> None:
    lines = (campagne / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "journal.jsonl").write_bytes(b"".join(lines[:-1]))
    (tmp_path / "blobs").symlink_to(campagne / "blobs")
    cut = load_campaign(tmp_path)
    assert "Campagne interrompue." in html.write(cut, Masker.of(cut.archive))
    assert "Campagne interrompue." not in (campagne / "rapport.html").read_text(encoding="utf-8")


def test_a_campaign_stopped_before_it_began_has_its_reports(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "arretee", Clock(), OPENING)
    journal.append("arret", raison="donnée réelle probable : octet 12")
    journal.close()
    written = build(tmp_path / "arretee")
    assert set(written) == set(REPORTS)
    told = unescape(written["rapport.html"].read_text(encoding="utf-8"))
    assert "Campagne arrêtée." in told
    assert "donnée réelle probable\u00a0: octet 12" in told
    assert "arrêtée avant son premier scénario" in told
