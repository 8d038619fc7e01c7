"""XDS: the submission set, its associations and its documents (dmp_insi §6.3, §7.1)."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.ins.key import OIDS
from ..validation.xds import vocabulary as v
from ..validation.xds.codes import code_list
from ..validation.xds.datatypes import is_dtm, is_oid, parse_xcn, parse_xon
from ..validation.xds.submission import Submission
from .registry import check

_SAMPLE = "Exemple TD2.1 (package DMP)"
_CI_SIS = "CI-SIS Partage de documents, SubmissionSet"


@check("xds.submission.single-set", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def deposit_holds_one_submission_set(submission: Submission) -> Evidence:
    """Le dépôt contient un seul lot de soumission, classé comme tel."""
    at = f"{submission.at}/rim:RegistryPackage"
    nodes = submission.set.classification_nodes.count(v.SUBMISSION_SET_NODE)
    if submission.packages != 1 or nodes != 1:
        raise CheckFailed(
            "Lot de soumission absent, répété ou non classé",
            expected=f"un RegistryPackage, avec une Classification dont classificationNode = {v.SUBMISSION_SET_NODE}",
            received=f"{submission.packages} lot(s), {nodes} classification(s) de lot",
            at=at,
            hint="Ajouter la classification XDSSubmissionSet au seul RegistryPackage du message.",
        )
    return Evidence(at=at)


@check("xds.submission.no-folder", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def deposit_holds_no_folder(submission: Submission) -> Evidence:
    """Le dépôt ne contient pas de classeur (Folder) : le DMP n'en gère pas."""
    if submission.folders:
        raise CheckFailed(
            "Classeur présent dans le dépôt",
            expected="aucun RegistryPackage de type Folder",
            received=f"{submission.folders} classeur(s)",
            at=f"{submission.at}/rim:RegistryPackage",
            hint="Retirer le classeur et ses associations.",
        )
    return Evidence(at=submission.at)


