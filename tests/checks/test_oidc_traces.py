"""Rules on the traces of connections, and the reading of the files that hold them."""

from __future__ import annotations

import json

import pytest
from dui_conformance.checks import oidc_traces as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Piece
from dui_conformance.core.providers import provide
from dui_conformance.core.settings import Settings
from dui_conformance.validation.oidc import TokenResponse
from dui_conformance.validation.traces import ConnectionTraces
from samples.psc import START, Play, play
from samples.psc_gestes import CLOSED, INFIRMIERE, OPEN, calls

HEAD = "date;utilisateur;nature;resultat;acr;auth_mode"
DAY = START.isoformat()
LOGIN = f"{DAY};899700000001;connexion;réussi;eidas1;MOBILE"
REFUSAL = f"{DAY};899700000001;connexion;refusé;;"
END = f"{DAY};899700000001;déconnexion;réussi;eidas1;MOBILE"
SETTINGS = Settings()


def read(*lines: str) -> ConnectionTraces:
    return provide(ConnectionTraces, Piece("traces.csv", "\r\n".join(lines).encode()))


def logged() -> tuple[Play, TokenResponse]:
    p = play()
    p.login()
    return p, p.exchanges[-1].view(TokenResponse)


GOOD = read(HEAD, LOGIN, REFUSAL, END)


def test_json_lines_and_french_dates_are_read() -> None:
    row = {"horodatage": "31/03/2026 09:00:00", "auteur": "99700000001", "action": "connexion", "statut": "OK"}
    traces = provide(ConnectionTraces, Piece("traces.jsonl", (json.dumps(row) + "\n").encode()))
    _, login = logged()
    assert rules.every_login_is_traced(traces, [login], [INFIRMIERE]).fired == 1
    assert rules.traces_say_when(traces, [login], [INFIRMIERE], SETTINGS).fired == 1


@pytest.mark.parametrize("data", [b"", b"journal sans colonnes", b"a;b\n1;2", b"{}\n"])
def test_what_is_no_table_is_not_judged(data: bytes) -> None:
    with pytest.raises(Inconclusive):
        provide(ConnectionTraces, Piece("traces.csv", data))


def test_logins_are_traced() -> None:
    _, login = logged()
    assert rules.every_login_is_traced(GOOD, [login], [INFIRMIERE]).fired == 1
    for lines in ((HEAD,), (HEAD, REFUSAL), (HEAD, LOGIN.replace("899700000001", "TESTEUR-SOIN"))):
        with pytest.raises(CheckFailed, match="absente"):
            rules.every_login_is_traced(read(*lines), [login], [INFIRMIERE])
    with pytest.raises(Inconclusive):
        rules.every_login_is_traced(GOOD, [], [INFIRMIERE])


def test_traces_are_dated() -> None:
    _, login = logged()
    assert rules.traces_say_when(GOOD, [login], [INFIRMIERE], SETTINGS).fired == 1
    for date in ("2026-03-31", "hier", "2026-03-31T11:00:00+00:00"):
        with pytest.raises(CheckFailed, match="date"):
            rules.traces_say_when(read(HEAD, LOGIN.replace(DAY, date)), [login], [INFIRMIERE], SETTINGS)
    with pytest.raises(Inconclusive):
        rules.traces_say_when(read(HEAD), [login], [INFIRMIERE], SETTINGS)


def test_refusals_are_traced() -> None:
    assert rules.refused_login_is_traced(GOOD, CLOSED, SETTINGS).fired == 1
    with pytest.raises(CheckFailed, match="refusée"):
        rules.refused_login_is_traced(read(HEAD, LOGIN), CLOSED, SETTINGS)
    with pytest.raises(Inconclusive):
        rules.refused_login_is_traced(GOOD, OPEN, SETTINGS)


def test_logouts_are_traced() -> None:
    p = play()
    given = p.login()
    with pytest.raises(Inconclusive):
        rules.logout_is_traced(GOOD, calls(p), SETTINGS)
    p.logout(id_token_hint=given["id_token"])
    assert rules.logout_is_traced(GOOD, calls(p), SETTINGS).fired == 1
    with pytest.raises(CheckFailed, match="Déconnexion"):
        rules.logout_is_traced(read(HEAD, LOGIN), calls(p), SETTINGS)


def test_levels_are_traced() -> None:
    _, login = logged()
    assert rules.traces_say_how_the_user_proved_himself(GOOD, [login], [INFIRMIERE], SETTINGS).fired == 1
    with pytest.raises(CheckFailed, match="acr"):
        rules.traces_say_how_the_user_proved_himself(read(HEAD, LOGIN.replace("eidas1", "")), [login], [INFIRMIERE], SETTINGS)
    with pytest.raises(Inconclusive):
        rules.traces_say_how_the_user_proved_himself(read(HEAD, REFUSAL), [login], [INFIRMIERE], SETTINGS)


def test_no_token_is_traced() -> None:
    p = play()
    given = p.login()
    assert rules.traces_hold_no_token(GOOD, calls(p)).fired == 1
    for leaked in (given["id_token"], given["refresh_token"], given["access_token"]):
        with pytest.raises(CheckFailed, match="Jeton"):
            rules.traces_hold_no_token(read(HEAD, LOGIN + ";" + leaked), calls(p))
