"""PDF/A-1: a sound file, one alteration a rule, hostile files. The rules of ISO 19005-1 that the harness looks at."""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from datetime import date

import pikepdf
import pytest
from dui_conformance.checks.registry import all_checks, all_profiles, run_profile
from dui_conformance.core.check import Application
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.codes_barres import Barcodes
from dui_conformance.validation.document import Document
from dui_conformance.validation.pdf import RULES, PdfFile, PdfText
from dui_conformance.validation.pdf.scanner import scan
from pikepdf import Array, Dictionary, Name, Stream
from samples.papier import altered, pdf_a1, saved, scanned_pdf

DAY = date(2026, 11, 22)


def judged(data: bytes) -> list[Application]:
    return run_profile(all_profiles()["PDF-A1"], [Document(data, "essai.pdf")], day=DAY)


def broken(data: bytes) -> set[str]:
    applications = [a for a in judged(data) if a.finding is not None]
    for application in applications:
        finding = application.finding
        assert finding is not None
        assert all((finding.message, finding.expected, finding.received, finding.at, finding.hint)), application.check
    return {a.check.removeprefix("pdf.a1.") for a in applications}


def metadata(old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        packet = pdf.Root.Metadata.read_bytes()
        assert old in packet
        pdf.Root.Metadata.write(packet.replace(old, new))

    return alter


def page_content(extra: bytes) -> Callable[[pikepdf.Pdf], None]:
    return lambda pdf: pdf.pages[0].contents_add(Stream(pdf, extra))


def xobject(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        stream = Stream(pdf, b"")
        for key, value in entries.items():
            stream[f"/{key}"] = value
        pdf.pages[0].Resources["/XObject"] = Dictionary(Fm0=pdf.make_indirect(stream))

    return alter


def graphics_state(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Resources["/ExtGState"] = Dictionary(G0=Dictionary(Type=Name.ExtGState, **entries))

    return alter


def root(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        for key, value in entries.items():
            pdf.Root[f"/{key}"] = value

    return alter


def annotation(**entries: object) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        link = pdf.pages[0].Annots[0]
        for key, value in entries.items():
            if value is None:
                del link[f"/{key}"]
            else:
                link[f"/{key}"] = value

    return alter


def every_font(change: Callable[[pikepdf.Object], None]) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        for font in pdf.pages[0].Resources.Font.values():
            change(font)

    return alter


def no_program(font: pikepdf.Object) -> None:
    del font.DescendantFonts[0].FontDescriptor["/FontFile3"]


def without(holder: str, key: str) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        del getattr(pdf, holder)[key]

    return alter


def one_font(font: Dictionary) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Resources.Font["/F9"] = font
        pdf.pages[0].contents_add(Stream(pdf, b"BT /F9 12 Tf (bonjour) Tj ET"))

    return alter


def icc(version: int = 2, kind: bytes = b"mntr", space: bytes = b"RGB ", n: int = 3) -> Callable[[pikepdf.Pdf], None]:
    def alter(pdf: pikepdf.Pdf) -> None:
        profile = Stream(pdf, bytes(8) + bytes([version]) + bytes(3) + kind + space + bytes(16) + b"acsp" + bytes(92))
        profile["/N"] = n
        pdf.Root.OutputIntents[0]["/DestOutputProfile"] = pdf.make_indirect(profile)

    return alter


def level_a(pdf: pikepdf.Pdf) -> None:
    metadata(b"conformance>B<", b"conformance>A<")(pdf)
    del pdf.Root["/StructTreeRoot"]
    del pdf.Root["/MarkInfo"]


def second_intent(pdf: pikepdf.Pdf) -> None:
    profile = Stream(pdf, bytes(8) + b"\x02\x00\x00\x00mntrGRAY" + bytes(16) + b"acsp" + bytes(92))
    profile["/N"] = 1
    pdf.Root.OutputIntents.append(Dictionary(S=Name.GTS_PDFX, DestOutputProfile=pdf.make_indirect(profile)))


def deep_q(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(Stream(pdf, b"q " * 30 + b"Q " * 30))


TRUETYPE = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Arial, FirstChar=32, LastChar=33, Widths=Array([1, 2]))
RED: list[tuple[str, Callable[[pikepdf.Pdf], None]]] = [
    ("xmp-present", without("Root", "/Metadata")),
    ("xmp-well-formed", metadata(b"</rdf:RDF>", b"")),
    ("xmp-well-formed", metadata(b'id="W5M0', b'bytes="120" id="W5M0')),
    ("identification", metadata(b"part>1<", b"part>2<")),
    ("identification", metadata(b"conformance>B<", b"conformance>U<")),
    ("identification", metadata(b"<pdfaid:part>1</pdfaid:part>", b"")),
    ("info-matches-xmp", lambda pdf: pdf.docinfo.__setitem__("/Title", "Autre titre")),
    ("info-matches-xmp", lambda pdf: pdf.docinfo.__setitem__("/CreationDate", "D:20261121000000Z")),
    ("no-embedded-files", lambda pdf: pdf.attachments.__setitem__("a.txt", b"joint")),
    ("no-optional-content", root(OCProperties=Dictionary())),
    ("no-additional-actions", root(AA=Dictionary())),
    ("actions", root(OpenAction=Dictionary(S=Name.JavaScript, JS="app.alert(1)"))),
    ("actions", annotation(A=Dictionary(S=Name.Launch, F="calc.exe"))),
    ("actions", annotation(A=Dictionary(S=Name.Named, N=Name.Print))),
    ("forms", root(AcroForm=Dictionary(NeedAppearances=True, Fields=Array([])))),
    ("tagged", level_a),
    ("annotation-flags", annotation(F=None)),
    ("annotation-flags", annotation(F=6)),
    ("annotation-flags", annotation(CA=0.5)),
    ("annotation-types", annotation(Subtype=Name.FileAttachment)),
    ("annotation-types", annotation(Subtype=Name.Movie)),
    ("no-transparency", graphics_state(ca=0.5)),
    ("no-transparency", graphics_state(BM=Name.Multiply)),
    ("no-transparency", graphics_state(SMask=Dictionary(S=Name.Alpha))),
    ("no-transparency", lambda pdf: pdf.pages[0].__setitem__("/Group", Dictionary(S=Name.Transparency))),
    ("no-transparency", xobject(Subtype=Name.Image, SMask=Dictionary())),
    ("graphics-state", graphics_state(TR=Name.Identity)),
    ("rendering-intents", graphics_state(RI=Name.Jolie)),
    ("rendering-intents", page_content(b"/Jolie ri")),
    ("images", xobject(Subtype=Name.Image, Interpolate=True)),
    ("no-postscript", xobject(Subtype=Name.PS)),
    ("no-postscript", xobject(Subtype=Name.Form, Ref=Dictionary())),
    ("no-external-streams", xobject(Subtype=Name.Image, F="ailleurs.jpg")),
    ("operators", page_content(b"1 0 0 bidule")),
    ("device-colours", page_content(b"0 0 0 1 k")),
    ("output-intent", icc(version=4)),
    ("output-intent", icc(kind=b"link")),
    ("output-intent", icc(n=4)),
    ("output-intent", second_intent),
    ("limits", deep_q),
    ("limits", root(Essai=Name("/" + "a" * 140))),
    ("limits", root(Essai=2**40)),
    ("limits", root(Essai=Array([0] * 8200))),
    ("limits", root(Essai="a" * 70_000)),
    ("fonts-embedded", every_font(no_program)),
    ("fonts-embedded", one_font(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))),
    ("font-dictionaries", one_font(Dictionary(Type=Name.Font, Subtype=Name.Type9, BaseFont=Name.Helvetica))),
    ("font-encodings", one_font(TRUETYPE)),
    ("composite-fonts", every_font(lambda f: f.__setitem__("/Encoding", Name("/UniJIS-UCS2-H")))),
    ("font-subsets", every_font(lambda f: f.DescendantFonts[0].FontDescriptor.__delitem__("/CIDSet"))),
]


def test_a_sound_file_is_conforme() -> None:
    applications = judged(pdf_a1())
    assert {a.check: a.reason or a.finding for a in applications if a.verdict is not Verdict.CONFORME} == {}
    assert len(applications) == len(RULES) + 1


def test_a_file_of_level_a_is_conforme() -> None:
    assert broken(pdf_a1(standard="a-1a")) == set()


def test_saving_again_in_clear_changes_nothing() -> None:
    assert broken(altered(lambda pdf: None)) == set()


@pytest.mark.parametrize(("rule", "alter"), RED, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(RED)])
def test_an_alteration_is_found_by_its_rule(rule: str, alter: Callable[[pikepdf.Pdf], None]) -> None:
    assert rule in broken(altered(alter))


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("plain-xref", altered(lambda pdf: None, object_stream_mode=pikepdf.ObjectStreamMode.generate)),
        ("trailer-id", pdf_a1().replace(b"/ID", b"/IE")),
        (
            "not-encrypted",
            altered(lambda pdf: None, compress_streams=False, encryption=pikepdf.Encryption(owner="secret", user="", R=4)),
        ),
        ("nothing-after-eof", pdf_a1() + b"\nencore"),
        ("header", pdf_a1().replace(b"%PDF-1.4", b"%PDF-2.0", 1)),
        ("header", b"\n" + pdf_a1()),
        ("binary-comment", pdf_a1().replace(b"%\x80\x80\x80\x80", b"%abcd", 1)),
        ("icc-profiles", pdf_a1().replace(b"/N 1", b"/N 3", 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_altered_envelope_is_found(rule: str, data: bytes) -> None:
    assert broken(data) == {rule}


@pytest.mark.parametrize(("rule", "name"), [("no-lzw", "/LZWDecode"), ("known-filters", "/JPXDecode")])
def test_a_filter_is_found(rule: str, name: str) -> None:
    def alter(pdf: pikepdf.Pdf) -> None:
        stream = Stream(pdf, b"")
        stream.write(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", filter=Name(name))
        pdf.Root["/Essai"] = stream

    assert broken(altered(alter, compress_streams=False)) == {rule}


def test_invisible_text_needs_no_font_program() -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)

    def alter(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Resources.Font["/F9"] = font
        pdf.pages[0].contents_add(Stream(pdf, b"BT /F9 12 Tf 3 Tr (bonjour) Tj ET"))

    assert broken(altered(alter)) == set()


def test_an_unused_font_is_not_judged() -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    assert broken(altered(lambda pdf: pdf.pages[0].Resources.Font.__setitem__("/F9", font))) == set()


def test_a_plain_pdf_does_not_say_pdf_a() -> None:
    assert "xmp-present" in broken(scanned_pdf())


def flate_bomb() -> bytes:
    """A page whose content inflates to 500 MB."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.obj["/Contents"] = pdf.make_indirect(Stream(pdf, b""))
    page.obj.Contents.write(_zeros(), filter=Name.FlateDecode)
    return saved(pdf)


def _zeros() -> bytes:
    packer = zlib.compressobj(9)
    block = b" " * 4_000_000
    return b"".join(packer.compress(block) for _ in range(125)) + packer.flush()


def nested_forms() -> bytes:
    """Forms that call forms: 10^9 operators drawn from a file of 2 kB."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    called = pdf.make_indirect(Stream(pdf, b"0 0 m 1 1 l S " * 10))
    called["/Subtype"], called["/BBox"] = Name.Form, Array([0, 0, 9, 9])
    for _ in range(8):
        form = pdf.make_indirect(Stream(pdf, b"/F Do " * 10))
        form["/Subtype"], form["/BBox"] = Name.Form, Array([0, 0, 9, 9])
        form["/Resources"] = Dictionary(XObject=Dictionary(F=called))
        called = form
    page.obj["/Resources"] = Dictionary(XObject=Dictionary(F=called))
    page.obj["/Contents"] = pdf.make_indirect(Stream(pdf, b"/F Do"))
    return saved(pdf)


def giant_page() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(14_400, 14_400))
    return saved(pdf)


def giant_image() -> bytes:
    """A page that declares a picture of 10^10 pixels."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    image = Stream(pdf, b"x")
    for key, value in {"Subtype": Name.Image, "Width": 100_000, "Height": 100_000, "BitsPerComponent": 1}.items():
        image[f"/{key}"] = value
    page.obj["/Resources"] = Dictionary(XObject=Dictionary(I=pdf.make_indirect(image)))
    page.obj["/Contents"] = pdf.make_indirect(Stream(pdf, b"/I Do"))
    return saved(pdf)


def many_pages() -> bytes:
    pdf = pikepdf.new()
    for _ in range(1100):
        pdf.add_blank_page(page_size=(10, 10))
    return saved(pdf)


HOSTILE: list[tuple[str, Callable[[], bytes]]] = [
    ("truncated", lambda: pdf_a1()[:9000]),
    ("head-only", lambda: b"%PDF-1.4\n"),
    ("garbage", lambda: b"%PDF-1.4\n" + bytes(range(256)) * 200),
    ("zeroed", lambda: pdf_a1()[:200] + bytes(20_000)),
    ("password", lambda: altered(lambda pdf: None, encryption=pikepdf.Encryption(owner="a", user="b"))),
    ("pages", many_pages),
    ("flate-bomb", flate_bomb),
    ("size", lambda: b"%PDF-1.4\n" + bytes(61 * 1024 * 1024)),
    ("loop", lambda: b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"),
    ("no-root", lambda: b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<</Root 9 0 R>>\n%%EOF"),
]


@pytest.mark.parametrize("make", [m for _, m in HOSTILE], ids=[n for n, _ in HOSTILE])
def test_a_hostile_file_gives_one_finding(make: Callable[[], bytes]) -> None:
    data = make()
    started = time.monotonic()
    assert broken(data) == {"pdf.readable"}
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("make", [nested_forms, giant_page, giant_image])
def test_a_bomb_is_judged_and_not_drawn(make: Callable[[], bytes]) -> None:
    file = PdfFile(make())
    started = time.monotonic()
    assert "xmp-present" in broken(file.data)
    with pytest.raises(Inconclusive):
        provide(PdfText, file)
    assert time.monotonic() - started < 10


def test_a_giant_page_is_drawn_small() -> None:
    assert provide(Barcodes, PdfFile(giant_page())).found == ()


def test_nothing_heavy_is_imported_before_a_file_is_opened() -> None:
    code = (
        "import sys; from dui_conformance.checks.registry import all_checks, all_profiles; all_checks(); all_profiles();"
        "print([m for m in ('pikepdf', 'pypdfium2', 'zxingcpp', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_rule_is_a_check_with_its_clause() -> None:
    for rule, row in RULES.items():
        assert row.clause in all_checks()[rule].source


def test_names_that_are_not_utf_8_are_read() -> None:
    data = altered(lambda pdf: pdf.Root.__setitem__("/Essai", Name("/Police999")), compress_streams=False)
    assert broken(data.replace(b"/Police999", b"/Pol#e9#e9", 1)) == set()


@pytest.mark.parametrize(
    ("content", "shown", "devices", "unknown"),
    [
        (b"BT /F1 12 Tf (a) Tj ET", {"/F1"}, set(), set()),
        (b"BT /F1 12 Tf 3 Tr (a) Tj ET", set(), set(), set()),
        (b"q BT /F1 12 Tf 3 Tr ET Q BT /F2 9 Tf [(a) -3 (b)] TJ ET", {"/F2"}, set(), set()),
        (b"(bidule \\( (rg) k) Tj 1 0 0 rg", set(), {"DeviceRGB"}, set()),
        (b"/DeviceCMYK cs % 1 0 0 rg\n0.5 g", set(), {"DeviceCMYK", "DeviceGray"}, set()),
        (b"BI /W 2 /H 1 /CS /RGB /BPC 8 ID \x00\x01 EI \xff\x02 EI Q", set(), {"DeviceRGB"}, set()),
        (b"/Span <</MCID 0 /T (x)>> BDC 1 0 0 1 0 0 cm EMC .5-3 w", set(), set(), set()),
        (b"1 0 0 bidule", set(), set(), {"bidule"}),
    ],
)
def test_a_content_stream_is_read(content: bytes, shown: set[str], devices: set[str], unknown: set[str]) -> None:
    drawn = scan(content)
    assert (drawn.shown, drawn.devices, drawn.unknown) == (shown, devices, unknown)
