"""Splitting and building multipart/related, quirks of real senders included."""

from __future__ import annotations

import pytest
from dui_conformance.validation.mtom import MtomError, build_mtom, cid_of, parse_content_type, split

KIND = 'multipart/related; type="application/xop+xml"; start="<root>"; start-info="application/soap+xml"; boundary="b:1 2"'


def body(*parts: tuple[str, bytes], boundary: str = "b:1 2", end: bytes = b"--\r\n") -> bytes:
    made = b""
    for head, content in parts:
        made += b"--" + boundary.encode() + b"\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"
    return made + b"--" + boundary.encode() + end


ROOT = ("Content-ID: <root>\r\nContent-Type: application/xop+xml", b"<root/>")
DOC = ("Content-ID: <doc@x>\r\nContent-Type: text/xml", b"\x00\xff\r\n--b:1 2x\r\n binaire --b:1 2")


def test_built_message_is_read_back_byte_exact() -> None:
    document = bytes(range(256)) * 40
    kind, raw = build_mtom(
        b"<e/>", [("doc 1", "text/xml", document), ("vide", "text/plain", b"")], boundary="limite", action="urn:a"
    )
    read = split(raw, kind)
    assert bytes(read.root.content) == b"<e/>"
    assert read.attachments == {"doc 1": document, "vide": b""}
    assert read.content_type.get("start-info") == "application/soap+xml"
    assert read.content_type.get("action") == "urn:a"


def test_boundary_inside_a_binary_part_is_content() -> None:
    read = split(body(ROOT, DOC), KIND)
    assert read.attachments == {"doc@x": DOC[1]}


@pytest.mark.parametrize("end", [b"--\r\n", b"--", b"-- \t\r\n", b"--\r\nepilogue"])
def test_end_without_or_with_trailing_bytes_is_accepted(end: bytes) -> None:
    assert len(split(body(ROOT, DOC, end=end), KIND).parts) == 2


def test_preamble_is_ignored() -> None:
    assert len(split(b"preambule\r\n" + body(ROOT), KIND).parts) == 1


def test_start_designates_the_root_whatever_its_place() -> None:
    assert bytes(split(body(DOC, ROOT), KIND).root.content) == b"<root/>"
    assert bytes(split(body(DOC, ROOT), KIND.replace('start="<root>"', "start=root")).root.content) == b"<root/>"


def test_without_start_the_first_part_is_the_root() -> None:
    assert bytes(split(body(ROOT, DOC), 'multipart/related; boundary="b:1 2"').root.content) == b"<root/>"


def test_base64_part_is_decoded() -> None:
    part = ("Content-ID: <d>\r\nContent-Transfer-Encoding: base64", b"w6k=\r\n")
    assert split(body(ROOT, part), KIND).attachments == {"d": "é".encode()}


def test_part_without_header_is_read() -> None:
    raw = b"--b:1 2\r\n\r\n<root/>\r\n--b:1 2--"
    assert bytes(split(raw, 'multipart/related; boundary="b:1 2"').root.content) == b"<root/>"


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        (body(ROOT, DOC)[:-8], KIND, "tronqué"),
        (body(ROOT, DOC)[:90], KIND, "tronqué"),
        (b"", KIND, "délimiteur annoncé"),
        (body(ROOT), "multipart/related", "boundary"),
        (body(ROOT), "text/xml", "n'est pas un multipart"),
        (body(ROOT), KIND.replace("<root>", "<autre>"), "start"),
        (body(("Content-ID: <root>\r\nContent-Transfer-Encoding: uuencode", b"x")), KIND, "uuencode"),
        (b"--b:1 2--\r\n", KIND, "sans aucune partie"),
        (b"--b:1 2\r\nContent-ID: x\r\n--b:1 2--", KIND, "ligne vide"),
    ],
)
def test_malformed_message_is_refused_in_french(raw: bytes, kind: str, words: str) -> None:
    with pytest.raises(MtomError, match=words):
        split(raw, kind)


def test_boundary_found_in_a_part_is_refused_at_building() -> None:
    with pytest.raises(MtomError, match="apparaît"):
        build_mtom(b"<e>--limite</e>", boundary="limite")


def test_content_type_parameters_are_unquoted() -> None:
    kind = parse_content_type('Multipart/Related ; Start-Info="application/soap+xml; action=\\"x\\"";boundary=abc; type=a/b')
    assert kind.media == "multipart/related"
    assert kind.parameters == {"start-info": 'application/soap+xml; action="x"', "boundary": "abc", "type": "a/b"}


@pytest.mark.parametrize("text", ["cid:doc%40x", "CID:doc@x", "<doc@x>", " doc@x "])
def test_content_id_forms_are_equal(text: str) -> None:
    assert cid_of(text) == "doc@x"
