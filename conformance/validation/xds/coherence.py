"""A submission as a whole: its ids, its associations, its dates, its people, the grammar of its slots (dmp_insi §6.3, §7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from ...core.problem import Problem
from . import vocabulary as v
from .cda_header import described
from .datatypes import dtm_instant, parse_xon
from .hl7v2 import cx_faults, cxi_faults, triplet_faults, xcn_faults, xon_faults
from .submission import Author, RegistryObject, Submission

TOLERANCE = timedelta(minutes=5)


def syntax_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.submission.field-syntax``: each CX, XCN, XON, CXi and coded triplet follows the grammar of HL7 v2."""
    lot = submission.set
    yield from _identifiers(lot, v.SET_PATIENT)
    yield from _authors(lot, v.SET_AUTHOR)
    for entry in submission.entries:
        yield from _identifiers(entry, v.ENTRY_PATIENT)
        yield from _authors(entry, v.ENTRY_AUTHOR)
        for name, faults in _SLOTS:
            for value in entry.slots.get(name, ()):
                yield from _faulty(name, value, entry.slot_xpath(name), faults)


_SLOTS: tuple[tuple[str, Callable[[str], tuple[str, ...]]], ...] = (
    ("legalAuthenticator", xcn_faults),
    ("sourcePatientId", cx_faults),
    (v.REFERENCE_IDS, cxi_faults),
)


def _identifiers(item: RegistryObject, scheme: str) -> Iterator[Problem]:
    for value in item.identifiers.get(scheme, ()):
        yield from _faulty("patientId", _without_suffix(value), item.identifier_xpath(scheme), cx_faults)


def _without_suffix(value: str) -> str:
    """Older samples append a date after the type: another rule speaks of it."""
    return "^".join(value.split("^")[:5])


def _authors(item: RegistryObject, scheme: str) -> Iterator[Problem]:
    for author in item.authors:
        for name, values, faults in _author_slots(author):
            for value in values:
                yield from _faulty(name, value, f"{item.code_xpath(scheme)}/rim:Slot[@name='{name}']", faults)


def _author_slots(author: Author) -> tuple[tuple[str, tuple[str, ...], Callable[[str], tuple[str, ...]]], ...]:
    return (
        ("authorPerson", author.persons, xcn_faults),
        ("authorInstitution", author.institutions, xon_faults),
        ("authorSpecialty", author.specialties, triplet_faults),
    )


def _faulty(name: str, value: str, at: str, faults: Callable[[str], tuple[str, ...]]) -> Iterator[Problem]:
    for fault in faults(value):
        hint = "Compter les accents circonflexes ; échapper ^ & ~ | \\ dans les textes (\\S\\ \\T\\ \\R\\ \\F\\ \\E\\)."
        yield Problem(
            "xds.submission.field-syntax",
            f"{name} mal écrit : {fault}",
            at,
            expected="la grammaire HL7 v2",
            received=value,
            hint=hint,
        )


def association_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.submission.associations-resolve``: ids are unique in the message; each association links what exists."""
    ids = [submission.set.id, *(e.id for e in submission.entries), *(a.id for a in submission.associations)]
    for repeated, count in Counter(ids).items():
        if repeated and count > 1:
            yield _association(
                "Identifiant local répété", submission.at, "un identifiant par objet", f"{repeated} : {count} fois"
            )
    known = {submission.set.id, *(e.id for e in submission.entries)}
    for each in submission.associations:
        if each.source not in known:
            yield _association(
                "Association qui part d'un objet absent", f"{each.at}/@sourceObject", ", ".join(sorted(known)), each.source
            )
        if each.target not in known and not (each.type == v.RPLC and each.target.startswith("urn:uuid:")):
            yield _association(
                "Association vers un objet absent", f"{each.at}/@targetObject", ", ".join(sorted(known)), each.target
            )
        if each.type == v.HAS_MEMBER and each.source != submission.set.id:
            yield _association("HasMember qui ne part pas du lot", f"{each.at}/@sourceObject", submission.set.id, each.source)
        if each.type not in (v.HAS_MEMBER, v.SIGNS, v.RPLC):
            expected = "HasMember, signs ou RPLC"
            yield _association(
                "Association d'un type que le DMP n'emploie pas", f"{each.at}/@associationType", expected, each.type
            )
    for (source, target, kind), count in Counter((a.source, a.target, a.type) for a in submission.associations).items():
        if count > 1:
            yield _association(
                "Association répétée", submission.at, "une fois", f"{kind.rpartition(':')[2]} de {source} à {target}"
            )


def date_problems(submission: Submission, received: datetime) -> Iterator[Problem]:
    """``xds.submission.dates-in-order``: documents are created before they are submitted, and submitted now."""
    lot = submission.set
    submitted = dtm_instant(lot.slot("submissionTime"))
    if submitted is None:
        return
    if abs(received - submitted) > TOLERANCE:
        yield _date(
            "Date de soumission loin de l'heure de réception",
            lot.slot_xpath("submissionTime"),
            f"{received:%Y%m%d%H%M%S}",
            lot.slot("submissionTime"),
        )
    for entry in submission.clinical_entries:
        created = dtm_instant(entry.slot("creationTime"))
        if created is not None and created > submitted + TOLERANCE:
            yield _date(
                "Document créé après sa soumission",
                entry.slot_xpath("creationTime"),
                f"au plus {submitted:%Y%m%d%H%M%S}",
                entry.slot("creationTime"),
            )


def people_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.submission.structure-of-set``: the set comes from a structure of an author of each document."""
    senders = {parse_xon(value).id for author in submission.set.authors for value in author.institutions}
    for entry in submission.clinical_entries:
        structures = {parse_xon(value).id for author in entry.authors for value in author.institutions}
        if senders and structures and not senders & structures:
            yield Problem(
                "xds.submission.structure-of-set",
                "Le lot vient d'une autre structure que celles des auteurs",
                entry.code_xpath(v.ENTRY_AUTHOR),
                expected=", ".join(sorted(senders)),
                received=", ".join(sorted(structures)),
                hint="L'auteur du lot est celui qui envoie, dans la structure d'un auteur du document.",
            )


def label_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.cda.type-label``: the display name of the type is that of the document (C02)."""
    for entry, header in described(submission):
        code = entry.code(v.TYPE_CODE)
        if code is not None and header.code.label and code.label != header.code.label:
            yield Problem(
                "xds.cda.type-label",
                f"Libellé du type de la fiche « {entry.id} » différent de celui du document",
                entry.code_xpath(v.TYPE_CODE),
                expected=header.code.label,
                received=code.label or "absent",
                hint="Recopier ClinicalDocument/code/@displayName.",
            )


def _association(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Les extrémités d'une association sont des identifiants du message, ou un entryUUID pour un remplacement."
    return Problem(
        "xds.submission.associations-resolve", message, at, expected=expected, received=received or "absent", hint=hint
    )


def _date(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Dates en UTC, à la seconde ; l'horloge du poste est à l'heure."
    return Problem("xds.submission.dates-in-order", message, at, expected=expected, received=received, hint=hint)
