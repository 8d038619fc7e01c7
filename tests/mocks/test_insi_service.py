"""The simulated INSi: who is found, what is answered, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Reply
from dui_conformance.core.matcher import traits_key, usager_keys
from dui_conformance.core.people import Usager
from dui_conformance.fixtures.world import PROFILS, published_test_persons, usager
from dui_conformance.mocks.insi.app import Insi
from dui_conformance.validation.ins.key import PUBLISHED_MATRICULES
from dui_conformance.validation.ins.response import InsResponse, read_response
from samples import insi


def ask(service: Insi, message: str, **how: object) -> tuple[Reply, InsResponse]:
    reply = service.handle("insi", insi.request(message, **how), insi.NOW)  # type: ignore[arg-type]
    return reply, read_response(reply.status, reply.body.read())


def search(service: Insi, *, nom: str, prenom: str, sexe: str, date: str, lieu: str = "") -> InsResponse:
    body = insi.traits(NomNaissance=nom, Prenom=prenom, Sexe=sexe, DateNaissance=date, LieuNaissance=lieu)
    return ask(service, insi.envelope(body))[1]


def test_usager_is_found_by_his_traits() -> None:
    reply, answer = ask(insi.service(), insi.envelope(insi.traits()))
    assert reply.status == 200
    assert reply.header("Content-Type").endswith('rechercherInsAvecTraitsIdentiteResponse"')
    assert (answer.cr, answer.ins and answer.ins.matricule, answer.ins and answer.ins.cle) == ("00", "2600555039012", "96")
    assert answer.ins is not None
    assert answer.ins.oid == insi.OID
    assert answer.tiq is not None
    assert (answer.tiq.nom, answer.tiq.liste_prenoms, answer.tiq.prenom) == ("FICTIF-BALO", "ANNE LISE", "")
    assert reply.facts == {"cr": "00", "retour": "trouve", "operation": "recherche-traits", "mode": "certificat"}


@pytest.mark.parametrize(
    ("changes", "cr"),
    [
        ({"Prenom": "LISE"}, "00"),
        ({"Prenom": "ANNE+LISE"}, "00"),
        ({"NomNaissance": "Fictif Balô"}, "00"),
        ({"LieuNaissance": ""}, "00"),
        ({"LieuNaissance": "99999"}, "00"),
        ({"LieuNaissance": "55050"}, "01"),
        ({"Prenom": "MARIE"}, "01"),
        ({"Prenom": "LISE+ANNE"}, "01"),
        ({"Prenom": ""}, "01"),
        ({"Sexe": "M"}, "01"),
        ({"DateNaissance": "1960-05-16"}, "01"),
    ],
)
def test_search_follows_the_traits(changes: dict[str, str], cr: str) -> None:
    assert ask(insi.service(), insi.envelope(insi.traits(**changes)))[1].cr == cr


@pytest.mark.parametrize("person", published_test_persons(), ids=lambda p: f"{p.nom_naissance} {p.prenoms[0]}")
def test_published_person_is_answered_as_published(person) -> None:  # type: ignore[no-untyped-def]
    service = Insi(insi.SETTINGS.insi, oids_propres=True)
    for prenom in person.prenoms:
        answer = search(
            service,
            nom=person.nom_naissance,
            prenom=prenom,
            sexe=person.sexe,
            date=person.date_naissance,
            lieu=person.lieu_naissance,
        )
        if person.cr == "insi_102":
            assert answer.faults == ("siram_40", "insi_102")
        elif person.ins is None or person.cr == "01" or prenom in person.prenoms_inconnus:
            assert answer.cr == "01"
        else:
            assert answer.ins is not None
            assert (answer.ins.matricule, answer.ins.cle, answer.ins.oid) == (
                person.ins.matricule,
                person.ins.cle,
                person.ins.oid,
            )
            assert [i.matricule for i in answer.history] == [i.matricule for i in person.historique]


def test_published_matricules_are_all_known_to_the_key_rule() -> None:
    every = {i.matricule for p in published_test_persons() for i in (p.ins, *p.historique) if i is not None}
    assert every == PUBLISHED_MATRICULES


def test_default_platform_answers_the_configured_oid() -> None:
    answer = search(insi.service(), nom="PROVISOIRE", prenom="MATRICULE", sexe="M", date="2009-07-01")
    assert answer.ins is not None
    assert answer.ins.oid == insi.OID


@pytest.mark.parametrize("profil", sorted(PROFILS))
def test_every_profile_of_the_world_gets_the_answer_it_announces(profil: str) -> None:
    person = usager(profil, "insi")
    service = Insi(insi.SETTINGS.insi)
    service.admit(person)
    answer = search(
        service,
        nom=person.nom_naissance,
        prenom=person.prenom,
        sexe=person.sexe,
        date=person.date_naissance,
        lieu=person.lieu_naissance,
    )
    expected = {"inconnu": "01", "ko": "01", "plusieurs": "02"}.get(person.insi, "00")
    assert answer.cr == expected
    if person.insi in ("lunaire", "incomplet"):
        assert answer.tiq is not None
        assert answer.tiq.unusable


@pytest.mark.parametrize("trait", ["nom", "prenoms", "sexe"])
def test_incomplete_answer_leaves_the_ordered_trait_empty(trait: str) -> None:
    service = insi.service()
    service.admit(insi.with_behaviour("incomplet"))
    service.command("trait-vide", {"trait": trait})
    answer = ask(service, insi.envelope(insi.traits()))[1]
    assert answer.tiq is not None
    assert answer.tiq.unusable.startswith("INSi a rendu un trait vide")


def test_lunar_answer_has_month_zero() -> None:
    service = insi.service()
    service.admit(insi.with_behaviour("lunaire"))
    reply, answer = ask(service, insi.envelope(insi.traits()))
    assert answer.tiq is not None
    assert answer.tiq.date == "1960-00-15"
    assert reply.facts["retour"] == "lunaire"


def test_platform_may_answer_a_fault_instead_of_01() -> None:
    service = insi.service()
    service.command("faute-au-lieu-de-01", {"active": True})
    reply, answer = ask(service, insi.envelope(insi.traits(Prenom="MARIE")))
    assert (reply.status, answer.faults) == (500, ("siram_40", "insi_102"))
    assert answer.reason.startswith("Le service est temporairement inaccessible")
    assert Insi(replace(insi.SETTINGS.insi, faute_au_lieu_de_01=True)).habits.faute_au_lieu_de_01


@pytest.mark.parametrize(("nom", "arguments"), [("trait-vide", {"trait": "age"}), ("danser", {})])
def test_unknown_order_is_refused(nom: str, arguments: dict[str, str]) -> None:
    with pytest.raises(HarnessError):
        insi.service().command(nom, arguments)


def test_two_homonyms_born_the_same_day_give_code_02_until_the_place_tells() -> None:
    service = insi.service()
    service.admit(Usager(**{**_fields(insi.USAGER), "id": "u2", "lieu_naissance": "55050", "matricule_insi": "2600555050012"}))
    assert ask(service, insi.envelope(insi.traits(LieuNaissance="")))[1].cr == "02"
    assert ask(service, insi.envelope(insi.traits()))[1].cr == "00"


def _fields(person: Usager) -> dict[str, object]:
    return {name: getattr(person, name) for name in Usager.__dataclass_fields__}


def test_card_search_finds_the_bearer() -> None:
    reply, answer = ask(insi.service(), insi.envelope(insi.card(), action=insi.CARD), action=insi.CARD)
    assert (answer.cr, reply.facts["operation"]) == ("00", "recherche-vitale")
    assert ask(insi.service(), insi.envelope(insi.card(date="1961-01-01"), action=insi.CARD))[1].cr == "01"
    assert ask(insi.service(), insi.envelope(insi.card(matricule="1810163220999"), action=insi.CARD))[1].cr == "01"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (insi.verification(), "OK"),
        (insi.verification(cle="81"), "KO"),
        (insi.verification(oid="1.2.250.1.213.1.4.8"), "KO"),
        (insi.verification(nom="AUTRE"), "KO"),
        (insi.verification(matricule="2600555039999"), "KO"),
    ],
)
def test_verification_says_ok_or_ko(body: str, answer: str) -> None:
    reply, read = ask(insi.service(), insi.envelope(body, action=insi.VERIFY), action=insi.VERIFY)
    assert (read.verification, reply.facts["reponse"]) == (answer, answer)


def test_verification_of_a_denied_person_is_ko_and_provisional() -> None:
    service = insi.service()
    service.admit(insi.with_behaviour("ko", matricule="2600555039012", cle="96", oid=insi.OID))
    assert ask(service, insi.envelope(insi.verification(), action=insi.VERIFY))[1].verification == "KO"
    assert service.describe("insi", insi.request(insi.envelope(insi.verification()))).kind in service.provisoire


@pytest.mark.parametrize(
    ("how", "message", "mode"),
    [
        ({}, {}, "certificat"),
        ({"certificate": None}, {"security": insi.assertion("CPS", signed=True)}, "cps"),
        ({"certificate": None}, {"security": insi.assertion("PSC")}, "psc"),
    ],
)
def test_mode_is_read_from_certificate_and_assertion(how: dict[str, None], message: dict[str, str], mode: str) -> None:
    service = insi.service()
    asked = insi.request(insi.envelope(insi.traits(), **message), **how)  # type: ignore[arg-type]
    assert service.handle("insi", asked, insi.NOW).facts["mode"] == mode
    kind = service.describe("insi", asked).kind
    assert kind == ("insi.recherche-traits" if mode == "certificat" else f"insi.recherche-traits.{mode}")


@pytest.mark.parametrize(
    ("message", "how", "status", "faults"),
    [
        (insi.envelope(insi.traits(), idam="FAUX"), {}, 500, ("siram_100", "desir_550")),
        (insi.envelope(insi.traits()), {"certificate": insi.client_der("AUTH-CLI")}, 500, ("siram_100", "desir_560")),
        (insi.envelope(insi.traits()), {"certificate": None}, 500, ("siram_100", "desir_560")),
        (insi.envelope("<x/>"), {}, 400, ()),
        (insi.envelope(""), {}, 400, ()),
        ("rien", {}, 400, ()),
        ("<a><b></a>", {}, 400, ()),
        ('<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', {}, 400, ()),
        (insi.envelope(insi.traits()), {"method": "GET"}, 405, ()),
        (insi.envelope(insi.traits()), {"target": "/autre"}, 404, ()),
        (insi.envelope(insi.traits()).replace("http://www.w3.org/2003/05/soap-envelope", "urn:x"), {}, 500, ()),
        (
            insi.envelope(insi.traits()).replace("www.w3.org/2003/05/soap-envelope", "schemas.xmlsoap.org/soap/envelope/"),
            {},
            500,
            (),
        ),
    ],
)
def test_what_cannot_be_served_gets_a_soap_fault(
    message: str, how: dict[str, object], status: int, faults: tuple[str, ...]
) -> None:
    reply, answer = ask(insi.service(), message, **how)
    assert (reply.status, answer.faults) == (status, faults)
    assert answer.reason


def test_card_fault_is_insi_101() -> None:
    service = insi.service()
    service.arm("erreur-technique", times=1)
    assert ask(service, insi.envelope(insi.card(), action=insi.CARD))[1].faults == ("siram_40", "insi_101")
    assert ask(service, insi.envelope(insi.card(), action=insi.CARD))[1].cr == "00"


@pytest.mark.parametrize(
    ("panne", "seen"),
    [
        ("erreur-technique", ("siram_40", "insi_102")),
        ("idam-inconnu", ("siram_100", "desir_550")),
        ("acces-insuffisant", ("siram_100", "desir_560")),
        ("aucune-identite", "01"),
        ("plusieurs-identites", "02"),
        ("faute-sans-detail", ()),
    ],
)
def test_named_faults_answer_instead_of_the_service(panne: str, seen: object) -> None:
    service = insi.service()
    service.arm(panne, times=1, target="insi.recherche-traits")
    reply, answer = ask(service, insi.envelope(insi.traits()))
    assert seen in (answer.cr, answer.faults)
    assert reply.facts["panne"] == panne
    assert ask(service, insi.envelope(insi.traits()))[1].cr == "00"


def test_description_carries_the_keys_of_the_usager_even_when_badly_written() -> None:
    service = insi.service()
    keys = service.describe("insi", insi.request(insi.envelope(insi.traits(NomNaissance="Fictif balô")))).keys
    assert traits_key("FICTIF-BALO", "1960-05-15", "F") in keys
    verified = service.describe("insi", insi.request(insi.envelope(insi.verification()))).keys
    assert set(usager_keys(insi.USAGER)) <= set(verified)


@pytest.mark.parametrize(
    "changes", [{"Sexe": "2"}, {"Sexe": ""}, {"DateNaissance": "15/05/1960"}, {"NomNaissance": ""}, {"NomNaissance": "FICTIF"}]
)
def test_call_with_a_wrong_trait_is_still_attributed(changes: dict[str, str]) -> None:
    keys = insi.service().describe("insi", insi.request(insi.envelope(insi.traits(**changes)))).keys
    assert traits_key("FICTIF-BALO", "1960-05-15", "F") in keys


def test_homonyms_are_told_apart_by_their_date() -> None:
    service = Insi(insi.SETTINGS.insi)
    one, other = usager("homonymes", "1"), usager("homonymes", "2")
    service.admit(one)
    service.admit(other)
    body = insi.traits(NomNaissance=one.nom_naissance, Prenom=one.prenom, DateNaissance=one.date_naissance)
    keys = service.describe("insi", insi.request(insi.envelope(body))).keys
    assert set(usager_keys(one)) & set(keys)
    assert not set(usager_keys(other)) & set(keys)


def test_national_bases_may_hold_other_first_names() -> None:
    service = insi.service()
    service.command("prenoms-qualifies", {"usager": "u1", "prenoms": ["ANNE", "LISE", "MODESTE"]})
    answer = ask(service, insi.envelope(insi.traits()))[1]
    assert answer.tiq is not None
    assert answer.tiq.liste_prenoms == "ANNE LISE MODESTE"
    with pytest.raises(HarnessError):
        service.command("prenoms-qualifies", {"usager": "personne", "prenoms": ["A"]})


@pytest.mark.parametrize(
    "changes",
    [
        {"NomNaissance": "Fictif-balo"},
        {"Prenom": ""},
        {"Prenom": "ANNE--LISE"},
        {"Sexe": "2"},
        {"DateNaissance": "15/05/1960"},
        {"LieuNaissance": "BRAS"},
    ],
)
def test_strict_service_refuses_badly_written_traits(changes: dict[str, str]) -> None:
    message = insi.envelope(insi.traits(**changes))
    reply, answer = ask(insi.service(strict=True), message)
    assert (reply.status, answer.faults) == (500, ())
    assert answer.reason
    assert ask(insi.service(), message)[0].status == 200


def test_strict_service_answers_correct_calls() -> None:
    for message in (
        insi.envelope(insi.traits()),
        insi.envelope(insi.card(), action=insi.CARD),
        insi.envelope(insi.verification()),
    ):
        assert ask(insi.service(strict=True), message)[0].status == 200
    assert ask(insi.service(strict=True), insi.envelope(insi.card(date="1960"), action=insi.CARD))[0].status == 500


def test_description_carries_the_professional() -> None:
    described = insi.service().describe(
        "insi", insi.request(insi.envelope(insi.traits(), security=insi.assertion("PSC", name_id=insi.PS[1:])))
    )
    assert {k.valeur for k in described.keys if k.espace == "ps"} == {insi.PS, insi.PS[1:]}


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"<a/>", b"<" * 5000, "é".encode("utf-16")])
def test_description_never_raises(data: bytes) -> None:
    assert insi.service().describe("insi", insi.request(data)).kind == "insi.inconnu"
