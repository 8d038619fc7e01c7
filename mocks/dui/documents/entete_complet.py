"""What a header may say beyond the minimum: relatives, recipients, second signature, prescription, consent, stay.

The people are fictional; the persons of trust and the doctors are the same in every document.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from ..comptes import Utilisateur
from ..configuration import StructureLocale
from ..horloge import local_compact
from .correspondants import MEDECIN_TRAITANT
from .dossier_medical import CISIS
from .entete import ESSMS, FINESS, OID_DUI, Code, Entete, hl7, organisation, professionnel

_FONCTION = "2.16.840.1.113883.5.88"
OID_DEMANDES = f"{OID_DUI}.2"
"""The root of the numbers of requests of this software."""
_LIEN = "2.16.840.1.113883.5.111"
_ADRESSE = (("houseNumber", "12"), ("streetName", "Rue des Essais"), ("postalCode", "99130"), ("city", "VALMONT-SUR-TEST"))


@dataclass(frozen=True, slots=True)
class Sejour:
    """The encounter as the header codes it; ``sortie`` says how it ended."""

    nature: Code
    sortie: Code | None = None


URGENCES = Sejour(Code("EMER", "2.16.840.1.113883.5.4", "Passage aux urgences (établissement)"))
HOSPITALISATION = Sejour(Code("IMP", "2.16.840.1.113883.5.4", "Hospitalisation (établissement, y compris HAD)"))
RETOUR_AU_DOMICILE = Sejour(HOSPITALISATION.nature, Code("8", "1.2.250.1.213.2.14", "Domicile"))


def completer(racine: etree._Element, entete: Entete, sejour: Sejour) -> etree._Element:
    """Add to a header all that it may say; each part goes where the schema wants it."""
    _usager(_un(racine, "recordTarget/h:patientRole"))
    auteur = _un(racine, "author")
    auteur.insert(
        0,
        hl7(
            "functionCode", Code("ATTPHYS", _FONCTION, "Référent - Responsable du patient dans la structure de soins").attributs()
        ),
    )
    _un(auteur, "assignedAuthor/h:representedOrganization").append(hl7("standardIndustryClassCode", ESSMS.attributs()))
    conservateur, responsable = _un(racine, "custodian"), _un(racine, "legalAuthenticator")
    _un(responsable, "assignedEntity/h:representedOrganization").append(hl7("standardIndustryClassCode", ESSMS.attributs()))
    acte, cadre = _un(racine, "documentationOf"), _un(racine, "componentOf")
    for voisin, ajouts in (
        (conservateur, (_saisie(entete), _proche(), _confrere())),
        (responsable, (_destinataire(),)),
        (cadre, (_consentement(),)),
    ):
        for ajout in ajouts:
            voisin.addprevious(ajout)
    responsable.addnext(_valideur(entete))
    acte.addprevious(_demande(entete))
    _sejour(_un(cadre, "encompassingEncounter"), entete, sejour)
    return racine


def _un(racine: etree._Element, chemin: str) -> etree._Element:
    (trouve,) = racine.iterfind(f"h:{chemin}", namespaces={"h": hl7.uri})
    return trouve


def _adresse(usage: str = "") -> etree._Element:
    return hl7("addr", {"use": usage} if usage else None, *(hl7(partie, None, valeur) for partie, valeur in _ADRESSE))


def _telecom(numero: str, usage: str) -> etree._Element:
    return hl7("telecom", {"value": f"tel:{numero}", "use": usage})


def _usager(role: etree._Element) -> None:
    """Where he lives, and who represents him."""
    ancienne, ancien = _un(role, "addr"), _un(role, "telecom")
    role.replace(ancienne, _adresse("H"))
    role.replace(ancien, _telecom("+33199000001", "H"))
    nom = hl7("name", None, hl7("prefix", None, "MME"), hl7("family", None, "TESTEUR-TUTRICE"), hl7("given", None, "Odile"))
    tutrice = hl7("guardian", None, _adresse("H"), _telecom("+33199000002", "H"), hl7("guardianPerson", None, nom))
    _un(role, "patient/h:birthplace").addprevious(tutrice)


def _saisie(entete: Entete) -> etree._Element:
    quand = hl7("time", {"value": local_compact(entete.ecrit_le)})
    return hl7(
        "dataEnterer", None, quand, hl7("assignedEntity", None, *professionnel(entete.auteur), organisation(entete.structure))
    )


def _proche() -> etree._Element:
    nom = hl7("name", None, hl7("family", None, "TESTEUR-PROCHE"), hl7("given", None, "Lucie"))
    proche = hl7(
        "relatedEntity",
        {"classCode": "NOK"},
        hl7("code", Code("DAU", _LIEN, "Fille").attributs()),
        _adresse("H"),
        _telecom("+33199000003", "MC"),
        hl7("relatedPerson", None, nom),
    )
    return hl7("informant", None, proche)


def _confrere() -> etree._Element:
    cabinet = _cabinet(Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"))
    return hl7("informant", None, hl7("assignedEntity", None, *professionnel(MEDECIN_TRAITANT), cabinet))


def _cabinet(cadre: Code | None) -> etree._Element:
    return hl7(
        "representedOrganization",
        None,
        hl7("id", {"root": FINESS, "extension": "1990000093"}),
        hl7("name", None, "Cabinet fictif des Essais"),
        hl7("telecom", {"value": "tel:+33199000004", "use": "WP"}),
        _adresse("WP"),
        hl7("standardIndustryClassCode", cadre.attributs()) if cadre else None,
    )


def _destinataire() -> etree._Element:
    identifiant, _, _, _, personne = professionnel(MEDECIN_TRAITANT)
    personne.tag = hl7.nom("informationRecipient")
    cabinet = _cabinet(None)
    cabinet.tag = hl7.nom("receivedOrganization")
    messagerie = hl7("telecom", {"value": "mailto:helene.testeur-traitant@test.mssante.fr", "use": "WP"})
    cible = hl7("intendedRecipient", None, identifiant, _adresse("WP"), messagerie, personne, cabinet)
    return hl7("informationRecipient", None, cible)


def _valideur(entete: Entete) -> etree._Element:
    structure = organisation(entete.structure)
    structure.append(hl7("standardIndustryClassCode", ESSMS.attributs()))
    return hl7(
        "authenticator",
        None,
        hl7("time", {"value": local_compact(entete.ecrit_le)}),
        hl7("signatureCode", {"code": "S"}),
        hl7("assignedEntity", None, *professionnel(entete.auteur), structure),
    )


def _demande(entete: Entete) -> etree._Element:
    numero = f"DEM-{entete.identifiant('demande')[-8:]}"
    ordre = hl7("order", None, hl7("id", {"root": OID_DEMANDES, "extension": numero}))
    return hl7("inFulfillmentOf", None, ordre)


def _consentement() -> etree._Element:
    libelle = "Le patient (ou son représentant légal) a donné son consentement"
    consentement = hl7(
        "consent",
        {"classCode": "CONS", "moodCode": "EVN"},
        hl7("code", Code("GEN-366", CISIS, libelle).attributs()),
        hl7("statusCode", {"code": "completed"}),
    )
    return hl7("authorization", {"typeCode": "AUTH"}, consentement)


def _sejour(rencontre: etree._Element, entete: Entete, sejour: Sejour) -> None:
    """The encounter: its number, its nature, how it ended, who answers for it, where."""
    periode, lieu = _un(rencontre, "effectiveTime"), _un(rencontre, "location")
    periode.addprevious(hl7("id", {"root": entete.identifiant("sejour")}))
    periode.addprevious(hl7("code", sejour.nature.attributs()))
    if sejour.sortie:
        lieu.addprevious(hl7("dischargeDispositionCode", sejour.sortie.attributs()))
    lieu.addprevious(hl7("responsibleParty", None, _entite(entete.auteur, entete.structure)))
    suivi = hl7(
        "encounterParticipant", {"typeCode": "CON"}, hl7("time", None, hl7("low", {"value": local_compact(entete.acte_le)}))
    )
    suivi.append(hl7("assignedEntity", None, *professionnel(MEDECIN_TRAITANT)))
    lieu.addprevious(suivi)
    _un(lieu, "healthCareFacility").append(hl7("location", None, hl7("name", None, entete.structure.nom), _adresse()))


def _entite(personne: Utilisateur, structure: StructureLocale) -> etree._Element:
    return hl7("assignedEntity", None, *professionnel(personne), organisation(structure))
