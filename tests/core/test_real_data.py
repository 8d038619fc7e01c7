"""A real-looking matricule stops the campaign before anything is stored; test people pass."""

import pytest
from dui_conformance.core.errors import RealDataError
from dui_conformance.core.exchange import Body, Connection, Request
from dui_conformance.core.real_data import guard, matricules
from dui_conformance.fixtures.test_persons import is_test_person

REAL_LOOKING = "184127511204533"
NIR = "1.2.250.1.213.1.4.8"


def request(body: bytes, target: str = "/x") -> Request:
    return Request("POST", target, (), Body(body), Connection())


CASES = {
    "soap": f"<A>{REAL_LOOKING}^^^&amp;{NIR}&amp;ISO^NH</A>",
    "cda": f'<id root="{NIR}" extension="{REAL_LOOKING}"/>',
    "cda-inverse": f'<id extension="{REAL_LOOKING}"\n root="{NIR}"/>',
    "insi": f"<NumIdentifiant>{REAL_LOOKING[:13]}</NumIdentifiant><Cle>33</Cle></IdIndividu><OID>{NIR}</OID>",
    "json": f'{{"system":"urn:oid:{NIR}","value":"{REAL_LOOKING}"}}',
    "json-inverse": f'{{"value":"{REAL_LOOKING}","system":"urn:oid:{NIR}"}}',
    "fhir-xml": f'<identifier><system value="urn:oid:{NIR}"/><value value="{REAL_LOOKING}"/></identifier>',
    "fhir-recherche": f"identifier=urn:oid:{NIR}|{REAL_LOOKING}",
    "mail": f"To: {REAL_LOOKING}@patient.mssante.fr",
}


@pytest.mark.parametrize("form", CASES)
def test_a_real_looking_matricule_is_refused_wherever_it_is(form: str) -> None:
    with pytest.raises(RealDataError) as caught:
        guard(is_test_person)(request(CASES[form].encode()))
    assert REAL_LOOKING[:13] not in str(caught.value)
    assert "donnée réelle probable" in str(caught.value)


def test_utf16_and_query_strings_are_read_too() -> None:
    check = guard(is_test_person)
    with pytest.raises(RealDataError):
        check(request(CASES["cda"].encode("utf-16")))
    with pytest.raises(RealDataError):
        check(request(b"", f"/x?patient={REAL_LOOKING}%5E%5E%5E%26{NIR}%26ISO%5ENH"))


def test_forms_are_read_and_a_path_is_not_repeated() -> None:
    check = guard(is_test_person)
    body = f"patient={REAL_LOOKING}%5E%5E%5E%26{NIR}%26ISO%5ENH".encode()
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    with pytest.raises(RealDataError):
        check(Request("POST", "/x", form, Body(body), Connection()))
    with pytest.raises(RealDataError) as caught:
        check(request(b"", f"/boite/{REAL_LOOKING}@patient.mssante.fr"))
    assert REAL_LOOKING[:13] not in str(caught.value)


@pytest.mark.parametrize("form", CASES)
def test_the_test_oid_is_never_refused(form: str) -> None:
    body = CASES[form].replace(NIR, NIR + "0").replace("4.80", "4.10").encode()
    if form != "mail":
        guard(is_test_person)(request(body))


def test_published_people_and_declared_fictional_ones_pass() -> None:
    published = f'<id root="{NIR}" extension="275126322074974"/>'.encode()
    guard(is_test_person)(request(published))
    guard(is_test_person, [REAL_LOOKING])(request(CASES["soap"].encode()))


def test_the_search_is_linear_on_hostile_input() -> None:
    hostile = b"NumIdentifiant>1234567890123<" * 3000
    assert list(matricules(hostile)) == []
