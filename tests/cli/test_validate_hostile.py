"""Hostile files: one clear finding each, the others are judged, memory stays bounded."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from dui_conformance.cli.constats import LARGEST, FileVerdict
from dui_conformance.cli.jugement import Options, judge_bytes, judge_file
from dui_conformance.cli.lecteur_zip import LARGEST_TOTAL, MOST_MEMBERS
from dui_conformance.cli.validate import found
from dui_conformance.core.errors import InputError
from dui_conformance.core.verdict import Verdict

NOTE = Path(__file__).parent.parent / "data" / "cda" / "note_vaccination.xml"
RIGHT = NOTE.read_bytes()
OPTIONS = Options(date(2026, 11, 20))
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
BOMB = f'<!DOCTYPE r [<!ENTITY a0 "ha">{LAUGHS}]>'
MEBIBYTE = 1024 * 1024


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def lying_zip() -> bytes:
    """An archive whose directory announces a small member that unpacks to much more."""
    data = bytearray(zipped(x=b"0" * (LARGEST_TOTAL + MEBIBYTE)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(data)


def damaged(data: bytes) -> bytes:
    """The archive with a changed byte in what is compressed."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


HOSTILE: dict[str, tuple[bytes, str]] = {
    "bombe-attribut": (f'{BOMB}<r x="&a8;"/>'.encode(), "cda.structure.readable"),
    "bombe-texte": (f"{BOMB}<r>&a8;</r>".encode(), "cda.structure.readable"),
    "bombe-quadratique": (
        f'<!DOCTYPE r [<!ENTITY a "{"a" * 100_000}">]><r x="{"&a;" * 20_000}"/>'.encode(),
        "cda.structure.readable",
    ),
    "entite-externe": (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "cda.structure.readable"),
    "entite-parametre": (b'<!DOCTYPE r [<!ENTITY % x SYSTEM "http://localhost/x">%x;]><r/>', "cda.structure.readable"),
    "doctype": (b'<!DOCTYPE ClinicalDocument SYSTEM "CDA.dtd">' + RIGHT.partition(b"?>")[2], "cda.structure.readable"),
    "xinclude": (
        b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></a>',
        "fichier.format",
    ),
    "profond": (b"<a>" * 100_000 + b"</a>" * 100_000, "cda.structure.readable"),
    "noeuds": (b"<a>" + b"<b/>" * 3_000_000 + b"</a>", "fichier.taille"),
    "attributs": (b"<a>" + b'<b c="" d="" e=""/>' * 1_000_000 + b"</a>", "fichier.taille"),
    "nul": (RIGHT.replace(b"<title>", b"<title>\0", 1), "cda.structure.readable"),
    "latin1-annonce-utf8": (RIGHT.decode().encode("latin-1", "replace"), "cda.structure.readable"),
    "utf16-annonce-utf8": (RIGHT.decode().encode("utf-16-le"), "cda.structure.readable"),
    "bom-double": (b"\xef\xbb\xbf" * 2 + RIGHT, "fichier.format"),
    "encodage-inconnu": (b'<?xml version="1.0" encoding="x-user-defined"?><a/>', "cda.structure.readable"),
    "zip-bombe": (zipped(x=b"0" * (LARGEST_TOTAL + MEBIBYTE)), "fichier.archive"),
    "zip-menteur": (lying_zip(), "fichier.archive"),
    "zip-glissement": (zipped(**{"../../etc/x.xml": RIGHT}), "fichier.archive"),
    "zip-absolu": (zipped(**{"/etc/x.xml": RIGHT}), "fichier.archive"),
    "zip-windows": (zipped(**{"C:\\x.xml": RIGHT}), "fichier.archive"),
    "zip-dans-zip": (zipped(**{"a.zip": zipped(x=RIGHT)}), "fichier.archive"),
    "zip-vide": (zipped(), "fichier.archive"),
    "zip-nombreux": (zipped(**{f"{n}.xml": b"" for n in range(MOST_MEMBERS + 1)}), "fichier.archive"),
    "zip-tronque": (zipped(**{"a.xml": RIGHT})[:-30], "fichier.archive"),
    "zip-abime": (damaged(zipped(**{"a.xml": RIGHT})), "fichier.archive"),
    "vide": (b"", "fichier.format"),
    "blancs": (b" \n\t" * 1000, "fichier.format"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_content_has_one_clear_finding(name: str) -> None:
    data, rule = HOSTILE[name]
    verdict = judge_bytes(data, name, OPTIONS)
    assert verdict.verdict is Verdict.NON_CONFORME, verdict.findings
    (finding,) = verdict.findings
    assert finding.rule == rule
    assert all((finding.message, finding.expected, finding.received, finding.hint, finding.source))
    assert len(finding.received) < 300


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + RIGHT,
        RIGHT.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"', 1).encode("utf-16"),
        RIGHT.decode().replace('encoding="UTF-8"', "", 1).encode("utf-16"),
        b"\n\n" + RIGHT.partition(b"?>")[2],
    ],
    ids=["bom", "utf-16", "utf-16-sans-annonce", "blancs-en-tete"],
)
def test_a_legitimate_encoding_is_read(data: bytes) -> None:
    assert judge_bytes(data, "x", OPTIONS).verdict is Verdict.CONFORME


