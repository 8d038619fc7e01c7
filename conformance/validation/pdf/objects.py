"""Walks every object reached from the catalogue, once, and says what PDF/A-1 refuses in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .content import filters_of
from .file import PdfError, reading, said
from .findings import Survey

MAX_OBJECTS = 150_000
MAX_SIDE = 8191

ANNOTATIONS = frozenset(
    f"/{name}"
    for name in (
        *("Text", "Link", "FreeText", "Line", "Square", "Circle", "Highlight", "Underline", "Squiggly"),
        *("StrikeOut", "Stamp", "Ink", "Popup", "Widget", "PrinterMark", "TrapNet"),
    )
)
ACTIONS = frozenset(["/GoTo", "/GoToR", "/Thread", "/URI", "/Named", "/SubmitForm"])
NAMED = frozenset(["/NextPage", "/PrevPage", "/FirstPage", "/LastPage"])
INTENTS = frozenset(["/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"])
FILTERS = frozenset(f"/{name}Decode" for name in ("Flate", "DCT", "CCITTFax", "JBIG2", "RunLength", "ASCII85", "ASCIIHex", "LZW"))
_UPWARDS = frozenset({"/Parent", "/P", "/StructParent"})
_ACTION_KEYS = frozenset({"/A", "/OpenAction", "/Next"})
_DEVICES = {"/DeviceRGB": "DeviceRGB", "/DeviceCMYK": "DeviceCMYK", "/DeviceGray": "DeviceGray"}
_NESTED_SPACES = frozenset({"/Indexed", "/Separation", "/DeviceN", "/Pattern"})


class Walk:
    """One walk of one file."""

    def __init__(self, survey: Survey) -> None:
        import pikepdf

        self.survey = survey
        self.dictionary, self.stream, self.array = pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array
        self.name, self.string = pikepdf.Name, pikepdf.String
        self.seen: set[tuple[int, int]] = set()
        self.visited = 0

    def run(self, root: Any) -> None:
        """Walk from the catalogue; stops past ``MAX_OBJECTS`` and says so."""
        pending: list[tuple[Any, str, str]] = [(root, "", "catalogue")]
        while pending:
            value, key, at = pending.pop()
            self.visited += 1
            if self.visited > MAX_OBJECTS:
                self.survey.unread.append(f"plus de {MAX_OBJECTS} objets")
                return
            if isinstance(value, self.name):
                if len(said(value)) > 128:
                    self._limit("Nom trop long", at, f"{len(said(value)) - 1} caractères")
                continue
            if isinstance(value, self.string):
                if len(bytes(value)) > 65_535:
                    self._limit("Chaîne trop longue", at, f"{len(bytes(value))} octets")
                continue
            if isinstance(value, bool | Decimal | float) or value is None:
                continue
            if isinstance(value, int):
                if not -(2**31) <= value < 2**31:
                    self._limit("Entier trop grand", at, said(value))
                continue
            here = at
            if getattr(value, "is_indirect", False):
                if value.objgen in self.seen:
                    continue
                self.seen.add(value.objgen)
                here = f"objet {value.objgen[0]}"
            if isinstance(value, self.array):
                if len(value) > MAX_SIDE:
                    self._limit("Tableau trop grand", here, f"{len(value)} éléments")
                if key in {"/ColorSpace", "/CS", "/Alternate"}:
                    self.colours(value, here)
                pending += [(item, key, here) for item in value]
                continue
            entries = self._entries(value)
            if len(entries) > 4095:
                self._limit("Dictionnaire trop grand", here, f"{len(entries)} entrées")
            where = f"{here}, {key[1:]}" if key and here.startswith("objet") and not value.is_indirect else here
            self._look(value, entries, key, where)
            under = "/ExtGState" if key == "/ExtGState" else ""
            pending += [(each, under + name, here + name) for name, each in entries.items() if name not in _UPWARDS]
        self.survey.look("pdf.a1.limits", self.visited)

    def _entries(self, value: Any) -> dict[str, Any]:
        try:
            return dict(value.items())
        except UnicodeDecodeError:
            self.survey.unread.append("un dictionnaire a des clés qui ne sont pas de l'UTF-8")
            return {}

    def _limit(self, message: str, at: str, received: str) -> None:
        self.survey.fault("pdf.a1.limits", message, at=at, received=received)

    def _look(self, value: Any, entries: dict[str, Any], key: str, at: str) -> None:
        if isinstance(value, self.stream):
            self._stream(value, entries, at)
        kind = said(entries.get("/Type", ""))
        if key in _ACTION_KEYS and "/S" in entries and "/O" not in entries:
            self._action(entries, at)
        if key == "/AA":
            self._additional(entries, at)
        if key == "/Annots" or kind == "/Annot":
            self._annotation(entries, at)
        elif "/AA" in entries and "/FT" in entries:
            self._refuse("pdf.a1.no-additional-actions", "Un champ de formulaire a des actions supplémentaires", at, "AA")
        if kind == "/ExtGState" or key.startswith("/ExtGState/"):
            self._graphics_state(entries, at)
        if "/EF" in entries:
            self._refuse("pdf.a1.no-embedded-files", "Un fichier est joint au PDF", at, _shown(entries.get("/F", "EF")))
        if key == "/Group" and entries.get("/S") == "/Transparency":
            self._refuse("pdf.a1.no-transparency", "Un groupe de transparence est présent", at, "Group /S /Transparency")
        for name in ("/ColorSpace", "/CS"):
            if name in entries:
                self._spaces(entries[name], at)
        if entries.get("/Intent") is not None and isinstance(value, self.stream):
            self._intent(said(entries["/Intent"]), at)

    def _refuse(self, rule: str, message: str, at: str, received: str) -> None:
        self.survey.fault(rule, message, at=at, received=received)

    def _stream(self, value: Any, entries: dict[str, Any], at: str) -> None:
        survey = self.survey
        survey.look("pdf.a1.no-lzw")
        survey.look("pdf.a1.no-external-streams")
        survey.look("pdf.a1.known-filters")
        used = filters_of(value)
        if "/LZWDecode" in used:
            self._refuse("pdf.a1.no-lzw", "Un flux est compressé en LZW", at, " ".join(used))
        for name in used:
            if name not in FILTERS:
                self._refuse("pdf.a1.known-filters", "Un flux emploie un filtre absent de PDF 1.4", at, name)
        foreign = [k for k in ("/F", "/FFilter", "/FDecodeParms") if k in entries]
        if foreign:
            self._refuse("pdf.a1.no-external-streams", "Un flux renvoie à un fichier extérieur", at, " ".join(foreign))
        subtype = said(entries.get("/Subtype", ""))
        if subtype in {"/Image", "/Form", "/PS"}:
            self._xobject(entries, subtype, at)

    def _xobject(self, entries: dict[str, Any], subtype: str, at: str) -> None:
        self.survey.look("pdf.a1.no-postscript")
        self.survey.look("pdf.a1.images")
        if subtype == "/PS" or entries.get("/Subtype2") == "/PS" or (subtype == "/Form" and "/PS" in entries):
            self._refuse("pdf.a1.no-postscript", "Un XObject PostScript est présent", at, subtype)
        if subtype == "/Form" and "/Ref" in entries:
            self._refuse("pdf.a1.no-postscript", "Un XObject renvoie à un autre PDF", at, "Ref")
        for name in ("/OPI", "/Alternates"):
            if name in entries:
                self._refuse("pdf.a1.images", f"Un XObject contient {name[1:]}", at, name)
        if entries.get("/Interpolate") is True:
            self._refuse("pdf.a1.images", "Une image demande l'interpolation", at, "Interpolate true")
        if "/SMask" in entries:
            self._refuse("pdf.a1.no-transparency", "Une image porte un masque de transparence (SMask)", at, "SMask")
        self.survey.look("pdf.a1.no-transparency")

    def _graphics_state(self, entries: dict[str, Any], at: str) -> None:
        self.survey.look("pdf.a1.no-transparency")
        self.survey.look("pdf.a1.graphics-state")
        mask = entries.get("/SMask")
        if mask is not None and mask != "/None":
            self._refuse("pdf.a1.no-transparency", "Un état graphique a un masque de transparence", at, "SMask")
        for name, word in (("/CA", "traits"), ("/ca", "aplats")):
            opacity = entries.get(name)
            if isinstance(opacity, int | float | Decimal) and abs(float(opacity) - 1) > 1e-6:
                self._refuse("pdf.a1.no-transparency", f"Opacité des {word} autre que 1", at, f"{name[1:]} {opacity}")
        mode = entries.get("/BM")
        if mode is not None and mode not in ("/Normal", "/Compatible"):
            self._refuse("pdf.a1.no-transparency", "Un mode de fusion est employé", at, f"BM {_shown(mode)}")
        if "/TR" in entries or entries.get("/TR2", "/Default") != "/Default":
            self._refuse("pdf.a1.graphics-state", "Un état graphique a une fonction de transfert", at, "TR ou TR2")
        if "/RI" in entries:
            self._intent(said(entries["/RI"]), at)

    def _intent(self, name: str, at: str) -> None:
        self.survey.look("pdf.a1.rendering-intents")
        if name not in INTENTS:
            self._refuse("pdf.a1.rendering-intents", "Mode de rendu inconnu", at, name)

    def _annotation(self, entries: dict[str, Any], at: str) -> None:
        survey = self.survey
        survey.look("pdf.a1.annotation-types")
        survey.look("pdf.a1.annotation-flags")
        subtype = said(entries.get("/Subtype", ""))
        if subtype not in ANNOTATIONS:
            self._refuse("pdf.a1.annotation-types", "Type d'annotation interdit", at, subtype or "sans Subtype")
        flags = entries.get("/F")
        rule = "pdf.a1.annotation-flags"
        if not isinstance(flags, int) or not flags & 4 or flags & 0b100011:
            self._refuse(
                rule,
                f"Indicateurs de l'annotation {subtype[1:]} incorrects",
                at,
                "F absent" if flags is None else f"F {_shown(flags)}",
            )
        opacity = entries.get("/CA")
        if isinstance(opacity, int | float | Decimal) and float(opacity) != 1.0:
            self._refuse(rule, "Annotation translucide", at, f"CA {opacity}")
        appearance = entries.get("/AP")
        if isinstance(appearance, self.dictionary) and set(map(str, appearance.keys())) - {"/N"}:
            self._refuse(rule, "Apparence d'annotation autre que N", at, " ".join(map(str, appearance.keys())))
        if ("/C" in entries or "/IC" in entries) and survey.output != "RGB" and self._coloured(entries):
            self._refuse(rule, "Couleur d'annotation sans OutputIntent RVB", at, f"OutputIntent : {survey.output or 'aucun'}")
        if subtype == "/Widget" and ("/A" in entries or "/AA" in entries):
            self._refuse("pdf.a1.no-additional-actions", "Un champ de formulaire porte une action", at, "A ou AA")

    def _coloured(self, entries: dict[str, Any]) -> bool:
        return any(isinstance(entries.get(k), self.array) and len(entries[k]) for k in ("/C", "/IC"))

    def _action(self, entries: dict[str, Any], at: str) -> None:
        self.survey.look("pdf.a1.actions")
        kind = said(entries.get("/S"))
        if kind not in ACTIONS:
            self._refuse("pdf.a1.actions", "Action interdite", at, kind)
        if kind == "/Named" and said(entries.get("/N")) not in NAMED:
            self._refuse("pdf.a1.actions", "Action nommée interdite", at, said(entries.get("/N")))

    def _additional(self, entries: dict[str, Any], at: str) -> None:
        for each in entries.values():
            if isinstance(each, self.dictionary) and "/S" in each:
                self._action(self._entries(each), at)

    def _spaces(self, value: Any, at: str) -> None:
        """A colour space, or the dictionary of those of resources."""
        if isinstance(value, self.dictionary):
            for name, each in value.items():
                if said(name) in {"/DefaultRGB", "/DefaultCMYK", "/DefaultGray"}:
                    self.survey.calibrated.add("Device" + said(name)[8:])
                self.colours(each, at)
            return
        self.colours(value, at)

    def colours(self, value: Any, at: str, depth: int = 0) -> None:
        """Note the device colours of a colour space, and look at its ICC profile."""
        if isinstance(value, self.name):
            device = _DEVICES.get(said(value))
            if device:
                self.survey.devices.setdefault(device, at)
            return
        if not isinstance(value, self.array) or not len(value) or depth > 6:
            return
        family = said(value[0])
        if family in _NESTED_SPACES:
            for each in list(value)[1:3]:
                self.colours(each, at, depth + 1)
        elif family in _DEVICES:
            self.survey.devices.setdefault(_DEVICES[family], at)
        elif family == "/ICCBased" and len(value) > 1:
            check_profile(value[1], self.survey, rule="pdf.a1.icc-profiles", at=at)


_COMPONENTS = {"GRAY": 1, "RGB ": 3, "Lab ": 3, "LAB ": 3, "CMYK": 4}


def check_profile(stream: Any, survey: Survey, *, rule: str, at: str) -> str:
    """The colour space of an ICC profile (``GRAY``, ``RGB``, ``CMYK``), ``""`` when it is not an acceptable one."""
    import pikepdf

    if not isinstance(stream, pikepdf.Stream):
        survey.fault(rule, "Le profil ICC manque", at=at, received="absent")
        return ""
    try:
        with reading():
            head = bytes(stream.read_bytes())[:132]
    except PdfError:
        head = b""
    survey.look(rule)
    if len(head) < 128 or head[36:40] != b"acsp":
        survey.fault(rule, "Le profil ICC n'en est pas un", at=at, received=f"{len(head)} octets, signature {head[36:40]!r}")
        return ""
    space, kind, version = head[16:20].decode("latin-1"), head[12:16].decode("latin-1"), head[8]
    classes = {"prtr", "mntr"} if rule == "pdf.a1.output-intent" else {"prtr", "mntr", "scnr", "spac"}
    if version >= 3 or kind not in classes or space not in _COMPONENTS:
        survey.fault(
            rule, "Profil ICC non admis en PDF/A-1", at=at, received=f"version {version}, classe {kind}, espace {space.strip()}"
        )
        return ""
    if stream.get("/N") != _COMPONENTS[space]:
        survey.fault(
            rule,
            "Le nombre de composantes N n'est pas celui du profil ICC",
            at=at,
            received=f"N {_shown(stream.get('/N'))}, {space}",
        )
    return space.strip()


def _shown(value: Any) -> str:
    return "absent" if value is None else said(value)[:80]
