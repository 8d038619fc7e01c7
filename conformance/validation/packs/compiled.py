"""The compiled form of a schema: XSLT, and what each of its numbered assertions points to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from .source import XSLT

VERSION = "2"
"""To be raised when the same schema gives other XSLT: what was compiled before is then compiled again."""

DUI = "urn:dui-conformance:pack"
MAP = "http://www.w3.org/2005/xpath-functions/map"
ERR = "http://www.w3.org/2005/xqt-errors"
XS = "http://www.w3.org/2001/XMLSchema"
BASE = f"""
<xsl:stylesheet version="3.0" xmlns:xsl="{XSLT}" xmlns:dui="{DUI}" xmlns:map="{MAP}" xmlns:xs="{XS}" xmlns:err="{ERR}">
  <xsl:param name="dui:files" as="map(*)" select="map{{}}"/>
  <xsl:function name="dui:key" as="xs:string">
    <xsl:param name="href" as="xs:string"/>
    <xsl:variable name="steps" select="tokenize(concat($dui:base, translate($href, '\\', '/')), '/')"/>
    <xsl:variable name="kept" select="fold-left($steps, (), function($kept, $step) {{
        if ($step = '..') then $kept[position() lt last()] else if ($step = ('', '.')) then $kept else ($kept, $step) }})"/>
    <xsl:sequence select="normalize-unicode(lower-case(string-join($kept, '/')))"/>
  </xsl:function>
  <xsl:function name="dui:doc" as="node()*">
    <xsl:param name="hrefs" as="item()*"/>
    <xsl:for-each select="$hrefs ! string(.)">
      <xsl:variable name="key" select="dui:key(.)"/>
      <xsl:sequence select="if (map:contains($dui:files, $key)) then $dui:files($key)
                            else error(QName('{DUI}', 'dui:absent'), concat('fichier absent du pack : ', .))"/>
    </xsl:for-each>
  </xsl:function>
  <xsl:function name="dui:document" as="node()*">
    <xsl:param name="hrefs" as="item()*"/>
    <xsl:sequence select="dui:doc($hrefs)"/>
  </xsl:function>
  <xsl:function name="dui:document" as="node()*">
    <xsl:param name="hrefs" as="item()*"/>
    <xsl:param name="base" as="node()"/>
    <xsl:sequence select="dui:doc($hrefs)"/>
  </xsl:function>
  <xsl:function name="dui:doc-available" as="xs:boolean">
    <xsl:param name="href" as="item()?"/>
    <xsl:sequence select="exists($href) and map:contains($dui:files, dui:key(string($href)))"/>
  </xsl:function>
  <xsl:function name="dui:place" as="xs:string">
    <xsl:param name="node" as="node()"/>
    <xsl:sequence select="string-join(($node/ancestor-or-self::*/string(count(preceding-sibling::*)),
                          if ($node instance of attribute()) then concat('@', name($node)) else ()), '/')"/>
  </xsl:function>
</xsl:stylesheet>
"""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a failed assertion points to: where it comes from and how hard it strikes."""

    kind: str
    role: str
    test: str
    id: str
    see: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """A schema as XSLT, its assertions by number, the files that it reads, and what was missing."""

    path: str
    title: str
    xslt: str
    assertions: tuple[Assertion, ...]
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Kept beside the pack, so that a schema is compiled once."""
        rows = [[a.kind, a.role, a.test, a.id, a.see, a.pattern] for a in self.assertions]
        content = {
            "path": self.path,
            "title": self.title,
            "xslt": self.xslt,
            "assertions": rows,
            "files": self.files,
            "notes": self.notes,
        }
        return json.dumps(content, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Compiled:
        """The inverse of :meth:`to_json`."""
        row = json.loads(text)
        return cls(
            path=row["path"],
            title=row["title"],
            xslt=row["xslt"],
            assertions=tuple(Assertion(*a) for a in row["assertions"]),
            files=tuple(row["files"]),
            notes=tuple(row["notes"]),
        )


def cache_key(sha256: str, path: str) -> str:
    """Name of the compiled form of a schema of a pack whose content has that hash."""
    return hashlib.sha256(f"{VERSION}\n{sha256}\n{path}".encode()).hexdigest()
