"""Each driver on the same small DUI: what it offers, how gestures end, what goes wrong and how it is said."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
from dui_conformance.core.driver import Driver
from dui_conformance.core.errors import HarnessError, InputError
from dui_conformance.core.formulaire import PDF, Attestation, Formulaire, Question
from dui_conformance.core.gestures import GESTURES, Etat, Resultat
from dui_conformance.core.gestures.connexion import SeConnecter, SeDeconnecter
from dui_conformance.core.gestures.dmp import AttendreEnvois
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.gestures.identite import LireIdentite
from dui_conformance.core.verdict import Verdict
from dui_conformance.drivers.commande import CommandeDriver
from dui_conformance.drivers.http import HttpDriver
from dui_conformance.drivers.manuel import PAR, Demande, ManuelDriver, read_observations
from dui_conformance.drivers.openapi import arguments_schema, command_schema, openapi, result_schema
from dui_conformance.drivers.python import PythonDriver, load_target
from dui_conformance.mocks.dui.demon import Demon

FORM = Formulaire("Le statut est-il affiché ?", "une copie de l'écran", PDF, atteste="le testeur")
QUESTION = Question("insi_ecran.x", ("INS-05",), FORM)


class Small:
    """A DUI that offers two gestures."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.closed = False

    def valider_document(self, usager: str, type: str, retenir: bool = False) -> Any:
        if usager == "U-erreur":
            raise RuntimeError("écran bloqué")
        return {"etat": "fait", "observations": {"document": f"{usager}/{type}/{retenir}"}}

    def se_connecter(self, professionnel: str) -> Any:
        return {"etat": "refuse", "message": "compte inconnu", "observations": {"session": False}}

    def avancer_horloge(self, secondes: float) -> None:
        self.seconds += secondes

    def close(self) -> None:
        self.closed = True


class Typed(Small):
    """The same, giving typed results as the daemon wants them."""

    def valider_document(self, usager: str, type: str, retenir: bool = False) -> Any:
        return Resultat.from_wire(super().valider_document(usager, type, retenir))

    def se_connecter(self, professionnel: str) -> Any:
        return Resultat.from_wire(super().se_connecter(professionnel))


PROGRAM = """
import json, sys
row = json.load(sys.stdin)
if "secondes" in row:
    open("horloge", "w").write(str(row["secondes"])); sys.exit()
a = row["arguments"]
if row["geste"] == "se_connecter":
    print(json.dumps({"etat": "refuse", "message": "compte inconnu", "observations": {"session": False}}))
elif a["usager"] == "U-erreur":
    sys.exit("écran bloqué")
else:
    print(json.dumps({"etat": "fait", "observations": {"document": f"{a['usager']}/{a['type']}/{a['retenir']}"}}))
"""


