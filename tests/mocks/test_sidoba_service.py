"""The simulated SIDOBA: who is let in, what is taken, what is refused, what is counted; and that it says itself provisional."""

from __future__ import annotations

import json

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.mocks.sidoba.faults import PANNES
from dui_conformance.mocks.sidoba.messages import KINDS, PROVISOIRE
from samples.sidoba import USAGER, Play, answer, autre, export, play, reply_of


def refused(exchange) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    return reply_of(exchange).status, answer(exchange)["issue"][0]["code"]


def test_a_token_names_the_establishments() -> None:
    got = answer(play().token())
    assert (got["token_type"], got["expires_in"], got["finess_eg"]) == ("Bearer", 600, ["990000028", "990000051"])


@pytest.mark.parametrize(
    ("der", "changes", "error"),
    [
        (b"", {}, "invalid_client"),
        (b"pas un certificat", {}, "invalid_client"),
        (None, {"client_secret": "autre"}, "invalid_client"),
        (None, {"client_id": "inconnu"}, "invalid_client"),
        (None, {"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_token_is_refused(der: bytes | None, changes: dict[str, str], error: str) -> None:
    assert answer(play().token(der, **changes))["error"] == error


def test_another_structure_gets_no_token() -> None:
    made = play().token(autre())
    assert (answer(made)["error"], made.facts["certificat"]) == ("invalid_client", "autre-structure")


def test_a_transaction_is_answered_entry_by_entry() -> None:
    made = play().setmin(domicile=True)
    bundle = answer(made)
    assert bundle["type"] == "transaction-response"
    assert [e["response"]["status"] for e in bundle["entry"]] == ["201 Created"] * 8
    assert bundle["entry"][0]["response"]["location"].startswith("Patient/")
    assert (made.facts["recus"], made.facts["nouveaux"]) == (8, 9)


def test_sent_again_nothing_is_counted_twice() -> None:
    p = play()
    assert (p.setmin().facts["nouveaux"], p.setmin().facts["nouveaux"]) == (4, 0)
    first = export()
    p.ssiad(made=first)
    assert p.ssiad(made=export(first)).facts["connus"] == 1


@pytest.mark.parametrize("kind", ["setmin", "ssiad"])
def test_a_bundle_of_another_type_is_refused(kind: str) -> None:
    made = getattr(play(), kind)(lambda bundle: bundle.update(type="batch"))
    assert refused(made) == (400, "invalid")


def test_strict_refuses_what_is_not_a_creation() -> None:
    made = play(strict=True).setmin(lambda bundle: bundle["entry"][0]["request"].update(method="PUT"))
    assert refused(made) == (422, "invalid")


def test_a_rejection_on_order_takes_nothing() -> None:
    p = play()
    p.service.command("rejeter", {"canal": "setmin", "expression": "Patient.name", "motif": "nom illisible"})
    made = p.setmin()
    assert refused(made) == (422, "business-rule")
    assert answer(made)["issue"][0]["expression"] == ["Patient.name"]
    assert p.setmin().facts["nouveaux"] == 4


def test_a_deposit_goes_through_its_states() -> None:
    p = play()
    made = p.rama()
    assert (reply_of(made).status, answer(made)["statut"]) == (201, "RECU")
    number = answer(made)["idDepot"]
    assert reply_of(made).header("location").endswith(number)
    assert [answer(p.accuse(number))["statut"] for _ in range(3)] == ["EN_CONTROLE", "ACCEPTE", "ACCEPTE"]


def test_the_key_of_idempotence_names_one_content() -> None:
    p = play()
    first, again = p.rama(), p.rama()
    assert (reply_of(again).status, answer(again)["idDepot"]) == (200, answer(first)["idDepot"])
    assert refused(p.rama(lambda body: body.update(schemaVersion="autre"))) == (409, "duplicate")
    assert refused(p.rama(cle="cle-2")) == (409, "duplicate")
    other = p.rama(cle="cle-3", rectificatif=True)
    assert (reply_of(other).status, other.facts["comptes"]) == (201, 1)


def test_a_rejected_deposit_says_why_and_may_be_made_again() -> None:
    p = play()
    p.service.command("rejeter", {"canal": "rama", "expression": "EXEMPLE.SOIN.GMP", "motif": "invraisemblable"})
    number = answer(p.rama())["idDepot"]
    p.accuse(number)
    said = answer(p.accuse(number))
    assert (said["statut"], said["anomalies"][0]["expression"]) == ("REJETE", "EXEMPLE.SOIN.GMP")
    assert reply_of(p.rama(cle="cle-2")).status == 201


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda b: b["donnees"].append({"cle": "INCONNUE", "valeur": "1"}), "invalid"),
        (lambda b: b["donnees"].append(b["donnees"][0]), "duplicate"),
        (lambda b: b["donnees"].pop(0), "required"),
        (lambda b: b["donnees"][0].update(valeur="-1"), "value"),
        (lambda b: b["donnees"][0].update(valeur="quatre"), "value"),
        (lambda b: b.update(donnees={}), "invalid"),
        (lambda b: b.update(exercice="2025"), "invalid"),
    ],
)
def test_strict_refuses_what_the_frame_refuses(change, code: str) -> None:  # type: ignore[no-untyped-def]
    assert refused(play(strict=True).rama(change)) == (422, code)


def test_what_is_no_json_is_refused() -> None:
    p = play()
    p.token()
    named = {"Authorization": f"Bearer {p.jeton}", "struct_idnat": "1990000028", "Content-Type": "application/json"}
    assert refused(p.call("POST", "/rama/v1/depots", named, b"[1")) == (400, "invalid")
    assert refused(p.call("POST", "/fhir/v1", named, b"<a/>")) == (400, "invalid")
    assert refused(p.call("GET", "/ailleurs", named)) == (404, "not-found")


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Authorization", "", 401),
        ("Authorization", "Bearer inconnu", 401),
        ("struct_idnat", "", 400),
        ("struct_idnat", "1990000036", 403),
    ],
)
def test_callers_are_refused(header: str, value: str, status: int) -> None:
    p = play()
    p.token()
    named = {"Authorization": f"Bearer {p.jeton}", "struct_idnat": "1990000028"} | {header: value}
    assert reply_of(p.call("POST", "/fhir/v1", named, b"{}")).status == status


