"""A submission as a whole: its ids, its associations, its dates, its people, the grammar of its slots (dmp_insi §6.3, §7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from ...core.problem import Problem
from . import vocabulary as v
from .datatypes import dtm_instant, parse_pid, parse_xon
from .hl7v2 import cx_faults, cxi_faults, triplet_faults, xcn_faults, xon_faults
from .objects import Author, RegistryObject
from .submission import Submission

TOLERANCE = timedelta(minutes=5)
MAJORITY = 18
_REGISTRY_SIDE = ("repositoryUniqueId", "URI", "versionInfo")


def syntax_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.coherence.field-syntax``: each CX, XCN, XON, CXi and coded triplet follows the grammar of HL7 v2."""
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
            "xds.coherence.field-syntax",
            f"{name} mal écrit : {fault}",
            at,
            expected="la grammaire HL7 v2",
            received=value,
            hint=hint,
        )


def association_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.coherence.associations-resolve``: ids are unique in the message; each association links what exists."""
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
    """``xds.coherence.dates-in-order``: documents are created before they are submitted, and submitted now."""
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
    """``xds.coherence.structure-of-set``: the set comes from a structure of an author of each document."""
    senders = {parse_xon(value).id for author in submission.set.authors for value in author.institutions}
    for entry in submission.clinical_entries:
        structures = {parse_xon(value).id for author in entry.authors for value in author.institutions}
        if senders and structures and not senders & structures:
            yield Problem(
                "xds.coherence.structure-of-set",
                "Le lot vient d'une autre structure que celles des auteurs",
                entry.code_xpath(v.ENTRY_AUTHOR),
                expected=", ".join(sorted(senders)),
                received=", ".join(sorted(structures)),
                hint="L'auteur du lot est celui qui envoie, dans la structure d'un auteur du document.",
            )


def minor_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.coherence.minor-visibility``: only a minor has a document that his legal representatives do not see."""
    submitted = dtm_instant(submission.set.slot("submissionTime"))
    for entry in submission.clinical_entries:
        hidden = [c.code for c in entry.codes.get(v.CONFIDENTIALITY, ()) if c.code.startswith("INVISIBLE_REP")]
        born = next(iter(parse_pid(entry.slots.get("sourcePatientInfo", ())).get("PID-7", [])), "")
        if hidden and submitted is not None and born[:8].isdecimal() and _age(born, submitted) >= MAJORITY:
            yield Problem(
                "xds.coherence.minor-visibility",
                "Document d'un majeur caché à ses représentants légaux",
                entry.code_xpath(v.CONFIDENTIALITY),
                expected=f"un usager de moins de {MAJORITY} ans, ou ce code absent",
                received=f"{hidden[0]}, usager né le {born}",
                hint="INVISIBLE_REPRESENTANTS_LEGAUX sert au secret demandé par un mineur.",
            )


def registry_side_problems(submission: Submission) -> Iterator[Problem]:
    """``xds.coherence.registry-side``: what the registry gives (repository, version of metadata) is not for the source to say."""
    for entry in submission.entries:
        for name in _REGISTRY_SIDE:
            if entry.slots.get(name):
                yield Problem(
                    "xds.coherence.registry-side",
                    f"{name} donné par la source",
                    entry.slot_xpath(name),
                    expected="slot absent : l'entrepôt le donne",
                    received=entry.slot(name),
                    hint="Ne recopier dans un dépôt ni l'entrepôt ni la version d'une fiche lue dans le DMP.",
                )


def _age(born: str, at: datetime) -> int:
    year, month, day = int(born[:4]), int(born[4:6]), int(born[6:8])
    return at.year - year - ((at.month, at.day) < (month, day))


def _association(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Les extrémités d'une association sont des identifiants du message, ou un entryUUID pour un remplacement."
    return Problem("xds.coherence.associations-resolve", message, at, expected=expected, received=received or "absent", hint=hint)


def _date(message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Dates en UTC, à la seconde ; l'horloge du poste est à l'heure."
    return Problem("xds.coherence.dates-in-order", message, at, expected=expected, received=received, hint=hint)
