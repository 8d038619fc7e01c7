"""How a deposit carries its documents: MTOM/XOP, one attachment per document entry."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.mtom import XOP, Multipart, cid_of
from ..validation.soap import SoapMessage
from ..validation.xds.submission import Submission
from ..validation.xds.vocabulary import XDSB
from ..validation.xml import place_of
from .registry import check

_KIND = "en-tête HTTP Content-Type"


@check(
    "dmp.mtom.used", covers=("DMP-ALIM-04",), source="EX_2.1-1260 (guide DMP, par homologation devbox)", confidence="secondaire"
)
def documents_travel_by_mtom(message: SoapMessage) -> Evidence:
    """Les documents d'un dépôt voyagent en MTOM : message multipart, chaque Document ne contient qu'un xop:Include."""
    documents = _documents(message)
    if message.multipart is None:
        raise CheckFailed(
            "Dépôt sans MTOM",
            expected="multipart/related; type=application/xop+xml",
            received=message.content_type.media or "Content-Type absent",
            at=_KIND,
            hint="Activer MTOM dans le client SOAP de l'opération ProvideAndRegisterDocumentSet-b.",
        )
    for document in documents:
        if len(document) != 1 or document[0].tag != f"{{{XOP}}}Include":
            raise CheckFailed(
                "Document transmis dans l'enveloppe",
                expected="un xop:Include",
                received="contenu en base64" if (document.text or "").strip() else "autre contenu",
                at=place_of(document),
                hint="MTOM doit s'appliquer quelle que soit la taille du document (seuil à 0).",
            )
    return Evidence(at=_KIND, note=f"{len(documents)} document(s) par xop:Include", fired=len(documents) + 1)


@check(
    "dmp.mtom.content-type-complete", covers=("DMP-ALIM-04",), source="exemples officiels DMP 02.05.00 ; XOP §4", confidence="vu"
)
def multipart_parameters_are_coherent(message: SoapMessage) -> Evidence:
    """Le Content-Type multipart porte type="application/xop+xml", start-info="application/soap+xml" et un start exact."""
    kind = _multipart(message).content_type
    expected = {"type": "application/xop+xml", "start-info": "application/soap+xml"}
    for name, value in expected.items():
        received = kind.get(name)
        if received.partition(";")[0].strip().lower() != value:
            raise CheckFailed(
                f"Paramètre {name} du Content-Type inexact",
                expected=f'{name}="{value}"',
                received=f'{name}="{received}"' if received else f"{name} absent",
                at=_KIND,
                hint="Recopier type, start et start-info de la norme XOP : le serveur s'en sert pour trouver l'enveloppe.",
            )
    if kind.media != "multipart/related":
        raise CheckFailed(
            "Message MTOM d'un autre type que multipart/related",
            expected="multipart/related",
            received=kind.media,
            at=_KIND,
            hint="XOP se transporte dans un multipart/related (RFC 2387), racine désignée par start.",
        )
    return Evidence(at=_KIND, fired=3)


@check(
    "dmp.mtom.start-designates-root", covers=("DMP-ALIM-04",), source="RFC 2387 §3.2 ; exemples officiels DMP", confidence="vu"
)
def start_designates_the_root_part(message: SoapMessage) -> Evidence:
    """Le paramètre start est présent et désigne la première partie, qui est l'enveloppe, comme dans les messages officiels."""
    multipart = _multipart(message)
    start = multipart.content_type.get("start")
    if not start or multipart.root is not multipart.parts[0]:
        raise CheckFailed(
            "Partie racine mal désignée",
            expected=f'start="<{multipart.parts[0].content_id}>", première partie du message',
            received=f'start="{start}"' if start else "start absent",
            at=_KIND,
            hint="La RFC 2387 est plus libre ; les exemples mettent l'enveloppe en tête et son Content-ID (avec < >) dans start.",
        )
    return Evidence(at=_KIND)


@check("dmp.mtom.root-part-typed", covers=("DMP-ALIM-04",), source="XOP §4.1 ; exemples officiels DMP 02.05.00", confidence="vu")
def root_part_is_xop(message: SoapMessage) -> Evidence:
    """La partie racine est de type application/xop+xml; type="application/soap+xml", en UTF-8 (charset est facultatif)."""
    kind = _multipart(message).root.content_type
    inner = kind.get("type").partition(";")[0].strip().lower()
    if kind.media != "application/xop+xml" or inner != "application/soap+xml" or kind.get("charset").lower() not in ("", "utf-8"):
        raise CheckFailed(
            "Type de la partie racine inexact",
            expected='application/xop+xml; charset=UTF-8; type="application/soap+xml"',
            received=f'{kind.media or "absent"}; charset={kind.get("charset") or "absent"}; type="{inner}"',
            at="première partie MIME, Content-Type",
            hint="La partie racine s'annonce en XOP, et son type intérieur est celui de SOAP 1.2.",
        )
    return Evidence(at="première partie MIME, Content-Type")


