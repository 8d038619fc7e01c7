"""TD3.3 (IHE ITI-57): the metadata update of a call, as received, and what is wrong in it (dmp_insi §6.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from lxml import etree

from ...core.errors import Inconclusive
from ...core.problem import Problem
from ...core.providers import provider
from ..soap import SoapMessage
from ..xds import vocabulary as v
from ..xds.datatypes import is_dtm, is_oid, parse_cx
from ..xds.objects import Association, DocumentEntry, SubmissionSet
from ..xds.submission import read_objects
from .regle import Regle
from .requete import APPROVED, is_uuid

UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
CHANGES = frozenset({(APPROVED, ARCHIVED), (ARCHIVED, APPROVED), (APPROVED, DELETED), (ARCHIVED, DELETED)})
AT = "/soap:Envelope/soap:Body/lcm:SubmitObjectsRequest/rim:RegistryObjectList"
VISIBILITIES = frozenset({"MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_REP_LEGAUX"})
_PKG = "exemples officiels de messages DMP 02.05.00 (TD3.3)"


@dataclass(frozen=True, slots=True, eq=False)
class UpdateRequest:
    """A SubmitObjectsRequest sent to the registry. ``lids`` and ``statuses`` are those of the entries, by local id."""

    set: SubmissionSet | None
    entries: tuple[DocumentEntry, ...]
    associations: tuple[Association, ...]
    lids: Mapping[str, str]
    statuses: Mapping[str, str]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def associated(self, kind: str) -> tuple[Association, ...]:
        """The associations of a type."""
        return tuple(each for each in self.associations if each.type == kind)


def set_complete(request: UpdateRequest) -> Iterator[Problem]:
    """The update has a submission set of its own, dated and identified, of the patient."""
    lot = request.set
    if lot is None:
        yield _lot("Modification sans lot de soumission", AT, "un RegistryPackage", "aucun")
        return
    dated, uid, source = lot.slot("submissionTime"), lot.unique_id, lot.identifier(v.SET_SOURCE)
    if not is_dtm(dated, 14):
        at = lot.slot_xpath("submissionTime")
        yield _lot("Date de soumission absente ou mal écrite", at, "aaaammjjhhmmss en UTC", dated or "absente")
    if not is_oid(uid):
        yield _lot("Lot sans uniqueId", lot.identifier_xpath(v.SET_UNIQUE_ID), "un OID neuf", uid or "absent")
    if not is_oid(source):
        yield _lot("Lot sans sourceId", lot.identifier_xpath(v.SET_SOURCE), "l'OID de l'émetteur", source or "absent")
    if not lot.patient.is_ins:
        at = lot.identifier_xpath(v.SET_PATIENT)
        yield _lot("Lot sans INS du patient", at, "INS15^^^&OID&ISO^NH", lot.patient.raw or "absent")


def one_kind_of_change(request: UpdateRequest) -> Iterator[Problem]:
    """Masking and visibility send the entry again; deletion and archiving send an association and no entry."""
    statuses = request.associated(UPDATE_STATUS)
    if not request.entries and not statuses:
        yield _kind(
            "Modification qui ne modifie rien",
            AT,
            "une fiche complète (visibilité), ou une association UpdateAvailabilityStatus (suppression, archivage)",
            "ni l'une ni l'autre",
        )
    if request.entries and statuses:
        yield _kind(
            "Visibilité et statut modifiés dans le même message",
            AT,
            "une seule sorte de modification",
            f"{len(request.entries)} fiche(s) et {len(statuses)} changement(s) de statut",
        )


def status_change_complete(request: UpdateRequest) -> Iterator[Problem]:
    """A change of status goes from the set to an entryUUID, from a present status to a permitted one."""
    for each in request.associated(UPDATE_STATUS):
        if request.set is None or each.source != request.set.id:
            yield _status("Source qui n'est pas le lot", f"{each.at}/@sourceObject", "l'id du lot", each.source)
        if not is_uuid(each.target):
            yield _status(
                "Cible qui n'est pas un entryUUID",
                f"{each.at}/@targetObject",
                "urn:uuid:…",
                each.target,
            )
        before, after = _slot(each, "OriginalStatus"), _slot(each, "NewStatus")
        if (before, after) not in CHANGES:
            yield _status(
                "Changement de statut impossible",
                f"{each.at}/rim:Slot",
                "OriginalStatus Approved ou Archived ; NewStatus Deleted, Archived, ou Approved pour désarchiver",
                f"de {before or 'absent'} à {after or 'absent'}",
            )


def entry_is_next_version(request: UpdateRequest) -> Iterator[Problem]:
    """An entry sent again keeps its logical identifier, has a local id, is approved, and names the version that it follows."""
    members = {each.target: each for each in request.associated(v.HAS_MEMBER)}
    for entry in request.entries:
        lid, status = request.lids.get(entry.id, ""), request.statuses.get(entry.id, "")
        if not is_uuid(lid):
            yield _version(
                "Fiche sans identifiant logique", f"{entry.at}/@lid", "le lid de la fiche du registre", lid or "absent"
            )
        if is_uuid(entry.id):
            yield _version("Fiche renvoyée sous son entryUUID", f"{entry.at}/@id", "un identifiant local neuf", entry.id)
        if status != APPROVED:
            yield _version("Statut de la fiche renvoyée", f"{entry.at}/@status", APPROVED, status or "absent")
        member = members.get(entry.id)
        if member is None:
            yield _version("Fiche renvoyée hors du lot", AT, f"une association HasMember vers {entry.id}", "aucune")
            continue
        if _slot(member, "SubmissionSetStatus") != "Original":
            yield _version("SubmissionSetStatus", member.at, "Original", _slot(member, "SubmissionSetStatus") or "absent")
        if re.fullmatch(r"[1-9]\d*", _slot(member, "PreviousVersion")) is None:
            yield _version(
                "Version précédente absente",
                member.at,
                "PreviousVersion = VersionInfo de la fiche",
                _slot(member, "PreviousVersion") or "absente",
            )


def visibility_coded(request: UpdateRequest) -> Iterator[Problem]:
    """The confidentiality of an entry sent again starts with N, R or V; the rest are codes of visibility."""
    for entry in request.entries:
        codes = [code.code for code in entry.codes.get(v.CONFIDENTIALITY, ())]
        unknown = [code for code in codes[1:] if code not in VISIBILITIES]
        if not codes or codes[0] not in ("N", "R", "V") or unknown:
            yield _problem(
                "dmp.td33.visibility",
                "Visibilité de la fiche mal codée",
                entry.code_xpath(v.CONFIDENTIALITY),
                f"N, R ou V, puis {', '.join(sorted(VISIBILITIES))} au besoin",
                ", ".join(codes) or "absente",
            )


def same_patient(request: UpdateRequest) -> Iterator[Problem]:
    """The set and each entry name the same patient."""
    if request.set is None:
        return
    wanted = request.set.patient.identity
    for entry in request.entries:
        if parse_cx(entry.identifier(v.ENTRY_PATIENT)).identity != wanted:
            yield _problem(
                "dmp.td33.same-patient",
                "Patient de la fiche différent de celui du lot",
                entry.identifier_xpath(v.ENTRY_PATIENT),
                request.set.patient.raw,
                entry.identifier(v.ENTRY_PATIENT) or "absent",
            )


def _slot(association: Association, name: str) -> str:
    return next(iter(association.slots.get(name, ())), "")


def _problem(rule: str, message: str, at: str, expected: str, received: str) -> Problem:
    hint = "Relire la fiche par TD3.1 avant de la modifier : lid, VersionInfo et statut en viennent."
    return Problem(rule, message, at, expected=expected, received=received, hint=hint)


_lot = partial(_problem, "dmp.td33.set-complete")
_kind = partial(_problem, "dmp.td33.one-kind")
_status = partial(_problem, "dmp.td33.status-change")
_version = partial(_problem, "dmp.td33.next-version")


_ALIM14, _ALIM10 = ("DMP-ALIM-14",), ("DMP-ALIM-10",)
REGLES = (
    Regle(
        "dmp.td33.set-complete",
        "Une modification de fiche est portée par un lot à elle, daté, identifié et du patient.",
        _ALIM14,
        _PKG,
        "vu",
        UpdateRequest,
        set_complete,
    ),
    Regle(
        "dmp.td33.one-kind",
        "Une visibilité se change par la fiche complète, une suppression ou un archivage par une seule association.",
        _ALIM14,
        _PKG,
        "vu",
        UpdateRequest,
        one_kind_of_change,
    ),
    Regle(
        "dmp.td33.status-change",
        "Une suppression ou un archivage va du lot à l'entryUUID de la fiche, d'un statut à un autre permis.",
        _ALIM14,
        _PKG,
        "vu",
        UpdateRequest,
        status_change_complete,
    ),
    Regle(
        "dmp.td33.next-version",
        "Une fiche renvoyée garde son identifiant logique et nomme la version qu'elle remplace.",
        _ALIM10,
        _PKG,
        "vu",
        UpdateRequest,
        entry_is_next_version,
    ),
    Regle(
        "dmp.td33.visibility",
        "La confidentialité d'une fiche renvoyée commence par N, R ou V, puis donne des codes de visibilité.",
        _ALIM10,
        _PKG + " ; JDV_J08",
        "vu",
        UpdateRequest,
        visibility_coded,
    ),
    Regle(
        "dmp.td33.same-patient",
        "Le lot et les fiches d'une modification désignent le même patient.",
        _ALIM14,
        "XDSPatientIdDoesNotMatch (IHE)",
        "vu",
        UpdateRequest,
        same_patient,
    ),
)


@provider
def _update_of(message: SoapMessage) -> UpdateRequest:
    payload = message.payload
    if payload is None or payload.tag != f"{{{v.LCM}}}SubmitObjectsRequest":
        raise Inconclusive(f"le corps ({message.operation or 'vide'}) n'est pas une modification de fiche (TD3.3)")
    registry = payload.find(f"{{{v.RIM}}}RegistryObjectList")
    if registry is None:
        raise Inconclusive("modification sans RegistryObjectList")
    sets, entries, associations = read_objects(registry, AT)
    nodes: list[etree._Element] = list(registry.iterfind(f"{{{v.RIM}}}ExtrinsicObject"))
    return UpdateRequest(
        set=sets[0] if sets else None,
        entries=entries,
        associations=associations,
        lids={node.get("id", ""): node.get("lid", "") for node in nodes},
        statuses={node.get("id", ""): node.get("status", "") for node in nodes},
    )
