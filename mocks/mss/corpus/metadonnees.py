"""METADATA.XML of an IHE_XDM archive, from the headers of the documents that it describes (IHE ITI TF-3 §4.2, CI-SIS)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from ....validation.xds import vocabulary as v
from ....validation.xds.cda_header import Concept, Header, Party
from ....validation.xds.codes import associations
from ....validation.xds.datatypes import PS_AUTHORITY, STRUCTURE_AUTHORITY, utc_candidates

_SOURCE = "1.2.250.1.213.1.99.1"
_ACTIVITE = Concept("60", "1.2.250.1.213.2.2", "Consultations et actes")


@dataclass(frozen=True, slots=True)
class Fiche:
    """One document: its file in the subset, its bytes, its header; ``remplace`` is the uniqueId of the version before."""

    fichier: str
    octets: bytes
    entete: Header
    remplace: str = ""

    @property
    def unique_id(self) -> str:
        """``root`` and, where there is one, ``^extension``."""
        return "^".join(filter(None, (self.entete.id.root, self.entete.id.extension)))

    @property
    def patient(self) -> str:
        """The CX of its patient: the INS, else the identifier of the source."""
        ins = self.entete.ins
        return f"{ins.extension}^^^&{ins.root}&ISO^NH" if ins else _local(self.entete)


def metadata(fiches: Sequence[Fiche], *, lot: str, soumis_le: str) -> bytes:
    """The whole file. ``lot`` is the uniqueId of the submission, ``soumis_le`` its UTC time."""
    entries = "".join(_entree(f"Document{rang:02d}", fiche) for rang, fiche in enumerate(fiches, 1))
    links = "".join(
        _association(
            f"as{rang:02d}", v.HAS_MEMBER, "SubmissionSet01", f"Document{rang:02d}", {"SubmissionSetStatus": ("Original",)}
        )
        for rang in range(1, len(fiches) + 1)
    )
    links += "".join(
        _association(f"rplc{rang:02d}", v.RPLC, f"Document{rang:02d}", fiche.remplace, {})
        for rang, fiche in enumerate(fiches, 1)
        if fiche.remplace
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<lcm:SubmitObjectsRequest xmlns:lcm="{v.LCM}" xmlns:rim="{v.RIM}"><rim:RegistryObjectList>'
        f"{entries}{_lot(fiches[0], lot, soumis_le)}{links}"
        "</rim:RegistryObjectList></lcm:SubmitObjectsRequest>\n"
    )
    return text.encode()


def _entree(objet: str, fiche: Fiche) -> str:
    h = fiche.entete
    slots: dict[str, tuple[str, ...]] = {
        "creationTime": utc_candidates(h.effective_time)[:1],
        "hash": (hashlib.sha1(fiche.octets, usedforsecurity=False).hexdigest(),),
        "languageCode": (h.language,),
        "legalAuthenticator": (_xcn(h.legal_authenticator),) if h.legal_authenticator else (),
        "serviceStartTime": utc_candidates(h.service_start)[:1],
        "serviceStopTime": utc_candidates(h.service_stop)[:1],
        "size": (str(len(fiche.octets)),),
        "sourcePatientId": (_local(h),),
        "sourcePatientInfo": (
            f"PID-5|{h.birth_name}^{h.givens[0] if h.givens else ''}^^^^^L",
            f"PID-7|{h.birth_time[:8]}",
            f"PID-8|{h.gender}",
        ),
        "URI": (fiche.fichier,),
        v.REFERENCE_IDS: tuple(f"{i.extension or i.root}^^^&{i.root}&ISO^urn:ihe:iti:xds:2013:order" for i in h.orders),
    }
    codes = [
        (v.CLASS_CODE, _classe(h)),
        (v.TYPE_CODE, h.code),
        (v.FORMAT_CODE, _format(h)),
        (v.CONFIDENTIALITY, Concept(h.confidentiality, "2.16.840.1.113883.5.25", "Normal")),
        (v.FACILITY, h.facility),
        (v.PRACTICE_SETTING, h.practice_setting),
        *((v.EVENT_CODE, c) for c in h.event_codes),
    ]
    return (
        f'<rim:ExtrinsicObject id="{objet}" objectType="{v.STABLE_DOCUMENT}" mimeType="text/xml" '
        'status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">'
        f"{_slots(slots)}{_nom(h.title)}"
        f"{''.join(_auteur(objet, v.ENTRY_AUTHOR, a, rang) for rang, a in enumerate(h.authors, 1))}"
        f"{''.join(_code(objet, schema, code, rang) for rang, (schema, code) in enumerate(codes, 1))}"
        f"{_identifiant(objet, v.ENTRY_PATIENT, 'XDSDocumentEntry.patientId', fiche.patient)}"
        f"{_identifiant(objet, v.ENTRY_UNIQUE_ID, 'XDSDocumentEntry.uniqueId', fiche.unique_id)}"
        "</rim:ExtrinsicObject>"
    )


def _lot(fiche: Fiche, lot: str, soumis_le: str) -> str:
    objet, h = "SubmissionSet01", fiche.entete
    return (
        f'<rim:RegistryPackage id="{objet}">{_slots({"submissionTime": (soumis_le,)})}{_nom(h.title)}'
        f"{''.join(_auteur(objet, v.SET_AUTHOR, a, rang) for rang, a in enumerate(h.authors[:1], 1))}"
        f"{_code(objet, v.CONTENT_TYPE, _ACTIVITE, 9)}"
        f"{_identifiant(objet, v.SET_PATIENT, 'XDSSubmissionSet.patientId', fiche.patient)}"
        f"{_identifiant(objet, v.SET_SOURCE, 'XDSSubmissionSet.sourceId', _SOURCE)}"
        f"{_identifiant(objet, v.SET_UNIQUE_ID, 'XDSSubmissionSet.uniqueId', lot)}"
        "</rim:RegistryPackage>"
        f'<rim:Classification id="noeud" classifiedObject="{objet}" classificationNode="{v.SUBMISSION_SET_NODE}"/>'
    )


def _auteur(objet: str, schema: str, auteur: Party, rang: int) -> str:
    slots = {
        "authorPerson": (_xcn(auteur),),
        "authorInstitution": (_xon(auteur),) if auteur.organisation_name else (),
        "authorRole": (auteur.function,) if auteur.function else (),
        "authorSpecialty": (f"{auteur.code.code}^{_echappe(auteur.code.label)}^{auteur.code.system}",)
        if auteur.code.code
        else (),
    }
    return (
        f'<rim:Classification id="{objet}-auteur{rang}" classificationScheme="{schema}" classifiedObject="{objet}" '
        f'nodeRepresentation="">{_slots(slots)}</rim:Classification>'
    )


def _code(objet: str, schema: str, code: Concept, rang: int) -> str:
    return (
        f'<rim:Classification id="{objet}-code{rang}" classificationScheme="{schema}" classifiedObject="{objet}" '
        f"nodeRepresentation={quoteattr(code.code)}>{_slots({'codingScheme': (code.system,)})}{_nom(code.label)}"
        "</rim:Classification>"
    )


def _identifiant(objet: str, schema: str, nom: str, valeur: str) -> str:
    return (
        f'<rim:ExternalIdentifier id="{objet}-{nom.rpartition(".")[2]}" registryObject="{objet}" identificationScheme="{schema}" '
        f"value={quoteattr(valeur)}>{_nom(nom)}</rim:ExternalIdentifier>"
    )


def _association(id: str, type: str, source: str, cible: str, slots: Mapping[str, Iterable[str]]) -> str:
    return (
        f'<rim:Association id="{id}" associationType="{type}" sourceObject="{source}" targetObject={quoteattr(cible)}>'
        f"{_slots(slots)}</rim:Association>"
    )


def _slots(slots: Mapping[str, Iterable[str]]) -> str:
    rows = []
    for nom, valeurs in slots.items():
        texts = "".join(f"<rim:Value>{_texte(valeur)}</rim:Value>" for valeur in valeurs)
        rows.append(f'<rim:Slot name="{nom}"><rim:ValueList>{texts}</rim:ValueList></rim:Slot>' if texts else "")
    return "".join(rows)


def _nom(texte: str) -> str:
    return f'<rim:Name><rim:LocalizedString charset="UTF8" xml:lang="FR" value={quoteattr(texte)}/></rim:Name>'


def _texte(valeur: str) -> str:
    return valeur.replace("&", "&amp;").replace("<", "&lt;")


def _echappe(texte: str) -> str:
    """HL7 v2 delimiters escaped."""
    for char, code in (("\\", "\\E\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\"), ("|", "\\F\\")):
        texte = texte.replace(char, code)
    return texte


def _xcn(party: Party) -> str:
    if party.device:
        name, first = _echappe(party.device[-1]), _echappe(party.device[0])
        return f"{party.id.extension or party.id.root}^{name}^{first}^^^^^^&{party.id.root}&ISO^U^^^RI"
    return f"{party.id.extension}^{_echappe(party.family)}^{_echappe(party.given)}^^^^^^&{PS_AUTHORITY}&ISO^D^^^IDNPS"


def _xon(party: Party) -> str:
    return f"{_echappe(party.organisation_name)}^^^^^&{STRUCTURE_AUTHORITY}&ISO^IDNST^^^{party.organisation_id.extension}"


def _local(h: Header) -> str:
    for identifiant in h.local_ids:
        return f"{identifiant.extension}^^^&{identifiant.root}&ISO^PI"
    ins = h.ins
    return f"{ins.extension}^^^&{ins.root}&ISO^NH" if ins else ""


def _classe(h: Header) -> Concept:
    row = associations("classe-du-type").get(h.code.code)
    return Concept(row.value if row else "11", "1.2.250.1.213.1.1.4.1", "Classe du document")


def _format(h: Header) -> Concept:
    known = associations("format-du-modele")
    found = next((known[t].value for t in h.templates if t in known), "")
    if not found:
        level_1 = associations("format-niveau-1")
        found = level_1[h.body_media_type].value if h.body_media_type in level_1 else "urn:asipSante:modelesHorsProfils:2011"
    system = "1.3.6.1.4.1.19376.1.2.3" if found.startswith("urn:ihe:iti:") else "1.2.250.1.213.1.1.4.2.282"
    return Concept(found, system, "Format du document")