def test_a_token_expires_and_is_forgotten() -> None:
    p = play()
    p.service.command("duree-des-jetons", {"secondes": 60})
    p.setmin()
    p.now = p.now.replace(minute=2)
    assert (reply_of(p.setmin()).status, p.exchanges[-1].facts["jeton"]) == (401, "expire")
    p.token()
    p.service.command("oublier-les-jetons", {})
    assert p.setmin().facts["jeton"] == "inconnu"


@pytest.mark.parametrize(("nom", "arguments"), [("rejeter", {"canal": "autre"}), ("duree-des-jetons", {}), ("inconnu", {})])
def test_a_wrong_order_is_refused(nom: str, arguments: dict[str, str]) -> None:
    with pytest.raises(HarnessError):
        play().service.command(nom, arguments)


def test_every_answer_says_that_it_is_provisional() -> None:
    p = play()
    calls = [p.token(), p.setmin(), p.ssiad(), p.rama(), p.accuse("inconnu"), p.call("GET", "/ailleurs", {})]
    assert {reply_of(e).header("x-contrat") for e in calls} == {"provisoire"}
    assert all(PROVISOIRE in reply_of(e).body.read().decode() for e in calls[1:])
    assert set(KINDS) == p.service.provisoire == {e.kind for e in calls[:5]}


def test_matricules_are_the_keys_of_bundles() -> None:
    p = play()
    for made in (p.setmin(), p.ssiad()):
        keys = p.service.describe("sidoba", made.http).keys
        assert [k.valeur for k in keys if k.espace == "ins"] == [USAGER.matricule]


@pytest.mark.parametrize("panne", PANNES, ids=lambda panne: panne.nom)
def test_each_panne_changes_an_answer(panne) -> None:  # type: ignore[no-untyped-def]
    p = play()
    healthy = _statuses(p)
    p.service.command("remise-a-zero", {})
    p.service.command("rejeter", {"canal": "ssiad", "expression": "x", "motif": "y"})
    p.service.arm(panne.nom, times=None)
    p.jeton = ""
    assert _statuses(p) != healthy
    assert any(e.facts.get("panne") == panne.nom for e in p.exchanges)


def test_there_are_at_least_ten_pannes() -> None:
    assert len(PANNES) >= 10


def _statuses(p: Play) -> list[str]:
    made = [p.token(), p.setmin(), p.rama(cle=f"cle-{len(p.exchanges)}")]
    number = made[-1].facts.get("depot", "aucun")
    made += [p.accuse(number), p.accuse(number), p.ssiad()]
    return [_comparable(e) for e in made]


def _comparable(exchange) -> str:  # type: ignore[no-untyped-def]
    reply = reply_of(exchange)
    try:
        body = json.loads(reply.body.read())
    except ValueError:
        return f"{reply.status} autre"
    said = [len(body.get("entry", ())), body.get("statut"), [i.get("diagnostics") for i in body.get("issue", ())]]
    return f"{reply.status} {said} {bool(reply.header('location'))} {reply.header('retry-after')}"
