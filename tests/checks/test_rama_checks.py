"""Rules on the RAMA, as a file and as a deposit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dui_conformance.checks import rama as rules
from dui_conformance.checks import rama_suite as suite
from dui_conformance.core.campaign import Geste
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Piece
from dui_conformance.core.gestures.sidoba import CorrigerEnvoi
from dui_conformance.core.providers import provide
from dui_conformance.validation.sidoba.appel import AppelSidoba
from dui_conformance.validation.sidoba.cadre import cadre_exemple
from dui_conformance.validation.sidoba.rama import RamaDepot, RamaDonnees, RamaFichier
from samples.sidoba import SETTINGS, Change, Play, answer, depot, play

CADRE = cadre_exemple()


def sent(change: Change = None, **how: Any) -> RamaDepot:
    return play().rama(change, **how).view(RamaDepot)


def file_of(text: str) -> RamaFichier:
    found: RamaFichier = provide(RamaFichier, Piece("rama.csv", text.encode()))
    return found


def written() -> str:
    return "cle;valeur\r\n" + "".join(f"{d['cle']};{d['valeur']}\r\n" for d in depot()["donnees"])


def test_a_good_deposit_passes() -> None:
    made = sent()
    assert rules.envelope_is_complete(made).fired == 7
    assert rules.data_are_keys_and_values(made.donnees).fired == 13
    assert rules.each_key_is_given_once(made.donnees).fired
    assert rules.keys_are_those_of_the_frame(made.donnees, CADRE).fired
    assert rules.required_keys_are_there(made.donnees, CADRE).fired
    assert rules.values_suit_their_keys(made.donnees, CADRE).fired
    assert rules.sums_of_the_frame_hold(made.donnees, CADRE).fired
    assert rules.year_is_closed(made).fired
    assert rules.deposit_has_a_key_of_idempotence(made).fired
    p = play()
    posted = p.rama()
    assert rules.structure_is_the_one_of_the_call(posted.view(RamaDepot), posted.view(AppelSidoba), SETTINGS).fired


def _row(rank: int, **values: Any) -> Change:
    return lambda body: body["donnees"][rank].update(values)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (rules.data_are_keys_and_values, lambda b: b.update(donnees={"a": "1"})),
        (rules.data_are_keys_and_values, lambda b: b.update(donnees=[])),
        (rules.data_are_keys_and_values, lambda b: b["donnees"][0].pop("valeur")),
        (rules.each_key_is_given_once, lambda b: b["donnees"].append(b["donnees"][0])),
        (rules.keys_are_those_of_the_frame, _row(0, cle="EXEMPLE.AUTRE")),
        (rules.required_keys_are_there, lambda b: b["donnees"].pop(0)),
        (rules.values_suit_their_keys, _row(0, valeur="84,5")),
        (rules.values_suit_their_keys, _row(0, valeur=84)),
        (rules.values_suit_their_keys, _row(0, valeur="0")),
        (rules.values_suit_their_keys, _row(0, valeur="2001")),
        (rules.values_suit_their_keys, _row(8, valeur="vrai")),
        (rules.values_suit_their_keys, _row(9, valeur="15/06/2025")),
        (rules.values_suit_their_keys, _row(12, valeur="autre")),
        (rules.sums_of_the_frame_hold, _row(2, valeur="80")),
    ],
)
def test_wrong_data_are_seen(rule: Any, change: Change) -> None:
    donnees = sent(change).donnees
    with pytest.raises(CheckFailed):
        rule(*([donnees] if rule in (rules.data_are_keys_and_values, rules.each_key_is_given_once) else [donnees, CADRE]))


@pytest.mark.parametrize("change", [lambda b: b.pop("emetteur"), lambda b: b.update(exercice=0)])
def test_an_incomplete_envelope_is_seen(change: Change) -> None:
    with pytest.raises(CheckFailed):
        rules.envelope_is_complete(sent(change))


@pytest.mark.parametrize("year", ["2025", 2024, 2026, True, None])
def test_a_wrong_year_is_seen(year: Any) -> None:
    with pytest.raises(CheckFailed):
        rules.year_is_closed(sent(lambda b: b.update(exercice=year)))


@pytest.mark.parametrize("name", ["finessEG", "finessEJ"])
def test_another_structure_is_seen(name: str) -> None:
    posted = play().rama(lambda b: b.update({name: "990000036"}))
    with pytest.raises(CheckFailed):
        rules.structure_is_the_one_of_the_call(posted.view(RamaDepot), posted.view(AppelSidoba), SETTINGS)


def test_a_deposit_without_key_is_seen() -> None:
    with pytest.raises(CheckFailed):
        rules.deposit_has_a_key_of_idempotence(sent(cle=""))


def test_nothing_is_said_of_what_cannot_be_read() -> None:
    with pytest.raises(Inconclusive):
        rules.each_key_is_given_once(sent(lambda b: b.update(donnees=3)).donnees)


@pytest.mark.parametrize("text", ["", "clé;valeur\r\n", "cle,valeur\r\na,1\r\n", "cle;valeur\r\na\r\n"])
def test_a_wrong_file_is_seen(text: str) -> None:
    with pytest.raises(CheckFailed):
        rules.file_is_readable(file_of(text))


def test_a_file_that_is_not_text_is_seen() -> None:
    found: RamaFichier = provide(RamaFichier, Piece("rama.csv", b"cle;valeur\r\n\xff;1\r\n"))
    with pytest.raises(CheckFailed):
        rules.file_is_readable(found)


def test_a_good_file_says_the_same_as_the_deposit() -> None:
    fichier = file_of(written())
    assert rules.file_is_readable(fichier).fired == 13
    donnees: RamaDonnees = provide(RamaDonnees, fichier)
    assert rules.keys_are_those_of_the_frame(donnees, CADRE).fired
    assert suite.file_and_deposit_say_the_same(fichier, sent()).fired
    with pytest.raises(CheckFailed):
        suite.file_and_deposit_say_the_same(fichier, sent(_row(0, valeur="85")))


def deposits(p: Play) -> list[RamaDepot]:
    return [e.view(RamaDepot) for e in p.exchanges if e.kind == "sidoba.rama"]


def test_a_retry_is_the_same() -> None:
    p = play()
    p.rama()
    with pytest.raises(Inconclusive):
        suite.retry_is_the_same_deposit(deposits(p))
    p.rama()
    assert suite.retry_is_the_same_deposit(deposits(p)).fired
    p.rama(cle="autre")
    with pytest.raises(CheckFailed, match="autre dépôt"):
        suite.retry_is_the_same_deposit(deposits(p))


def test_a_correction_says_so() -> None:
    p = play()
    p.rama()
    with pytest.raises(Inconclusive):
        suite.correction_says_so(deposits(p))
    p.rama(cle="2", rectificatif=True, saisies={"EXEMPLE.SOIN.GMP": "700"})
    assert suite.correction_says_so(deposits(p)).fired
    correction = Geste("G01", CorrigerEnvoi("rama", "2025", "EXEMPLE.SOIN.GMP", "700"))
    assert suite.corrected_value_is_sent(correction, deposits(p)).fired
    with pytest.raises(CheckFailed):
        suite.corrected_value_is_sent(correction, deposits(p)[:1])
    p.rama(cle="3")
    with pytest.raises(CheckFailed, match="premier dépôt"):
        suite.correction_says_so(deposits(p))
    p.rama(rectificatif=True)
    with pytest.raises(CheckFailed, match="sous la clé"):
        suite.correction_says_so(deposits(p))


def test_the_acknowledgement_is_read() -> None:
    p = play()
    with pytest.raises(Inconclusive):
        suite.acknowledgement_is_read_to_its_end([])
    number = answer(p.rama())["idDepot"]
    with pytest.raises(CheckFailed, match="non lu"):
        suite.acknowledgement_is_read_to_its_end(p.exchanges)
    p.accuse(number)
    with pytest.raises(CheckFailed):
        suite.acknowledgement_is_read_to_its_end(p.exchanges)
    p.accuse(number)
    assert suite.acknowledgement_is_read_to_its_end(p.exchanges).fired == 2
    reads = [e.view(AppelSidoba) for e in p.exchanges if e.kind == "sidoba.accuse"]
    assert suite.acknowledgement_is_not_asked_for_ever(reads).fired
    with pytest.raises(CheckFailed):
        suite.acknowledgement_is_not_asked_for_ever(reads * 6)
    with pytest.raises(Inconclusive):
        suite.acknowledgement_is_not_asked_for_ever([])


def test_an_unreadable_body_is_an_empty_envelope() -> None:
    p = play()
    p.token()
    named = {"Authorization": f"Bearer {p.jeton}", "struct_idnat": "1990000028"}
    for body in (b"\xff", b"[]", b"[" * 100_000, json.dumps(3).encode()):
        assert p.call("POST", "/rama/v1/depots", named, body).view(RamaDepot).enveloppe == {}