@pytest.fixture(params=["python", "http", "commande"])
def driver(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """The same DUI behind each automatic driver."""
    if request.param == "python":
        made: Driver = PythonDriver(Small())
        yield made
        made.close()
    elif request.param == "http":
        demon = Demon(Typed(), "jeton-de-test")
        demon.start()
        made = HttpDriver(demon.url, "jeton-de-test")
        yield made
        made.close()
        demon.close()
    else:
        program = tmp_path / "dui.py"
        program.write_text(PROGRAM, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        argv = (sys.executable, str(program))
        made = CommandeDriver({"valider_document": argv, "se_connecter": argv, "horloge": argv})
        yield made
        made.close()


def test_a_driver_says_what_it_offers(driver: Driver) -> None:
    offered = driver.capabilities()
    assert offered.gestes == {"valider_document", "se_connecter"}
    assert offered.horloge


def test_a_gesture_ends_with_its_observations(driver: Driver) -> None:
    result = driver.start(ValiderDocument("U-1", type="note-vaccination", retenir=True)).result(20)
    assert result.etat is Etat.FAIT
    assert result.observation("document") == "U-1/note-vaccination/True"


def test_a_refusal_keeps_the_message_shown(driver: Driver) -> None:
    result = driver.start(SeConnecter("infirmiere-ehpad")).result(20)
    assert (result.etat, result.message, result.observation("session")) == (Etat.REFUSE, "compte inconnu", False)


def test_a_dui_that_breaks_down_is_an_error_of_the_gesture_only(driver: Driver) -> None:
    if driver.nom == "http":
        pytest.skip("le démon témoin rend les erreurs de son DUI par une coupure, éprouvée ailleurs")
    result = driver.start(ValiderDocument("U-erreur", type="x")).result(20)
    assert result.etat is Etat.ERREUR
    assert "écran bloqué" in result.message
    assert driver.start(ValiderDocument("U-1", type="x")).result(20).etat is Etat.FAIT


def test_the_clock_moves(driver: Driver) -> None:
    driver.advance_clock(timedelta(minutes=11))


def test_http_needs_the_token() -> None:
    demon = Demon(Small(), "le-bon")
    demon.start()
    with pytest.raises(InputError, match="ne répond pas"):
        HttpDriver(demon.url, "le-mauvais")
    demon.close()


@pytest.mark.parametrize(("url", "token", "words"), [("dui", "x", "URL"), ("http://127.0.0.1:9", "", "jeton")])
def test_http_settings_are_checked(url: str, token: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        HttpDriver(url, token)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((sys.executable, "-c", "print('pas du json')"), "JSON"),
        ((sys.executable, "-c", "print('{}')"), "etat"),
        (("/introuvable/dui",), "impossible à lancer"),
        ((sys.executable, "-c", "import time; time.sleep(30)"), "pas fini"),
    ],
)
def test_a_bad_command_is_an_error_that_says_why(argv: tuple[str, ...], words: str) -> None:
    driver = CommandeDriver({"*": argv}, timeout=1)
    result = driver.start(SeDeconnecter()).result(20)
    driver.close()
    assert result.etat is Etat.ERREUR
    assert words in result.message


def test_unknown_gestures_of_commands_are_refused() -> None:
    with pytest.raises(InputError, match="geste inconnu"):
        CommandeDriver({"valider": ("x",)})


@pytest.mark.parametrize("name", ["absent_module:Classe", "json:Absente", "pilote-inconnu", "json:loads_nothing"])
def test_a_python_target_that_cannot_be_loaded_is_explained(name: str) -> None:
    with pytest.raises(InputError, match="cible"):
        load_target(name, {})


class Typist:
    """A tester: hears instructions, types lines."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.type: Callable[[str | None], None] = print

    def say(self, text: str) -> None:
        self.said.append(text)

    def ask(self, demande: Demande) -> None:
        self.say(demande.texte)

    def listen(self, heard: Callable[[str | None], None]) -> None:
        self.type = heard


def test_the_manual_driver_asks_in_french_and_takes_the_testers_word() -> None:
    tester = Typist()
    driver = ManuelDriver(tester)
    handle = driver.start(ValiderDocument("U-7", type="note-vaccination"))
    assert "U-7" in tester.said[-1]
    assert "note-vaccination" in tester.said[-1]
    assert not handle.done()
    tester.type("euh\n")
    assert "non comprise" in tester.said[-1]
    tester.type("impossible\n")
    assert "raison" in tester.said[-1]
    assert not handle.done()
    tester.type("impossible écran absent\n")
    result = handle.result(1)
    assert (result.etat, result.message) == (Etat.IMPOSSIBLE, "écran absent")


def test_the_manual_driver_knows_that_done_means_a_session() -> None:
    tester = Typist()
    driver = ManuelDriver(tester)
    first = driver.start(SeConnecter("infirmiere-ehpad"))
    tester.type("fait")
    assert first.result(1).observation("session") is True
    second = driver.start(SeConnecter("infirmiere-ehpad"))
    tester.type("refuse identité non reconnue")
    assert second.result(1).etat is Etat.REFUSE


def test_the_manual_driver_ends_gestures_when_the_input_closes() -> None:
    tester = Typist()
    driver = ManuelDriver(tester)
    handle = driver.start(LireIdentite("U-1"))
    threading.Thread(target=tester.type, args=(None,)).start()
    assert handle.result(5).etat is Etat.PASSE
    assert driver.start(LireIdentite("U-1")).result(1).etat is Etat.PASSE
    assert driver.start(AttendreEnvois()).result(1).etat is Etat.PASSE
    with pytest.raises(HarnessError):
        driver.advance_clock(timedelta(seconds=1))


def test_the_manual_driver_takes_observations_and_moves_the_clock_by_hand() -> None:
    tester = Typist()
    driver = ManuelDriver(tester, clock=True)
    assert driver.capabilities().horloge
    handle = driver.start(LireIdentite("U-1"))
    assert "statut=…" in tester.said[-1]
    tester.type('fait statut=qualifiee prenoms="ANNE MARIE" verrou=oui vu à l\'écran')
    result = handle.result(1)
    assert dict(result.observations) == {"statut": "qualifiee", "prenoms": "ANNE MARIE", "verrou": True}
    assert result.message == "vu à l'écran"
    moved = threading.Thread(target=driver.advance_clock, args=(timedelta(minutes=10, seconds=1),))
    moved.start()
    while "10 min 1 s" not in tester.said[-1]:
        assert moved.is_alive()
        moved.join(0.01)
    tester.type("fait")
    moved.join(5)
    assert not moved.is_alive()


def test_what_the_clock_interrupts_is_asked_again_and_a_new_gesture_comes_instead_of_a_former_one() -> None:
    tester = Typist()
    driver = ManuelDriver(tester, clock=True)
    login = driver.start(SeConnecter("infirmiere-ehpad"))
    moved = threading.Thread(target=driver.advance_clock, args=(timedelta(minutes=1),))
    moved.start()
    while "Avancez l'horloge" not in tester.said[-1]:
        moved.join(0.01)
    tester.type("fait")
    moved.join(5)
    assert not login.done()
    assert tester.said[-1] == tester.said[0]
    tester.type("fait compte=C1")
    assert login.result(1).observation("compte") == "C1"
    former, read = driver.start(SeConnecter("infirmiere-ehpad")), driver.start(LireIdentite("U-1"))
    tester.type("fait statut=qualifiee")
    assert read.result(1).observation("statut") == "qualifiee"
    assert not former.done()
    tester.type("fait")
    assert len(tester.said) == 5


@pytest.mark.parametrize(
    ("typed", "message", "observations"),
    [
        ('prenoms="ANNE MARIE" verrou=non', "", {"prenoms": "ANNE MARIE", "verrou": False}),
        ("code= statut=provisoire l'usager n'est pas trouvé", "l'usager n'est pas trouvé", {"code": "", "statut": "provisoire"}),
        ("vu à 10 h = tout va bien", "vu à 10 h = tout va bien", {}),
        ('alerte="a=b c" fin', "fin", {"alerte": "a=b c"}),
    ],
)
def test_what_a_tester_notes_is_read(typed: str, message: str, observations: dict[str, Any]) -> None:
    assert read_observations(typed) == (message, observations)


def test_a_refusal_typed_by_the_tester_keeps_what_he_noted() -> None:
    tester = Typist()
    driver = ManuelDriver(tester)
    handle = driver.start(SeConnecter("infirmiere-ehpad"))
    tester.type("refuse session=non identité non reconnue")
    result = handle.result(1)
    assert (result.etat, result.message, result.observation("session")) == (Etat.REFUSE, "identité non reconnue", False)


def test_the_tester_of_a_resumed_campaign_is_told_the_shift_of_the_clock() -> None:
    tester = Typist()
    ManuelDriver(tester, clock=True, shift=timedelta(hours=4, minutes=5))
    assert "4 h 5 min" in tester.said[0]


def test_instructions_say_yes_and_no_in_french() -> None:
    assert "non" in ValiderDocument("U-1", type="x").consigne()
    assert "False" not in ValiderDocument("U-1", type="x").consigne()


def test_a_clock_is_set_from_system_time_and_given_back() -> None:
    shifts: list[float] = []
    demon = Demon(Typed(), "jeton-de-test", regler=shifts.append)
    demon.start()
    driver = HttpDriver(demon.url, "jeton-de-test", shift=timedelta(minutes=5))
    driver.advance_clock(timedelta(minutes=10))
    driver.close()
    demon.close()
    assert shifts == [300, 900, 0]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("gestes/valider_document", b"pas du json"),
        ("gestes/valider_document", b'{"usager": "U", "type": "x", "autre": 1}'),
        ("gestes/valider_document", b'{"usager": "U"}'),
        ("gestes/valider_document", b"[]"),
        ("horloge", b"{}"),
        ("horloge", b'{"secondes": "vite"}'),
    ],
)
def test_the_daemon_refuses_bad_arguments_and_lives_on(path: str, body: bytes) -> None:
    demon = Demon(Typed(), "jeton-de-test")
    demon.start()
    headers = {"Authorization": "Bearer jeton-de-test"}
    assert requests.post(f"{demon.url}/{path}", data=body, headers=headers, timeout=10).status_code == 400
    assert requests.get(f"{demon.url}/capacites", headers=headers, timeout=10).status_code == 200
    demon.close()


def test_the_openapi_document_lists_every_gesture_and_validates_their_arguments() -> None:
    document = openapi()
    assert {f"/gestes/{g}" for g in GESTURES} <= set(document["paths"])
    json.dumps(document)
    jsonschema.validate({"usager": "U", "type": "x"}, arguments_schema(ValiderDocument))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"usager": "U"}, arguments_schema(ValiderDocument))
    jsonschema.validate({"geste": "se_deconnecter", "arguments": {}}, command_schema())
    jsonschema.validate({"etat": "fait", "observations": {"session": True}}, result_schema())


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("oui vu à l'écran", Attestation(Verdict.CONFORME, "vu à l'écran", PAR)),
        ('non par="La DSI" rien', Attestation(Verdict.NON_CONFORME, "rien", "La DSI")),
        ("passer", None),
        (None, None),
    ],
)
def test_the_manual_driver_asks_the_tester_to_attest(typed: str | None, expected: Attestation | None) -> None:
    tester = Typist()
    driver = ManuelDriver(tester)
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(driver.attest(QUESTION)))
    asking.start()
    while not any("Le statut" in said for said in tester.said):
        asking.join(0.01)
    tester.type("peut-être")
    assert "non comprise" in tester.said[-1]
    tester.type(typed)
    asking.join(5)
    assert answers == [expected]


def test_a_form_says_its_parts_and_takes_the_files_of_the_answer(tmp_path: Path) -> None:
    shown = Demande("question", FORM.constat, a_joindre=FORM.a_joindre, atteste=FORM.atteste, exigences=("INS-05",)).texte
    assert "Pour : INS-05" in shown
    assert "À joindre : une copie de l'écran (PDF, facultatif)" in shown
    assert "Atteste : le testeur" in shown
    tester = Typist()
    driver = ManuelDriver(tester)
    good, bad = tmp_path / "mon écran.pdf", tmp_path / "faux.pdf"
    good.write_bytes(b"%PDF-1.7")
    bad.write_bytes(b"du texte")
    answers: list[Attestation | None] = []
    asking = threading.Thread(target=lambda: answers.append(driver.attest(QUESTION)))
    asking.start()
    while not any("Le statut" in said for said in tester.said):
        asking.join(0.01)
    for refused in (f'oui fichier="{bad}"', "oui fichier=absent.pdf"):
        tester.type(refused)
        assert "Fichier refusé" in tester.said[-1]
    tester.type(f'oui par="A. Dupont, qualité" vu fichier="{good}" à 10h')
    asking.join(5)
    [answer] = answers
    assert answer is not None
    assert (answer.par, answer.note) == ("A. Dupont, qualité", "vu à 10h")
    assert [(p.nom, p.data) for p in answer.pieces] == [("mon écran.pdf", b"%PDF-1.7")]