@check("xds.submission.submission-time", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def submission_time_is_utc_seconds(submission: Submission) -> Evidence:
    """La date de soumission est présente une fois, en UTC, à la seconde."""
    at = submission.set.slot_xpath("submissionTime")
    values = submission.set.slots.get("submissionTime", ())
    if len(values) != 1 or not is_dtm(values[0], 14):
        raise CheckFailed(
            "Date de soumission absente ou mal formée",
            expected="aaaammjjhhmmss en UTC, une fois",
            received=", ".join(values) or "absente",
            at=at,
            hint="14 chiffres, sans fuseau ni séparateur : convertir l'heure locale en UTC.",
        )
    return Evidence(at=at)


@check("xds.submission.author", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def submission_has_one_author(submission: Submission) -> Evidence:
    """Le lot a un auteur, avec une personne (ou un système) et sa structure identifiées."""
    at = submission.set.code_xpath(v.SET_AUTHOR)
    authors = submission.set.authors
    person = parse_xcn(authors[0].persons[0]) if authors and authors[0].persons else None
    structure = parse_xon(authors[0].institutions[0]) if authors and authors[0].institutions else None
    if len(authors) != 1 or person is None or not person.id or structure is None or not structure.id:
        raise CheckFailed(
            "Auteur du lot absent, répété ou incomplet",
            expected="un auteur avec authorPerson (XCN) et authorInstitution (XON) identifiés",
            received=f"{len(authors)} auteur(s), authorPerson {person.raw if person else 'absent'}, "
            f"authorInstitution {structure.raw if structure else 'absent'}",
            at=at,
            hint="L'auteur du lot est celui qui envoie : identifiant national et nom, puis structure.",
        )
    if authors[0].node_representation:
        raise CheckFailed(
            "Classification d'auteur mal formée",
            expected='nodeRepresentation=""',
            received=f'nodeRepresentation="{authors[0].node_representation}"',
            at=f"{at}/@nodeRepresentation",
            hint="Laisser nodeRepresentation vide pour un auteur.",
        )
    return Evidence(at=at)


@check("xds.submission.content-type", covers=("DMP-ALIM-18",), source="JDV_J59", confidence="vu")
def submission_content_type_is_known(submission: Submission) -> Evidence:
    """Le type d'activité du lot (contentTypeCode) est un code de JDV_J59, une seule fois."""
    at = submission.set.code_xpath(v.CONTENT_TYPE)
    codes = submission.set.codes.get(v.CONTENT_TYPE, ())
    known = code_list("J59")
    if len(codes) != 1 or not known.has(codes[0].code, codes[0].scheme):
        raise CheckFailed(
            "Type d'activité du lot absent, répété ou hors de JDV_J59",
            expected=known.nearest(codes[0].code if codes else ""),
            received=", ".join(f"{c.code} ({c.scheme or 'sans codingScheme'})" for c in codes) or "absent",
            at=at,
            hint="Hébergement complet : 11 ; accueil de jour : 21 ; lieu de vie : 16 (codingScheme 1.2.250.1.213.2.2).",
        )
    return Evidence(at=at, note=codes[0].code)


@check("xds.submission.patient-id", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def submission_patient_is_an_ins(submission: Submission) -> Evidence:
    """Le lot désigne le patient par son INS, sous la forme CX."""
    at = submission.set.identifier_xpath(v.SET_PATIENT)
    patient = submission.set.patient
    count = len(submission.set.identifiers.get(v.SET_PATIENT, ()))
    form = patient.is_ins and patient.code == "NH" and patient.authority.type == "ISO"
    if count != 1 or not form or re.fullmatch(r"[0-9AB]{15}", patient.id) is None:
        raise CheckFailed(
            "Identifiant de patient du lot absent, répété ou mal formé",
            expected=f"INS15^^^&OID&ISO^NH, OID parmi {', '.join(OIDS)}",
            received=patient.raw or "absent",
            at=at,
            hint="Matricule et clé sur 15 caractères, OID de l'INS, puis ISO^NH.",
        )
    return Evidence(at=at)


@check("xds.submission.source-id", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def submission_source_is_an_oid(submission: Submission) -> Evidence:
    """Le lot désigne son émetteur (sourceId) par un OID."""
    return _oid(submission, v.SET_SOURCE, "sourceId", "OID de l'instance du logiciel émetteur, sans urn:oid:.")


@check("xds.submission.unique-id", covers=("DMP-ALIM-18",), source=_CI_SIS, confidence="vu")
def submission_unique_id_is_an_oid(submission: Submission) -> Evidence:
    """Le lot a un identifiant unique (uniqueId) qui est un OID."""
    return _oid(submission, v.SET_UNIQUE_ID, "uniqueId", "Un OID neuf par lot, dérivé d'une racine qui vous appartient.")


@check(
    "xds.submission.unique-ids-distinct", covers=("DMP-ALIM-18",), source="XDSDuplicateUniqueIdInMessage (IHE)", confidence="vu"
)
def unique_ids_are_distinct(submission: Submission) -> Evidence:
    """Le lot et ses documents ont des identifiants uniques tous différents."""
    seen: dict[str, str] = {submission.set.unique_id: submission.set.at}
    for entry in submission.entries:
        if entry.unique_id in seen:
            raise CheckFailed(
                "Même uniqueId pour deux objets du dépôt",
                expected="un uniqueId par lot et par document",
                received=f"{entry.unique_id or 'vide'}, déjà porté par {seen[entry.unique_id]}",
                at=entry.identifier_xpath(v.ENTRY_UNIQUE_ID),
                hint="Le lot, chaque document et la signature ont chacun leur OID.",
            )
        seen[entry.unique_id] = entry.at
    return Evidence(at=submission.at, fired=len(seen))


@check("xds.submission.has-member", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def every_entry_is_member_of_the_set(submission: Submission) -> Evidence:
    """Chaque fiche du dépôt, signature comprise, est rattachée au lot par une association HasMember."""
    members = submission.associated(v.HAS_MEMBER)
    targets = [a.target for a in members if a.source == submission.set.id]
    for entry in submission.entries:
        if targets.count(entry.id) != 1:
            raise CheckFailed(
                f"La fiche « {entry.id} » n'est pas rattachée une fois au lot",
                expected=f"une association HasMember de « {submission.set.id} » vers « {entry.id} »",
                received=f"{targets.count(entry.id)} association(s) ; cibles : {', '.join(targets) or 'aucune'}",
                at=f"{submission.at}/rim:Association",
                hint="sourceObject est l'id du RegistryPackage, targetObject celui de l'ExtrinsicObject.",
            )
    if not submission.entries:
        raise Inconclusive("le dépôt ne contient aucune fiche")
    return Evidence(at=f"{submission.at}/rim:Association", fired=len(submission.entries))


@check("xds.submission.member-status", covers=("DMP-ALIM-18",), source=_SAMPLE, confidence="vu")
def members_are_original(submission: Submission) -> Evidence:
    """Chaque association HasMember porte SubmissionSetStatus = Original."""
    members = submission.associated(v.HAS_MEMBER)
    if not members:
        raise Inconclusive("aucune association HasMember")
    for association in members:
        values = association.slots.get("SubmissionSetStatus", ())
        if values != ("Original",):
            raise CheckFailed(
                "Statut d'appartenance au lot absent ou inattendu",
                expected="SubmissionSetStatus = Original",
                received=", ".join(values) or "slot absent",
                at=f"{association.at}/rim:Slot[@name='SubmissionSetStatus']",
                hint="Le document est déposé par ce lot : Original (Reference désigne un document déjà déposé).",
            )
    return Evidence(at=f"{submission.at}/rim:Association", fired=len(members))


@check("xds.submission.same-patient", covers=("DMP-ALIM-18",), source="XDSPatientIdDoesNotMatch (IHE)", confidence="vu")
def all_objects_are_of_one_patient(submission: Submission) -> Evidence:
    """Le lot et toutes ses fiches désignent le même patient."""
    expected = submission.set.patient.identity
    for entry in submission.entries:
        if entry.patient.identity != expected:
            raise CheckFailed(
                f"La fiche « {entry.id} » désigne un autre patient que le lot",
                expected=f"{expected[0]} sous {expected[1] or 'aucun OID'}",
                received=f"{entry.patient.id} sous {entry.patient.authority.oid or 'aucun OID'}",
                at=entry.identifier_xpath(v.ENTRY_PATIENT),
                hint="Un dépôt concerne un seul usager : même INS et même OID partout.",
            )
    return Evidence(at=submission.set.identifier_xpath(v.SET_PATIENT), fired=len(submission.entries) or 1)


@check("xds.submission.references-parents", covers=("DMP-ALIM-18",), source="ebRIM 3.0 §2 ; " + _SAMPLE, confidence="infere")
def classifications_reference_their_object(submission: Submission) -> Evidence:
    """Chaque classification et chaque identifiant externe désigne l'objet qui le contient."""
    fired = 0
    for item in (submission.set, *submission.entries):
        for parent in item.parents:
            fired += 1
            if parent != item.id:
                raise CheckFailed(
                    f"Classification ou identifiant de « {item.id} » rattaché à un autre objet",
                    expected=f'classifiedObject ou registryObject = "{item.id}"',
                    received=parent or "attribut absent",
                    at=item.at,
                    hint="Reprendre l'id du RegistryPackage ou de l'ExtrinsicObject qui contient l'élément.",
                )
    return Evidence(at=submission.at, fired=fired)


def _oid(submission: Submission, scheme: str, name: str, hint: str) -> Evidence:
    at = submission.set.identifier_xpath(scheme)
    values = submission.set.identifiers.get(scheme, ())
    if len(values) != 1 or not is_oid(values[0]):
        raise CheckFailed(
            f"{name} du lot absent, répété ou mal formé",
            expected="un OID",
            received=", ".join(values) or "absent",
            at=at,
            hint=hint,
        )
    return Evidence(at=at)
