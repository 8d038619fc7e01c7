"""A CDA document as its reader would see it: who, what, when, then the narrative of each section; text only, nothing loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree
from markupsafe import Markup, escape

from .typography import legible

HL7 = "urn:hl7-org:v3"
NAMESPACES = {"h": HL7}
KEPT = {
    "paragraph": "p", "list": "ul", "item": "li", "table": "table", "thead": "thead", "tbody": "tbody", "tr": "tr", "th": "th",
    "td": "td", "caption": "caption", "br": "br", "sub": "sub", "sup": "sup", "content": "span", "linkHtml": "span",
    "footnote": "span", "col": "", "colgroup": "",
}  # fmt: skip
"""Elements of the narrative and what shows them; others give their text."""
DEEPEST = 40
BINARY = "component/nonXMLBody/text"
_STAMP = re.compile(r"(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d))?")

Mask = Callable[[str], str]


def rendered(root: etree._Element, mask: Mask = str) -> Markup:
    """The document as HTML."""
    rows = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(name, _shown(text, mask)) for name, text in _head(root) if text
    )
    title = _shown(_text(root, "h:title") or "Document sans titre", mask)
    body = Markup("").join(_sections(root, mask, 0))
    return Markup('<article class="cda"><h4>{}</h4><dl class="faits">{}</dl>{}</article>').format(title, rows, body)


def _head(root: etree._Element) -> Iterator[tuple[str, str]]:
    code = root.find("h:code", NAMESPACES)
    yield "Type", "" if code is None else f"{code.get('displayName', '')} ({code.get('code', '')})"
    patient = root.find("h:recordTarget/h:patientRole", NAMESPACES)
    if patient is not None:
        born = _attribute(patient, "h:patient/h:birthTime/@value")
        sex = _attribute(patient, "h:patient/h:administrativeGenderCode/@code")
        yield "Usager", f"{_name(patient, 'h:patient/h:name')}, {sex or '?'}, né(e) le {_day(born) or '?'}"
        yield "Identifiants", ", ".join(_ids(patient))
    for author in root.findall("h:author/h:assignedAuthor", NAMESPACES):
        who = _name(author, "h:assignedPerson/h:name") or _text(author, "h:assignedAuthoringDevice/h:softwareName")
        yield "Auteur", ", ".join(each for each in (who, _text(author, "h:representedOrganization/h:name")) if each)
    yield "Signataire légal", _name(root, "h:legalAuthenticator/h:assignedEntity/h:assignedPerson/h:name")
    yield "Date", _day(_attribute(root, "h:effectiveTime/@value"))
    yield "Version", _attribute(root, "h:versionNumber/@value")


def _ids(role: etree._Element) -> Iterator[str]:
    for each in role.findall("h:id", NAMESPACES):
        yield f"{each.get('extension', '')} ({each.get('root', '')})"


def _sections(parent: etree._Element, mask: Mask, depth: int) -> Iterator[Markup]:
    if depth > DEEPEST:
        return
    for section in parent.findall("h:component/h:structuredBody/h:component/h:section", NAMESPACES) or parent.findall(
        "h:component/h:section", NAMESPACES
    ):
        yield Markup("<h5>{}</h5>").format(_shown(_text(section, "h:title") or "Section sans titre", mask))
        narrative = section.find("h:text", NAMESPACES)
        if narrative is None:
            yield Markup('<p class="petit">Sans texte à lire.</p>')
        else:
            yield Markup('<div class="recit">{}</div>').format(_narrative(narrative, mask, 0))
        yield from _sections(section, mask, depth + 1)
    carried = parent.find("h:component/h:nonXMLBody/h:text", NAMESPACES)
    if carried is not None:
        yield Markup('<p class="petit">Corps non structuré : {} ({}).</p>').format(
            carried.get("mediaType", "type non dit"), carried.get("representation", "texte")
        )


def _narrative(element: etree._Element, mask: Mask, depth: int) -> Markup:
    inside = [_shown(element.text or "", mask)]
    for child in element:
        if isinstance(child.tag, str) and depth < DEEPEST:
            name = KEPT.get(etree.QName(child).localname)
            held = _narrative(child, mask, depth + 1)
            inside.append(Markup("<br>") if name == "br" else Markup(f"<{name}>{{}}</{name}>").format(held) if name else held)
        inside.append(_shown(child.tail or "", mask))
    return Markup("").join(inside)


def _shown(text: str, mask: Mask) -> Markup:
    return escape(legible(mask(text)))


def _text(element: etree._Element, path: str) -> str:
    found = element.find(path, NAMESPACES)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def _name(element: etree._Element, path: str) -> str:
    found = element.find(path, NAMESPACES)
    parts = [] if found is None else [part.strip() for part in found.itertext() if part.strip()]
    return " ".join(dict.fromkeys(parts))


def _attribute(element: etree._Element, path: str) -> str:
    where, _, name = path.rpartition("/@")
    found = element.find(where, NAMESPACES)
    return "" if found is None else found.get(name, "")


def _day(stamp: str) -> str:
    found = _STAMP.match(stamp)
    if found is None:
        return stamp
    year, month, day, hour, minute = found.groups()
    date = "/".join(part for part in (day, month, year) if part)
    return f"{date} {hour}:{minute}" if hour else date
