"""The XHTML of narratives: well formed, in its name space, some text or an image, and only the elements that R4 allows."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from ..xml import XmlError, parse

XHTML = "http://www.w3.org/1999/xhtml"
_ALLOWED = (
    "div p br hr h1 h2 h3 h4 h5 h6 a b i em strong small big tt dfn code q var abbr acronym cite blockquote pre sub sup samp kbd "
    "span img table caption colgroup col thead tbody tfoot tr th td ul ol li dl dt dd address bdo ins del"
)
ALLOWED = frozenset(_ALLOWED.split())
FORBIDDEN = ("on", "formaction")


@lru_cache(maxsize=1024)
def defects(div: str) -> tuple[str, ...]:
    """What is wrong in a narrative, in French; empty when nothing is."""
    try:
        root = parse(div.encode("utf-8"))
    except (XmlError, UnicodeEncodeError) as error:
        return (f"XHTML illisible : {error}",)
    found: list[str] = []
    if root.tag != f"{{{XHTML}}}div":
        found.append(f"l'élément racine doit être div, dans l'espace de noms {XHTML}")
    text = False
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element)
        text = text or name.localname == "img" or bool((element.text or "").strip())
        if element is not root:
            text = text or bool((element.tail or "").strip())
        if name.localname not in ALLOWED or name.namespace != XHTML:
            found.append(f"élément interdit : {name.localname}")
        bad = next((str(a) for a in element.attrib if str(a).lower().startswith(FORBIDDEN)), "")
        if bad or str(element.get("href", "")).strip().lower().startswith("javascript:"):
            found.append(f"contenu actif interdit : {bad or 'javascript:'}")
    if not text:
        found.append("le récit ne dit rien (ni texte, ni image)")
    return tuple(dict.fromkeys(found))
