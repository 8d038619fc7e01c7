"""French typography, and the lines of an XML document."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from dui_conformance.reports import typography as typo
from dui_conformance.reports.xml_lines import steps_of, xml_lines
from dui_conformance.validation.xml import parse


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-03-31T12:05:12+00:00", "31/03/2026 14:05:12 +02:00"),
        ("2026-03-29T00:59:59+00:00", "29/03/2026 01:59:59 +01:00"),
        ("2026-03-29T01:00:00+00:00", "29/03/2026 03:00:00 +02:00"),
        ("2026-10-25T00:59:59+00:00", "25/10/2026 02:59:59 +02:00"),
        ("2026-10-25T01:00:00+00:00", "25/10/2026 02:00:00 +01:00"),
        ("2026-12-31T23:30:00+00:00", "01/01/2027 00:30:00 +01:00"),
    ],
)
def test_date_is_the_legal_time_of_france(moment: str, shown: str) -> None:
    assert typo.date_time(moment).replace("\u00a0", " ") == shown
    assert typo.date_time(datetime.fromisoformat(moment)).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("attendu : rien ; vraiment ?", "attendu\u00a0: rien\u202f; vraiment\u202f?"),
        ("« oui »", "«\u00a0oui\u00a0»"),
        ("urn:uuid:12 à 10:30", "urn:uuid:12 à 10:30"),
        ("a ? b : c", "a\u202f? b\u00a0: c"),
    ],
)
def test_spaces(text: str, shown: str) -> None:
    assert typo.spaced(text) == shown
    assert typo.spaced(shown) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.123, "0,12 s"), (42, "42 s"), (601, "10 min 01 s"), (600, "10 min"), (14700, "4 h 05 min")]
)
def test_duration(seconds: float, shown: str) -> None:
    assert typo.duration(seconds).replace("\u00a0", " ") == shown


def test_numbers_sizes_and_plurals() -> None:
    assert typo.number(1234567) == "1\u202f234\u202f567"
    assert [typo.size(n).replace("\u00a0", " ") for n in (1, 512, 48_200, 3_100_000)] == [
        "1 octet",
        "512 octets",
        "48,2 ko",
        "3,1 Mo",
    ]
    assert [typo.plural(n, "échange").replace("\u00a0", " ") for n in (0, 1, 2)] == ["0 échange", "1 échange", "2 échanges"]
    assert typo.day("2026-03-31") == typo.day(datetime(2026, 3, 31, 9, tzinfo=UTC)) == "31/03/2026"


DOCUMENT = b"""<a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope"><a:Body>
 <Doc xmlns="urn:hl7-org:v3"><id v="1"/><id v="2">x &lt; y</id><texte>un <b>mot</b> suivi</texte></Doc>
 </a:Body></a:Envelope>"""


def test_layout_keeps_content_and_is_indented() -> None:
    laid = xml_lines(parse(DOCUMENT))
    assert [line.strip() for line in laid.lines] == [
        '<a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope">',
        "<a:Body>",
        '<Doc xmlns="urn:hl7-org:v3">',
        '<id v="1"/>',
        '<id v="2">x &lt; y</id>',
        "<texte>",
        "un",
        "<b>mot</b>",
        "suivi",
        "</texte>",
        "</Doc>",
        "</a:Body>",
        "</a:Envelope>",
    ]


@pytest.mark.parametrize(
    ("at", "line", "exact"),
    [
        ("/soap:Envelope/soap:Body/Doc/id[2] (ligne 2)", 4, True),
        ("/soap:Envelope/soap:Body/Doc (ligne 2)/id[@v='2']/@v", 4, True),
        ("/soap:Envelope/soap:Body/Doc/absent/suite", 2, False),
        ("/soap:Envelope/soap:Body : autre chose", 1, True),
        ("/soap:Envelope/soap:Body/Doc/id[position()=2]", 3, True),
    ],
)
def test_place_of_a_finding_is_found(at: str, line: int, exact: bool) -> None:
    assert xml_lines(parse(DOCUMENT)).find(at) == (line, exact)


@pytest.mark.parametrize("at", ["/ClinicalDocument/id", "en-tête HTTP Content-Type", "", "/", "//", "/a[", "/auth"])
def test_place_elsewhere_is_not_found(at: str) -> None:
    assert xml_lines(parse(DOCUMENT)).find(at) is None


def test_hostile_place_cannot_inject_a_step() -> None:
    assert steps_of("/a[document('file:///etc/passwd')]/b") == ("*[local-name()='a']", "*[local-name()='b']")


def test_very_deep_document_is_laid_out() -> None:
    depth = 1500
    assert len(xml_lines(parse(b"<a>" * depth + b"</a>" * depth)).lines) == 2 * depth - 1
