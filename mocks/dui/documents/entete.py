"""The header that every CDA document shares (structuration minimale): who, for whom, where, when, and what it documents."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from ..alterations import Alterations
from ..comptes import Role, Utilisateur
from ..configuration import StructureLocale
from ..dossier import Dossier
from ..horloge import local_compact
from ..xml import Espace

OID_DUI = "1.2.250.1.999.1.1.8121"
"""The root under which this software names its own objects (fictional)."""
OID_IPP = f"{OID_DUI}.1"
LOINC = "2.16.840.1.113883.6.1"
RPPS = "1.2.250.1.71.4.2.1"
FINESS = "1.2.250.1.71.4.2.2"
_SECTEURS = {
    "SA16": "Etablissement pour personnes handicapées",
    "SA17": "Etablissement pour personnes âgées",
    "SA18": "Etablissement d'aide à la famille",
    "SA20": "Etablissement de protection de l'enfance",
    "SA21": "Etablissement d'hébergement et de réadaptation",
    "SA41": "Autre établissement du domaine social ou médico-social",
}
_SEXES = {"F": "Féminin", "M": "Masculin"}

hl7 = Espace("urn:hl7-org:v3")


def nouvel_oid() -> str:
    """A world-wide unique OID, derived from a UUID."""
    return f"2.25.{uuid.uuid4().int}"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value, with the label of its code system."""

    code: str
    systeme: str
    libelle: str

    def attributs(self) -> dict[str, str]:
        """As attributes of a coded element."""
        return {"code": self.code, "codeSystem": self.systeme, "displayName": self.libelle}


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone who takes part beside the author and the performer: his function, and how he takes part (J144)."""

    type: str
    fonction: Code
    personne: Utilisateur
    classe: str = "PROV"


ESSMS = Code("ESSMS", "1.2.250.1.213.1.1.4.9", "Etablissement ou service social ou médico-social")


@dataclass(frozen=True, slots=True)
class Modele:
    """A kind of document: its code, its title and the templates that it claims (root, version).

    ``acte`` codes the main act (the code of the document when None), ``cadre`` is the setting of its performer,
    ``sejour`` codes the encounter, and the participants are those that this kind wants named.
    """

    code: Code
    titre: str
    templates: Sequence[tuple[str, str]]
    acte: Code | None = None
    cadre: Code = ESSMS
    sejour: Code | None = None
    participants: Sequence[Participant] = ()


@dataclass(frozen=True, slots=True)
class Entete:
    """What the header says. ``uid`` names this version of the document, ``set_id`` all its versions.

    ``acte_le`` is when the documented act took place, ``sejour_depuis`` when the stay began. ``alterations`` are those of
    the DUI that writes, for what is handed over while the body is written (its paper form). ``remplace`` is the ``uid`` of
    the version that this one replaces.
    """

    modele: Modele
    dossier: Dossier
    auteur: Utilisateur
    structure: StructureLocale
    ecrit_le: datetime
    acte_le: datetime
    sejour_depuis: datetime
    uid: str
    set_id: str
    version: int = 1
    confidentialite: Code = Code("N", "2.16.840.1.113883.5.25", "Normal")
    alterations: Alterations = field(default_factory=Alterations)
    remplace: str = ""

    def identifiant(self, nom: str) -> str:
        """The OID of an object of this document: the same each time that it is asked by the same name."""
        return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{self.uid}/{nom}').int}"

    def document(self, corps: etree._Element) -> etree._Element:
        """The whole ClinicalDocument around its body. The order of the elements is that of the schema."""
        code = self.modele.code
        return hl7(
            "ClinicalDocument",
            {"classCode": "DOCCLIN", "moodCode": "EVN"},
            hl7("realmCode", {"code": "FR"}),
            hl7("typeId", {"root": "2.16.840.1.113883.1.3", "extension": "POCD_HD000040"}),
            *self._templates(),
            hl7("id", {"root": self.uid}),
            hl7("code", code.attributs()),
            hl7("title", None, self.modele.titre),
            hl7("effectiveTime", {"value": local_compact(self.ecrit_le)}),
            hl7("confidentialityCode", self.confidentialite.attributs()),
            hl7("languageCode", {"code": "fr-FR"}),
            hl7("setId", {"root": self.set_id}),
            hl7("versionNumber", {"value": str(self.version)}),
            self._usager(),
            self._auteur(),
            self._conservateur(),
            self._responsable(),
            *(self._participant(participant) for participant in self.modele.participants),
            self._acte(),
            self._remplacement() if self.remplace else None,
            self._sejour(),
            hl7("component", None, corps),
        )

    def _templates(self) -> list[etree._Element]:
        communs = (("2.16.840.1.113883.2.8.2.1", ""), ("1.2.250.1.213.1.1.1.1", ""))
        return [
            hl7("templateId", {"root": racine} | ({"extension": version} if version else {}))
            for racine, version in (*communs, *self.modele.templates)
        ]

    def _usager(self) -> etree._Element:
        """The INS only when it may be diffused: a document of another identity carries its traits alone."""
        identite, traits = self.dossier.identite, self.dossier.identite.traits
        ins = identite.ins if identite.diffusable else None
        nom = hl7(
            "name",
            None,
            hl7("family", {"qualifier": "BR"}, traits.nom_naissance),
            hl7("family", {"qualifier": "CL"}, self.dossier.nom_utilise) if self.dossier.nom_utilise else None,
            hl7("given", None, " ".join(traits.prenoms)),
            hl7("given", {"qualifier": "BR"}, traits.prenoms[0]),
            hl7("given", {"qualifier": "CL"}, self.dossier.prenom_utilise) if self.dossier.prenom_utilise else None,
        )
        lieu = hl7("place", None, hl7("addr", None, hl7("county", None, traits.lieu_naissance)))
        sexe = Code(traits.sexe, "2.16.840.1.113883.5.1", _SEXES.get(traits.sexe, "Inconnu"))
        personne = hl7(
            "patient",
            None,
            nom,
            hl7("administrativeGenderCode", sexe.attributs()),
            hl7("birthTime", {"value": traits.date_naissance.replace("-", "")}),
            hl7("birthplace", None, lieu),
        )
        role = hl7(
            "patientRole",
            None,
            hl7("id", {"root": ins.oid, "extension": ins.complet}) if ins else None,
            hl7("id", {"root": OID_IPP, "extension": self.dossier.ipp}),
            hl7("addr", {"nullFlavor": "NASK"}),
            hl7("telecom", {"nullFlavor": "NASK"}),
            personne,
        )
        return hl7("recordTarget", None, role)

    def _auteur(self) -> etree._Element:
        return hl7(
            "author",
            None,
            hl7("time", {"value": local_compact(self.ecrit_le)}),
            hl7("assignedAuthor", None, *professionnel(self.auteur), self._organisation()),
        )

    def _conservateur(self) -> etree._Element:
        organisation = hl7(
            "representedCustodianOrganization",
            None,
            hl7("id", {"root": FINESS, "extension": self.structure.struct_id_nat}),
            hl7("name", None, self.structure.nom),
        )
        return hl7("custodian", None, hl7("assignedCustodian", None, organisation))

    def _responsable(self) -> etree._Element:
        return hl7(
            "legalAuthenticator",
            None,
            hl7("time", {"value": local_compact(self.ecrit_le)}),
            hl7("signatureCode", {"code": "S"}),
            hl7("assignedEntity", None, *professionnel(self.auteur), self._organisation()),
        )

    def _participant(self, participant: Participant) -> etree._Element:
        identifiant, profession, adresse, telecom, personne = professionnel(participant.personne)
        associe = hl7(
            "associatedEntity",
            {"classCode": participant.classe},
            identifiant,
            profession,
            adresse,
            telecom,
        )
        personne.tag = hl7.nom("associatedPerson")
        associe.append(personne)
        return hl7(
            "participant",
            {"typeCode": participant.type},
            hl7("functionCode", participant.fonction.attributs()),
            hl7("time", None, hl7("low", {"value": local_compact(self.sejour_depuis)})),
            associe,
        )

    def _acte(self) -> etree._Element:
        """The main act: when, by whom, and the setting of its performer."""
        organisation = self._organisation()
        organisation.append(hl7("standardIndustryClassCode", self.modele.cadre.attributs()))
        executant = hl7("assignedEntity", None, *professionnel(self.auteur), organisation)
        acte = hl7(
            "serviceEvent",
            None,
            hl7("code", (self.modele.acte or self.modele.code).attributs()),
            _intervalle(self.acte_le, self.ecrit_le),
            hl7("performer", {"typeCode": "PRF"}, executant),
        )
        return hl7("documentationOf", None, acte)

    def _remplacement(self) -> etree._Element:
        """The version before this one."""
        ancien = hl7(
            "parentDocument",
            None,
            hl7("id", {"root": self.remplace}),
            hl7("versionNumber", {"value": str(self.version - 1)}) if self.version > 1 else None,
        )
        return hl7("relatedDocument", {"typeCode": "RPLC"}, ancien)

    def _sejour(self) -> etree._Element:
        secteur = self.structure.secteur_activite
        lieu = Code(
            secteur, "1.2.250.1.71.4.2.4", _SECTEURS.get(secteur, "Autre établissement du domaine social ou médico-social")
        )
        sejour = hl7(
            "encompassingEncounter",
            None,
            hl7("code", self.modele.sejour.attributs()) if self.modele.sejour else None,
            _intervalle(self.sejour_depuis, None),
            hl7("location", None, hl7("healthCareFacility", None, hl7("code", lieu.attributs()))),
        )
        return hl7("componentOf", None, sejour)

    def _organisation(self) -> etree._Element:
        return organisation(self.structure)


def organisation(structure: StructureLocale) -> etree._Element:
    """The legal entity, as the organization that a professional works for."""
    return hl7(
        "representedOrganization",
        None,
        hl7("id", {"root": FINESS, "extension": structure.struct_id_nat}),
        hl7("name", None, structure.nom),
    )


def professionnel(utilisateur: Utilisateur) -> tuple[etree._Element, ...]:
    """Identifier, specialty and name: the children that an author, a performer and an authenticator have in common."""
    specialite: Role = utilisateur.specialite
    nom = hl7(
        "name",
        None,
        hl7("family", None, utilisateur.nom),
        hl7("given", None, utilisateur.prenom),
        hl7("prefix", None, utilisateur.civilite) if utilisateur.civilite in ("M", "MME") else None,
        hl7("suffix", None, "DR") if utilisateur.civilite == "DR" else None,
    )
    return (
        hl7("id", {"root": RPPS, "extension": utilisateur.id_nat}),
        hl7("code", Code(specialite.code, specialite.systeme, specialite.libelle).attributs()),
        hl7("addr", {"nullFlavor": "NASK"}),
        hl7("telecom", {"nullFlavor": "NASK"}),
        hl7("assignedPerson", None, nom),
    )


def _intervalle(debut: datetime, fin: datetime | None) -> etree._Element:
    """A period; its end is left out when unknown, or equal to its start, which the data type forbids."""
    bornes = [hl7("low", {"value": local_compact(debut)})]
    if fin is not None and local_compact(fin) != local_compact(debut):
        bornes.append(hl7("high", {"value": local_compact(fin)}))
    return hl7("effectiveTime", None, *bornes)