@check("dmp.mtom.references-resolve", covers=("DMP-ALIM-04",), source="XOP §3.2 ; RFC 2392", confidence="vu")
def every_reference_finds_its_part(message: SoapMessage) -> Evidence:
    """Chaque xop:Include désigne, par une URL cid:, une partie présente dans le message."""
    includes = _includes(message)
    for include in includes:
        href = include.get("href", "")
        if not href.lower().startswith("cid:") or message.attachment(href) is None:
            raise CheckFailed(
                "xop:Include sans pièce jointe correspondante",
                expected=f"une partie parmi : {', '.join(message.attachments) or 'aucune pièce jointe'}",
                received=href or "href absent",
                at=place_of(include),
                hint="Le Content-ID de la partie (entre < et >) et le cid: (encodé en URL) doivent nommer la même chose.",
            )
    return Evidence(at="xop:Include", note=f"{len(includes)} référence(s) résolue(s)", fired=len(includes))


@check("dmp.mtom.no-stray-part", covers=("DMP-ALIM-04",), source="XOP §3.2 ; RFC 2045 §7", confidence="vu")
def every_part_is_referenced_once(message: SoapMessage) -> Evidence:
    """Chaque pièce jointe a un Content-ID qui lui est propre, et l'enveloppe la référence une seule fois."""
    multipart = _multipart(message)
    ids = Counter(part.content_id for part in multipart.parts)
    referenced = Counter(cid_of(include.get("href", "")) for include in _includes(message))
    for rank, part in enumerate(multipart.parts, 1):
        if part is multipart.root and not part.content_id:
            continue
        used = 1 if part is multipart.root else referenced[part.content_id]
        if not part.content_id or ids[part.content_id] > 1 or used != 1:
            raise CheckFailed(
                f"Partie MIME {rank} orpheline, anonyme ou partagée",
                expected="un Content-ID unique, référencé par un xop:Include",
                received=f"Content-ID « {part.content_id} », {ids[part.content_id]} partie(s), {used} référence(s)",
                at=f"partie MIME {rank}",
                hint="N'envoyer que les pièces du lot, chacune avec son Content-ID.",
            )
    return Evidence(at="multipart", fired=len(multipart.parts))


@check(
    "dmp.depot.one-document-per-entry",
    covers=("DMP-ALIM-18",),
    source="IHE ITI TF-2 ITI-41 ; exemples officiels DMP",
    confidence="vu",
)
def each_entry_has_one_document(submission: Submission) -> Evidence:
    """Chaque ExtrinsicObject du lot a exactement un Document de même id, et inversement."""
    entries = Counter(entry.id.lower() for entry in submission.entries)
    parts = Counter(part.id.lower() for part in submission.parts)
    if not entries:
        raise CheckFailed(
            "Lot sans ExtrinsicObject",
            expected="au moins un document",
            received="aucun",
            at=submission.at,
            hint="Placer les fiches dans RegistryObjectList, à côté du RegistryPackage, sous l'espace de noms rim:3.0.",
        )
    for name in sorted(entries.keys() | parts.keys()):
        if entries[name] != 1 or parts[name] != 1:
            raise CheckFailed(
                f"Fiches et documents du lot ne vont pas par paires (id « {name} »)",
                expected="un ExtrinsicObject et un Document de même id",
                received=f"{entries[name]} ExtrinsicObject, {parts[name]} Document",
                at=f"{submission.at} ; id « {name} »",
                hint="L'attribut id de xds:Document recopie celui de l'ExtrinsicObject qu'il accompagne.",
            )
    return Evidence(at=submission.at, fired=len(entries))


@check("dmp.depot.same-case-identifiers", covers=("DMP-ALIM-18",), source="IHE ITI TF-2 ITI-41", confidence="vu")
def document_ids_keep_their_case(submission: Submission) -> Evidence:
    """L'id d'un Document est écrit avec la même casse que celui de son ExtrinsicObject."""
    known = {entry.id for entry in submission.entries}
    folded = {name.lower(): name for name in known}
    for part in submission.parts:
        if part.id not in known and part.id.lower() in folded:
            raise CheckFailed(
                "Casse différente entre Document et ExtrinsicObject",
                expected=folded[part.id.lower()],
                received=part.id,
                at=part.at,
                hint="Les identifiants XML distinguent majuscules et minuscules : recopier l'id tel quel.",
            )
    return Evidence(at=submission.at, fired=max(len(submission.parts), 1))


def _multipart(message: SoapMessage) -> Multipart:
    if message.multipart is None:
        raise Inconclusive("le message n'est pas un multipart MTOM")
    return message.multipart


def _documents(message: SoapMessage) -> list[etree._Element]:
    found = list(message.body.iter(f"{{{XDSB}}}Document"))
    if not found:
        raise Inconclusive("aucun élément Document dans le dépôt")
    return found


def _includes(message: SoapMessage) -> list[etree._Element]:
    found = list(message.body.iter(f"{{{XOP}}}Include"))
    if not found:
        raise Inconclusive("aucun xop:Include dans le message")
    return found
