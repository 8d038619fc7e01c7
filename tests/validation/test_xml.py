"""The hardened parser: what it refuses, and how it says where."""

from __future__ import annotations

import pytest
from dui_conformance.validation.xml import XmlError, parse, place_of, xpath_of

BOMB = b"""<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]><a>&e;&e;&e;</a>"""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vide"),
        (b"   ", "vide"),
        (b"ceci n'est pas du XML", "pas du XML"),
        (b"<a><b></a>", "balise"),
        (b"<a><b>", "tronqu"),
        (b"<a/><b/>", "suit"),
        (b"<p:a/>", "préfixe"),
        (b"<?xml version='1.0' encoding='utf-8'?><a>\xe9</a>", "encodage"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encodage"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DOCTYPE"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (BOMB, ""),
        (b"<a>" * 5000 + b"</a>" * 5000, "profonde"),
    ],
)
def test_parse_refuses_what_is_not_a_safe_document(data: bytes, said: str) -> None:
    with pytest.raises(XmlError) as caught:
        parse(data)
    assert said in str(caught.value)


def test_parse_refuses_more_bytes_than_the_limit() -> None:
    with pytest.raises(XmlError, match="plus grand"):
        parse(b"<a>" + b"x" * 100 + b"</a>", max_size=50)


def test_parse_accepts_a_very_long_text() -> None:
    assert len(parse(b"<a>" + b"x" * 11_000_000 + b"</a>").text or "") == 11_000_000


def test_error_says_the_line() -> None:
    with pytest.raises(XmlError) as caught:
        parse(b"<a>\n<b>\n</a>")
    assert caught.value.line == 3
    assert "(ligne 3)" in str(caught.value)


def test_latin1_is_read_when_announced() -> None:
    assert parse('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")).text == "é"


def test_xpath_is_short_and_prefixed() -> None:
    root = parse(b'<a xmlns="urn:hl7-org:v3" xmlns:s="urn:hl7-org:sdtc"><b/><b><s:c/></b></a>')
    assert xpath_of(root[1][0]) == "/a/b[2]/sdtc:c"
    assert place_of(root) == "/a (ligne 1)"