def test_what_an_archive_holds_is_judged_and_its_notice_is_left_aside() -> None:
    wrong = RIGHT.replace(b'administrativeGenderCode code="F"', b'administrativeGenderCode code="X"', 1)
    data = zipped(**{"README.TXT": b"notice", "LOT/DOC1.XML": RIGHT, "LOT/DOC2.XML": wrong})
    verdict = judge_bytes(data, "x.zip", OPTIONS)
    assert verdict.verdict is Verdict.NON_CONFORME
    broken = [f for f in verdict.findings if f.verdict == Verdict.NON_CONFORME]
    assert {f.membre for f in broken} == {"LOT/DOC2.XML"}


# Files


def judged(path: Path) -> FileVerdict:
    return judge_file(path, str(path), OPTIONS)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.symlink_to(path)


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nulle-part")


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(200 * MEBIBYTE)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (fifo, "fichier.lecture"),
        (loop, "fichier.lecture"),
        (dangling, "fichier.lecture"),
        (device, "fichier.lecture"),
        (sparse, "fichier.taille"),
    ],
)
def test_a_file_that_cannot_be_read_has_one_finding(make: Callable[[Path], None], rule: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    make(path)
    ((finding,), verdict) = judged(path).findings, judged(path).verdict
    assert (finding.rule, verdict) == (rule, Verdict.NON_CONFORME)
    assert finding.received


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="l'administrateur lit tout")
def test_a_forbidden_file_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(RIGHT)
    path.chmod(0)
    assert judged(path).findings[0].received == "accès refusé"


def test_a_refused_access_is_said_in_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "x.xml"
    path.write_bytes(RIGHT)
    monkeypatch.setattr(Path, "open", refuse)
    assert judged(path).findings[0].received == "accès refusé"


def test_folders_that_loop_are_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.xml").write_bytes(RIGHT)
    (tmp_path / "a" / "b").symlink_to(tmp_path, target_is_directory=True)
    assert [shown for _, shown in found((tmp_path,))] == [str(tmp_path / "a" / "x.xml")]


def test_a_missing_path_is_a_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="n'existe pas"):
        list(found((tmp_path / "absent",)))


PROBE = """
import re, sys
from datetime import date
from pathlib import Path
from dui_conformance.cli.jugement import Options, judge_file
judge_file(Path(sys.argv[1]), "x", Options(date(2026, 11, 20)))
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
before = peak()
for path in sys.argv[2:]:
    judge_file(Path(path), "x", Options(date(2026, 11, 20)))
print(before, peak())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mesure de mémoire de Linux")
def test_memory_stays_bounded(tmp_path: Path) -> None:
    huge = tmp_path / "enorme.xml"
    sparse(huge)
    paths = [huge]
    for name, (data, _) in HOSTILE.items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, str(NOTE), *map(str, paths)], capture_output=True, text=True, check=True, timeout=120
    )
    before, after = map(int, ended.stdout.split())
    assert before < 150
    assert after < before + 3 * LARGEST // MEBIBYTE


@pytest.mark.parametrize(
    "wrong",
    [b'<author bad="1"/>', b'<author><time value="x"/></author>', b'<id root="1"/>', b'<reference value="#absent"/>'],
    ids=["attribut", "auteur", "identifiant", "reference"],
)
def test_thousands_of_wrong_siblings_cost_a_bounded_number_of_steps(wrong: bytes) -> None:
    """Counted in steps and not in seconds: four times the errors, at most five times the calls (a quadratic cost: sixteen)."""

    def steps(count: int) -> int:
        data = RIGHT.replace(b"</recordTarget>", b"</recordTarget>" + wrong * count, 1)
        made = 0

        def count_one(*_: object) -> None:
            nonlocal made
            made += 1

        sys.setprofile(count_one)
        try:
            judge_bytes(data, "x", OPTIONS)
        finally:
            sys.setprofile(None)
        return made

    steps(10)
    assert steps(16_000) < 5 * steps(4_000)
