"""Mails of another software: the message around an archive and its PDF, a plain message, an answer."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from lxml import etree

from ....validation.xds.cda_header import Header, read_header
from ....validation.xml import parse
from .archive import arborescence, zipper
from .metadonnees import Fiche

TYPE_XDM = ("application", "zip")


@dataclass(frozen=True, slots=True)
class Joint:
    """A document to send: its CDA and its paper form (``b""``: none)."""

    cda: bytes = field(repr=False)
    pdf: bytes = field(default=b"", repr=False)

    @property
    def racine(self) -> etree._Element:
        """Its tree."""
        return parse(self.cda)


@dataclass(frozen=True, slots=True)
class Correspondance:
    """Who writes to whom, when. ``graine`` draws the identifiers; ``nil`` is that of the sender's software."""

    de: str
    libelle: str
    a: str
    le: datetime = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    graine: str = "1"
    nil: str = "LOGICIEL-VOISIN-1"
    en_reponse_a: str = ""

    def tire(self, usage: str) -> str:
        """32 hexadecimal digits for a use."""
        return hashlib.sha256(f"{self.graine}/{usage}/{self.de}/{self.a}".encode()).hexdigest()[:32]

    def oid(self, usage: str) -> str:
        """An OID for a use."""
        return f"2.25.{int(self.tire(usage), 16)}"

    def autrement(self, graine: str) -> Correspondance:
        """The same with other identifiers."""
        return replace(self, graine=f"{self.graine}/{graine}")


def fiches_de(joints: Sequence[Joint]) -> list[Fiche]:
    """What the metadata of these documents are drawn from."""
    found = []
    for rang, joint in enumerate(joints, 1):
        entete = read_header(joint.racine)
        before = entete.replaced[0] if entete.replaced else None
        remplace = "^".join(filter(None, (before.root, before.extension))) if before else ""
        found.append(Fiche(f"DOC{rang:04d}.XML", joint.cda, entete, remplace))
    return found


def fichiers_de(c: Correspondance, joints: Sequence[Joint]) -> dict[str, bytes]:
    """The files of the archive of these documents."""
    soumis = f"{c.le.astimezone(UTC):%Y%m%d%H%M%S}"
    return arborescence(fiches_de(joints), emetteur=c.libelle.replace("_", " "), lot=c.oid("lot"), soumis_le=soumis)


def avec_documents(c: Correspondance, joints: Sequence[Joint], *, objet: str = "") -> EmailMessage:
    """The mail that carries these documents, as it should be."""
    entetes = [fiche.entete for fiche in fiches_de(joints)]
    codes = ",".join(dict.fromkeys(h.code.code for h in entetes))
    mail = simple(c, objet or objet_de(entetes), f"Bonjour,\n\n{len(joints)} document(s) pour votre dossier.\n\n{c.libelle}\n")
    mail["X-MSS-CODECDA"] = codes
    mail["X-MSS-INS"] = "O" if all(h.ins and h.birth_name and h.givens and h.birth_time and h.gender for h in entetes) else "N"
    attacher_archive(mail, zipper(fichiers_de(c, joints)))
    for joint, entete in zip(joints, entetes, strict=True):
        if joint.pdf:
            mail.add_attachment(joint.pdf, maintype="application", subtype="pdf", filename=nom_du_pdf(entete))
    return mail


def attacher_archive(mail: EmailMessage, octets: bytes) -> None:
    """Join an archive under its name."""
    mail.add_attachment(octets, maintype=TYPE_XDM[0], subtype=TYPE_XDM[1], filename="IHE_XDM.ZIP")


def simple(c: Correspondance, objet: str, texte: str) -> EmailMessage:
    """A mail without document."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{c.libelle} <{c.de}>"
    mail["To"] = f"<{c.a}>"
    mail["Subject"] = objet
    mail["Date"] = format_datetime(c.le)
    mail["Message-ID"] = f"<{c.tire('message')}@{c.de.rpartition('@')[2]}>"
    if c.en_reponse_a:
        mail["In-Reply-To"] = c.en_reponse_a
        mail["References"] = c.en_reponse_a
    mail["Disposition-Notification-To"] = f"<{c.de}>"
    mail["X-MSS-NIL"] = c.nil
    mail.set_content(texte, charset="utf-8", cte="quoted-printable")
    return mail


def objet_de(entetes: Sequence[Header]) -> str:
    """The subject of a mail that carries these documents."""
    premier = entetes[0]
    nom, prenom, ne = plat(premier.birth_name).upper(), plat(premier.givens[0]), premier.birth_time[:8]
    label = premier.code.label[:40].strip() if len(entetes) == 1 else f"{len(entetes)} documents"
    return f"XDM/1.0/DDM+{label} {nom} {prenom} {ne[6:8]}/{ne[4:6]}/{ne[:4]}"


def nom_du_pdf(entete: Header) -> str:
    """The file name of the paper form of a document."""
    genre = entete.code.label[:40].strip().replace("/", " ").replace("_", " ")
    le = (entete.service_start or entete.effective_time)[:8]
    return f"{le}_{genre}_{plat(entete.birth_name).upper()}_{plat(entete.givens[0])}.pdf"


def plat(texte: str) -> str:
    """Without accents."""
    return unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()


def octets(mail: EmailMessage) -> bytes:
    """The bytes on the wire; the boundary follows the message, so that the same parts give the same bytes."""
    if mail.is_multipart():
        mail.set_boundary(f"=_{hashlib.sha256(str(mail['Message-ID']).encode()).hexdigest()[:32]}")
    return mail.as_bytes()
