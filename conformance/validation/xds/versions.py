"""Replacement and versions: RPLC, setId, versionNumber, documents sent again (dmp_insi §6.4, §8; Structuration minimale)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from lxml import etree

from ...core.problem import Problem
from ...core.providers import provide
from ..xml import local_name, parse
from . import vocabulary as v
from .cda_header import CdaHeader, Header, described
from .objects import DocumentEntry
from .submission import DepositedDocument, Submission

_OF_A_VERSION = frozenset({"effectiveTime", "versionNumber", "relatedDocument"})
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F-]{36}")


def version_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.version.number``: versions count from 1; the first replaces nothing, the others replace the one before."""
    replacing = {association.source for association in submission.associated(v.RPLC)}
    for entry, header in described(submission):
        at = f"document « {entry.id} » : ClinicalDocument/versionNumber"
        if re.fullmatch(r"[1-9]\d*", header.version) is None:
            yield _problem("Numéro de version absent ou mal écrit", at, "un entier à partir de 1", header.version or "absent")
            continue
        if not header.set_id.root:
            yield _problem("setId absent", at, "l'identifiant commun aux versions du document", "absent")
        first = header.version == "1"
        if first and header.replaced:
            yield _problem(
                "Première version qui en remplace une autre", at, "pas de relatedDocument RPLC", header.replaced[0].root
            )
        if not first and not header.replaced:
            yield _problem(
                "Version suivante sans document remplacé", at, "relatedDocument RPLC vers la version précédente", "absent"
            )
        if not first and entry.id not in replacing:
            yield _problem(
                "Version suivante déposée comme un document neuf",
                entry.at,
                "une association RPLC vers l'ancienne fiche",
                "absente",
            )


