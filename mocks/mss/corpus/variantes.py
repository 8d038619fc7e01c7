"""The named variants: what each has of its own, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ....fixtures.boites import boite_de_structure
from . import accuses, fautes
from .accuses import accuse, lettre_de_refus
from .courriel import Correspondance, Joint, avec_documents, octets, simple


@dataclass(frozen=True, slots=True)
class Documents:
    """What mails are made of: a document about the usager, its next version, another about him, and one about someone else.

    ``original`` is the message of the DUI that receipts and answers are about.
    """

    joint: Joint
    version: Joint
    second: Joint
    autre: Joint
    original: bytes = field(default=b"", repr=False)


SECRETARIAT = boite_de_structure("laboratoire")
"""A box that is neither the sender's nor that of the DUI."""

Fabrique = Callable[[Correspondance, Documents], list[bytes]]


@dataclass(frozen=True, slots=True)
class Variante:
    """A sort of mail, or of a suite of mails. ``besoin`` is true when it answers a message of the DUI."""

    nom: str
    description: str
    fabrique: Fabrique = field(repr=False)
    besoin: bool = False


VARIANTES: dict[str, Variante] = {}


def courriels(nom: str, c: Correspondance, documents: Documents) -> list[bytes]:
    """The mails of a variant, in the order in which they arrive; ``KeyError`` for an unknown one."""
    return VARIANTES[nom].fabrique(c, documents)


def _variante(nom: str, description: str, fabrique: Fabrique, *, besoin: bool = False) -> None:
    VARIANTES[nom] = Variante(nom, description, fabrique, besoin)


def _valide(c: Correspondance, d: Documents) -> list[bytes]:
    return [octets(avec_documents(c, [d.joint]))]


_variante("valide", "un document de l'usager, sans défaut", _valide)
_variante("deux-documents", "deux documents du même usager", lambda c, d: [octets(avec_documents(c, [d.joint, d.second]))])
_variante(
    "autre-usager", "un document d'une personne que le DUI ne connaît pas", lambda c, d: [octets(avec_documents(c, [d.autre]))]
)
_variante(
    "doublon", "deux fois le même document, dans deux messages", lambda c, d: _valide(c, d) + _valide(c.autrement("bis"), d)
)
_variante("meme-message", "deux fois le même message", lambda c, d: 2 * _valide(c, d))
_variante(
    "nouvelle-version",
    "un document, puis sa version suivante",
    lambda c, d: [*_valide(c, d), octets(avec_documents(c.autrement("v2"), [d.version]))],
)
_variante(
    "ancienne-version",
    "la version suivante d'un document, puis la première",
    lambda c, d: [octets(avec_documents(c.autrement("v2"), [d.version])), *_valide(c, d)],
)
_variante(
    "suppression",
    "un document, puis sa fiche devenue obsolète",
    lambda c, d: [*_valide(c, d), fautes.supprime(c.autrement("s"), d.joint)],
)
_variante(
    "sans-accuse",
    "un message qui ne demande pas d'accusé de lecture",
    lambda c, d: [fautes.sans_entete(c, d.joint, "Disposition-Notification-To")],
)
_variante(
    "accuse-ailleurs",
    "un message qui demande l'accusé à une autre adresse que celle de l'expéditeur",
    lambda c, d: [fautes.avec_entete(c, d.joint, "Disposition-Notification-To", f"<{SECRETARIAT.adresse}>")],
)
_variante("prefixe-remplace", "un message « Annule et remplace »", lambda c, d: [fautes.remplace(c, d.version)])

for _nom, _description, _faute in (
    ("mauvais-usager", "des métadonnées qui nomment une autre personne que le document", fautes.metadonnees_d_un_autre),
    ("pdf-autre", "le PDF d'un document d'une autre personne", fautes.pdf_d_un_autre),
    ("deux-usagers", "les documents de deux personnes dans un message", fautes.deux_usagers),
):
    _variante(_nom, _description, lambda c, d, f=_faute: [f(c, d.joint, d.autre)])  # type: ignore[misc]

for _nom, _description, _seul in fautes.FAUTES:
    _variante(_nom, _description, lambda c, d, f=_seul: [f(c, d.joint)])  # type: ignore[misc]

for _nom, _description, _disposition, _erreur in (
    ("accuse-lu", "l'accusé de lecture d'un message du DUI", accuses.LU, ""),
    ("accuse-integre", "l'accusé d'intégration d'un message du DUI", accuses.INTEGRE, ""),
    ("accuse-refus", "l'accusé qui dit qu'un document du DUI n'a pas été intégré", accuses.REFUSE, "902^Patient inconnu"),
):
    _variante(
        _nom,
        _description,
        lambda c, d, x=_disposition, e=_erreur: [accuse(c, d.original, disposition=x, erreur=e)],  # type: ignore[misc]
        besoin=True,
    )
_variante(
    "accuse-en-boucle",
    "un accusé de lecture qui en demande un à son tour",
    lambda c, d: [
        accuse(c, d.original).replace(b"MIME-Version", f"Disposition-Notification-To: <{c.de}>\r\nMIME-Version".encode(), 1)
    ],
    besoin=True,
)
_variante(
    "refus-integration",
    "un courriel ordinaire qui dit qu'un document du DUI n'a pas été intégré",
    lambda c, d: [octets(lettre_de_refus(c, d.original, code="902", motif="Patient inconnu"))],
    besoin=True,
)
_variante(
    "reponse",
    "la réponse d'un correspondant, ou d'un usager, à un message du DUI",
    lambda c, d: [octets(simple(c, "Re: votre message", "Bonjour,\n\nMerci pour ce document.\n"))],
    besoin=True,
)
_variante(
    "sans-document",
    "un message sans document",
    lambda c, d: [octets(simple(c, "Question", "Bonjour,\n\nÊtes-vous disponible ?\n"))],
)

TYPES: Mapping[str, bool] = {nom: variante.besoin for nom, variante in VARIANTES.items()}
"""By name: whether the variant answers a message of the DUI."""
