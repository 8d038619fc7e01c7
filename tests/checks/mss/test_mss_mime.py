"""The form of messages: one correct mail, and each rule broken in it."""

from __future__ import annotations

import pytest
from checks.mss.exemples import SIMPLE, breaks, header, right, run

NAMES = """
readable header-lines single-headers version content-type boundaries encodings utf-8 header-encoding file-names body
"""
RULES = NAMES.split()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("data", [SIMPLE, right()], ids=["simple", "documents"])
def test_a_correct_mail_keeps_the_rule(rule: str, data: bytes) -> None:
    assert run(f"mss.mime.{rule}", data).fired


def body(text: bytes) -> bytes:
    return SIMPLE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + text


WRONG = {
    "vide": ("readable", b""),
    "sans-entete": ("readable", b"\r\nbonjour"),
    "trop-d-entetes": ("readable", b"X-A: 1\r\n" * 1200 + SIMPLE),
    "entetes-enormes": ("readable", b"X-A: " + b"a" * 300_000 + b"\r\n" + SIMPLE),
    "pas-un-entete": ("header-lines", b"X-MSS-NIL: 1\r\nceci n'est pas un en-tete\r\n" + SIMPLE),
    "retour-chariot": ("header-lines", SIMPLE.replace(b"Subject: Question", b"Subject: Question\rBcc: x@y.fr")),
    "deux-objets": ("single-headers", b"Subject: Autre\r\n" + SIMPLE),
    "deux-from": ("single-headers", b"FROM: a@b.fr\r\n" + SIMPLE),
    "sans-version": ("version", header("MIME-Version", None)),
    "version-2": ("version", header("MIME-Version", "2.0")),
    "type-absent": ("content-type", header("Content-Type", "texte")),
    "related": ("content-type", right().replace(b"multipart/mixed", b"multipart/related", 1)),
    "sans-boundary": ("boundaries", header("Content-Type", "multipart/mixed")),
    "boundary-introuvable": ("boundaries", header("Content-Type", "multipart/mixed; boundary=autre")),
    "sans-fin": ("boundaries", right().rstrip()[:-2]),
    "base64": ("encodings", right().replace(b"UEsD", b"UE?sD", 1)),
    "7bit": ("encodings", header("Content-Transfer-Encoding", "7bit")),
    "encodage-inconnu": ("encodings", header("Content-Transfer-Encoding", "x-uuencode")),
    "ligne-longue": ("encodings", body(b"a" * 1200 + b"\r\n")),
    "latin-1": ("utf-8", header("Content-Type", "text/plain; charset=iso-8859-1")),
    "sans-charset": ("utf-8", header("Content-Type", "text/plain")),
    "faux-utf-8": ("utf-8", body("déjà".encode("latin-1"))),
    "charset-inconnu": ("utf-8", header("Content-Type", "text/plain; charset=klingon")),
    "8-bits": ("header-encoding", header("Subject", "Résultat")),
    "mot-latin-1": ("header-encoding", header("Subject", "=?iso-8859-1?Q?R=E9sultat?=")),
    "mot-abime": ("header-encoding", header("Subject", "=?utf-8?B?@@@?=")),
    "nom-brut": ("file-names", right().replace(b'filename="IHE_XDM.ZIP"', 'filename="Résultat.pdf"'.encode(), 1)),
    "nom-2047": ("file-names", right().replace(b'filename="IHE_XDM.ZIP"', b'filename="=?utf-8?Q?R=C3=A9s?="', 1)),
    "nom-chemin": ("file-names", right().replace(b'filename="IHE_XDM.ZIP"', b'filename="../x.zip"', 1)),
    "corps-vide": ("body", body(b"  \r\n")),
    "corps-html": ("body", header("Content-Type", "text/html; charset=utf-8")),
}


@pytest.mark.parametrize(("rule", "data"), WRONG.values(), ids=WRONG)
def test_a_wrong_mail_breaks_the_rule(rule: str, data: bytes) -> None:
    breaks(f"mss.mime.{rule}", data)