def association_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.version.association``: a replacement goes from an entry of the set to the entryUUID of one entry, once."""
    own = {entry.id for entry in submission.clinical_entries}
    seen: set[str] = set()
    for association in submission.associated(v.RPLC):
        if association.source not in own:
            yield _association(
                "Remplacement qui ne part pas d'une fiche du lot",
                f"{association.at}/@sourceObject",
                ", ".join(sorted(own)),
                association.source,
            )
        if _UUID.fullmatch(association.target) is None:
            expected = "l'entryUUID (urn:uuid:…) de la fiche à remplacer"
            yield _association(
                "Remplacement d'autre chose qu'une fiche", f"{association.at}/@targetObject", expected, association.target
            )
        if association.target in seen:
            yield _association(
                "Fiche remplacée deux fois dans le lot", association.at, "une association par fiche", association.target
            )
        seen.add(association.target)


def replacement_problems(before: DepositedDocument, after: Submission) -> Iterator[Problem]:
    """``xds.suite.replacement``: the deposit of a changed document replaces an entry."""
    if not after.associated(v.RPLC):
        linked = any(association.target.startswith("urn:uuid:") for association in after.associations)
        yield Problem(
            "xds.suite.replacement",
            "Document modifié relié à l'ancien sans le remplacer"
            if linked
            else "Document modifié déposé sans remplacer l'ancien",
            f"{after.at}/rim:Association",
            expected=f"une association RPLC vers la fiche de {before.entry.unique_id}",
            received=", ".join(a.type.rpartition(":")[2] for a in after.associations) or "aucune association",
            hint="Le DMP garderait les deux documents comme actifs : déposer la nouvelle version avec RPLC.",
        )


def succession_problems(before: DepositedDocument, after: DepositedDocument) -> Iterator[Problem]:
    """``xds.suite.succession``: same setId, next version, new identifiers, same patient and type as the version before."""
    old, new = _header(before), _header(after)
    at = f"document « {after.entry.id} »"
    if (new.set_id.root, new.set_id.extension) != (old.set_id.root, old.set_id.extension):
        yield _succession("setId changé d'une version à l'autre", f"{at} : setId", old.set_id.root, new.set_id.root)
    if old.version.isdecimal() and new.version != str(int(old.version) + 1):
        yield _succession("Numéro de version qui ne suit pas", f"{at} : versionNumber", str(int(old.version) + 1), new.version)
    if new.id.root == old.id.root:
        yield _succession("Identifiant du document non renouvelé", f"{at} : id", "un OID neuf", new.id.root)
    if [i.root for i in new.replaced] != [old.id.root]:
        received = ", ".join(i.root for i in new.replaced)
        yield _succession(
            "Document remplacé différent de la version précédente", f"{at} : relatedDocument", old.id.root, received
        )
    if after.entry.patient.identity != before.entry.patient.identity:
        expected, received = before.entry.patient.raw, after.entry.patient.raw
        yield _succession(
            "Patient changé d'une version à l'autre", after.entry.identifier_xpath(v.ENTRY_PATIENT), expected, received
        )
    if _type(after.entry) != _type(before.entry):
        expected, received = _type(before.entry), _type(after.entry)
        yield _succession("Type changé d'une version à l'autre", after.entry.code_xpath(v.TYPE_CODE), expected, received)


def known_problems(before: DepositedDocument, after: Submission) -> Iterator[Problem]:
    """``xds.suite.replaced-known``: the entry that is replaced is, in the DMP, that of the version before."""
    for association in after.associated(v.RPLC):
        aimed = after.replaced.get(association.target)
        if aimed != before.entry.unique_id:
            yield Problem(
                "xds.suite.replaced-known",
                "Fiche remplacée inconnue du DMP" if aimed is None else "Fiche remplacée d'un autre document",
                f"{association.at}/@targetObject",
                expected=f"l'entryUUID du document {before.entry.unique_id}",
                received=association.target if aimed is None else f"{association.target}, qui est celui de {aimed}",
                hint="Retrouver l'entryUUID par GetDocuments (ObjectRef) sur l'uniqueId de la version précédente.",
            )


def changed_problems(before: DepositedDocument, after: DepositedDocument) -> Iterator[Problem]:
    """``xds.suite.changed``: a new version says something else than the version before."""
    if _said(before.content) == _said(after.content):
        yield Problem(
            "xds.suite.changed",
            "Nouvelle version d'un document inchangé",
            after.at,
            expected="un document modifié, ou aucun envoi",
            received="le même contenu, identifiants et dates mis à part",
            hint="N'envoyer une version suivante que si l'utilisateur a changé le document.",
        )


def repeat_problems(submissions: Sequence[Submission]) -> Iterator[Problem]:
    """``xds.suite.repeat``: over several deposits, one uniqueId is one content, one content is sent under one uniqueId, and
    a setId has each version once."""
    by_uid: dict[str, str] = {}
    by_content: dict[str, str] = {}
    by_version: dict[tuple[str, str], str] = {}
    for submission in submissions:
        for document in submission.clinical_documents:
            uid, digest = document.entry.unique_id, hashlib.sha256(document.content).hexdigest()
            if by_uid.setdefault(uid, digest) != digest:
                yield _repeat("Un même uniqueId pour deux contenus", document.at, "un uniqueId par contenu", uid)
            other = by_content.setdefault(digest, uid)
            if other != uid:
                yield _repeat("Document inchangé envoyé sous un autre uniqueId", document.at, f"rien, ou {other}", uid)
            header = _header(document)
            lineage = (f"{header.set_id.root}^{header.set_id.extension}", header.version)
            if header.set_id.root and by_version.setdefault(lineage, uid) != uid:
                expected = f"une version après {header.version}"
                yield _repeat("Deux documents de mêmes setId et versionNumber", document.at, expected, header.version)


def _said(content: bytes) -> bytes:
    """A CDA document without what changes from a version to another: identifiers, version, instants of its writing."""
    root = parse(content)
    for element in [e for e in root.iter() if isinstance(e.tag, str)]:
        parent, name = element.getparent(), local_name(element)
        if parent is None:
            continue
        of_the_act = name == "high" and any(local_name(above) == "serviceEvent" for above in element.iterancestors())
        if name in ("id", "time") or of_the_act or (parent is root and name in _OF_A_VERSION):
            parent.remove(element)
    return etree.tostring(root, method="c14n")


def _header(document: DepositedDocument) -> Header:
    view: CdaHeader = provide(CdaHeader, document)
    return view.header


def _type(entry: DocumentEntry) -> str:
    code = entry.code(v.TYPE_CODE)
    return "absent" if code is None else f"{code.code} du système {code.scheme}"


def _problem(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "versionNumber commence à 1, croît de 1 ; chaque version suivante remplace la précédente, dans le CDA et dans le lot."
    return Problem("xds.version.number", message, at, expected=expected, received=received, hint=hint)


def _association(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Retrouver l'entryUUID par GetDocuments (ObjectRef) sur l'ancien uniqueId, si le logiciel ne l'a pas gardé."
    return Problem("xds.version.association", message, at, expected=expected, received=received or "absent", hint=hint)


def _succession(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Même setId, versionNumber augmenté de 1, nouvel id, relatedDocument vers l'id précédent."
    return Problem("xds.suite.succession", message, at, expected=expected or "absent", received=received or "absent", hint=hint)


def _repeat(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Garder l'uniqueId avec le document ; ne renvoyer ni un document vide ni un document inchangé."
    return Problem("xds.suite.repeat", message, at, expected=expected, received=received, hint=hint)
