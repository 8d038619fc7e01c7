"""The export of a DUI (TDDUI): stays, events, evaluations and papers of a usager of a nursing service at home.

Its author is the software. It keeps the rules of the implementation guide where the sample that goes with it does not.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ....fixtures.structures import structures
from ..configuration import StructureLocale
from ..horloge import local_compact
from .actes import piece_jointe
from .dossier_medical import CISIS
from .entete import FINESS, LOINC, OID_IPP, RPPS, Code, Entete, Modele, hl7, organisation, professionnel
from .evaluations_ssiad import Evaluations
from .niveau_1 import TYPES_LOCAUX
from .observations import EVN, FR_OBSERVATION, OBSERVATION, instant, observation
from .pdf import blocs_du_recit, imprimer
from .recit import Tableau, paragraphe
from .redaction import Redaction, heure_francaise, jour_compact, jour_francais, modeles, termine, texte, type_
from .sections import DOCUMENTS_JOINTS, STATUT_FONCTIONNEL, Rubrique, section
from .type_document import SYNTHESE, TypeDocument, format_ans

SDTC = "urn:hl7-org:sdtc"
LOGICIEL = Code("LOGICIEL_DUI", "1.2.250.1.213.1.1.4.6", "Logiciel de Dossier Usager Informatisé")
SSIAD = Code("354", "1.2.250.1.213.1.6.1.8", "Service de Soins Infirmiers A Domicile (S.S.I.A.D)")
AUTRE_MEDICO_SOCIAL = Code("SA41", "1.2.250.1.71.4.2.4", "Autre établissement du domaine social ou médico-social")
SEJOURS = Rubrique(Code("GEN-362", CISIS, "Historique des séjours"), ("1.2.250.1.213.1.1.2.249",), "Séjours")
EVENEMENTS = Rubrique(Code("89793-4", LOINC, "Evènements"), ("1.2.250.1.213.1.1.2.248",), "Événements")
AGENDA = Code("GEN-367", CISIS, "Agenda de l'usager")
COORDONNATEUR = Code("330", "1.2.250.1.213.1.6.1.107", "Coordonnateur de parcours")


def export(entete: Entete) -> etree._Element:
    """The document, about a usager of the nursing service of the same organisation."""
    service = structures()["ssiad"]
    structure = StructureLocale(service.finess_ej, service.finess_eg, service.nom, service.secteur_activite)
    entete = replace(entete, structure=structure)
    redaction = Redaction(entete)
    usager = f"3{structure.finess_eg}/{entete.dossier.ipp}"
    evaluations = Evaluations(redaction, usager)
    fonctionnel = section(redaction, STATUT_FONCTIONNEL, evaluations.recit, evaluations.entrees)
    sections = [_sejours(redaction, usager), _evenements(redaction, usager, evaluations), fonctionnel]
    document = redaction.corps([*sections, _grille(redaction, fonctionnel)])
    _entete_de_logiciel(document, entete, usager)
    return document


def _sejours(redaction: Redaction, usager: str) -> etree._Element:
    entete = redaction.entete
    entree_le, sortie_le = entete.sejour_depuis, entete.acte_le
    tableau = Tableau(redaction, "sejour", "Structure", "Entrée", "Sortie")
    _, entree, sortie = tableau.ligne(entete.structure.nom, jour_francais(entree_le), jour_francais(sortie_le))
    structure = hl7(
        "scopingEntity",
        {"classCode": "ENT", "determinerCode": "INSTANCE"},
        hl7("id", {"root": FINESS, "extension": entete.structure.struct_id_nat}),
        hl7("desc", None, entete.structure.nom),
    )
    admission = hl7(
        "encounter",
        {"classCode": "ENC", "moodCode": "EVN"},
        *modeles("2.16.840.1.113883.10.20.1.21", "1.2.250.1.213.1.1.3.218"),
        _numero(redaction, f"{usager}-SEJOUR-1"),
        hl7("code", Code("GEN-351", CISIS, "Établissement ou service social ou médico-social (ESSMS)").attributs()),
        hl7("effectiveTime", {"value": jour_compact(entree_le)}),
        hl7("participant", {"typeCode": "RESP"}, hl7("participantRole", None, structure)),
    )
    modalites = (
        ("ORG-070", "Modalité d'entrée", "1.2.250.1.213.1.1.3.48.6", entree, jour_compact(entree_le)),
        ("ORG-074", "Modalité de sortie", "1.2.250.1.213.1.1.3.48.7", sortie, jour_compact(sortie_le)),
    )
    sejour = hl7(
        "organizer",
        {"classCode": "CLUSTER", "moodCode": "EVN"},
        *modeles("1.2.250.1.213.1.1.3.219"),
        redaction.id(),
        hl7("code", SEJOURS.code.attributs()),
        termine(),
        hl7("effectiveTime", {"nullFlavor": "NA"}),
        hl7("component", {"typeCode": "COMP"}, admission),
        *(hl7("component", {"typeCode": "COMP"}, _modalite(redaction, *modalite)) for modalite in modalites),
    )
    return section(redaction, SEJOURS, [tableau.element], [sejour])


def _modalite(redaction: Redaction, code: str, libelle: str, modele: str, ancre: str, jour: str) -> etree._Element:
    return hl7(
        "observation",
        EVN,
        *modeles(OBSERVATION, FR_OBSERVATION, modele),
        redaction.id(),
        hl7("code", Code(code, CISIS, libelle).attributs()),
        texte(ancre),
        termine(),
        hl7("effectiveTime", {"value": jour}),
        type_(hl7("value", {"nullFlavor": "NA"}), "CE"),
    )


def _evenements(redaction: Redaction, usager: str, evaluations: Evaluations) -> etree._Element:
    entete = redaction.entete
    tableau = Tableau(redaction, "evenement", "Date", "Intervention", "Intervenant", "Statut", "Mis à jour le")
    _, nom, _, statut, mis_a_jour = tableau.ligne(
        f"du {heure_francaise(entete.acte_le)} au {heure_francaise(entete.ecrit_le)}",
        "Visite à domicile pour un pansement",
        f"{entete.auteur.prenom} {entete.auteur.nom}",
        "Réalisé",
        heure_francaise(entete.ecrit_le),
    )
    nature = hl7("qualifier", None)
    nature.append(hl7("name", Code("GEN-364", CISIS, "Type d'évènement SSIAD").attributs()))
    nature.append(hl7("value", Code("MED-1298", CISIS, "Intervention d'un infirmer salarié").attributs()))
    mise_a_jour = observation(
        redaction,
        Code("106177-9", LOINC, "Date de dernière mise à jour"),
        mis_a_jour,
        instant(local_compact(entete.ecrit_le)),
    )
    periode = hl7(
        "effectiveTime",
        None,
        hl7("low", {"value": local_compact(entete.acte_le)}),
        hl7("high", {"value": local_compact(entete.ecrit_le)}),
    )
    evenement = hl7(
        "encounter",
        {"classCode": "ENC", "moodCode": "EVN"},
        *modeles("2.16.840.1.113883.10.20.1.21", "1.2.250.1.213.1.1.3.215"),
        _numero(redaction, f"{usager}-EVN-1"),
        hl7("code", AGENDA.attributs(), nature),
        texte(nom),
        periode,
        _intervenant(entete),
        hl7("entryRelationship", {"typeCode": "COMP", "inversionInd": "false"}, mise_a_jour),
        evaluations.statut("REALISE", "Réalisé", statut),
    )
    return section(redaction, EVENEMENTS, [tableau.element], [evenement])


def _intervenant(entete: Entete) -> etree._Element:
    """Who came; a nurse is the one who coordinates."""
    fonction = None
    if entete.auteur.profession == "60":
        fonction = etree.Element(f"{{{SDTC}}}functionCode", COORDONNATEUR.attributs(), nsmap={"sdtc": SDTC})
    entite = hl7("assignedEntity", None, *professionnel(entete.auteur), organisation(entete.structure))
    return hl7("performer", {"typeCode": "PRF"}, fonction, entite)


def _grille(redaction: Redaction, fonctionnel: etree._Element) -> etree._Element:
    """The evaluation grid as a paper."""
    titre = "Grille d'évaluation du service"
    ancre = redaction.ancre("piece")
    grille = imprimer(redaction.entete, blocs_du_recit(fonctionnel))
    piece = piece_jointe(redaction, Code("34842-5", LOINC, "Grille d'évaluation"), ancre, grille, "application/pdf")
    return section(redaction, DOCUMENTS_JOINTS, [paragraphe(titre, ancre)], [piece])


def _numero(redaction: Redaction, extension: str) -> etree._Element:
    return hl7("id", {"root": redaction.entete.identifiant("usager"), "extension": extension})


def _entete_de_logiciel(document: etree._Element, entete: Entete, usager: str) -> None:
    """The software as author, responsible and performer; the local number of the usager; the kind of service."""
    ou = {"h": hl7.uri}
    (auteur,) = document.iterfind("h:author/h:assignedAuthor", ou)
    appareil = hl7(
        "assignedAuthoringDevice",
        None,
        hl7("manufacturerModelName", None, "Éditeur fictif"),
        hl7("softwareName", None, "DUI Témoin"),
    )
    auteur[:] = [*_logiciel(entete), appareil, organisation(entete.structure)]
    (responsable,) = document.iterfind("h:legalAuthenticator/h:assignedEntity", ou)
    (executant,) = document.iterfind("h:documentationOf/h:serviceEvent/h:performer/h:assignedEntity", ou)
    for entite in (responsable, executant):
        entite[:] = [*_logiciel(entete), entite[-1]]
    (lieu,) = document.iterfind("h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility/h:code", ou)
    lieu.attrib.update(AUTRE_MEDICO_SOCIAL.attributs())
    lieu.append(hl7("translation", SSIAD.attributs()))
    ids = list(document.iterfind("h:recordTarget/h:patientRole/h:id", ou))
    for identifiant in ids:
        if identifiant.get("root") == OID_IPP:
            identifiant.set("extension", usager)
    if len(ids) == 1:
        (naissance,) = document.iterfind("h:recordTarget/h:patientRole/h:patient/h:birthplace", ou)
        rang = etree.Element(f"{{{SDTC}}}multipleBirthOrderNumber", {"value": "1"}, nsmap={"sdtc": SDTC})
        naissance.addprevious(rang)


def _logiciel(entete: Entete) -> tuple[etree._Element, ...]:
    systeme = hl7("id", {"root": RPPS, "extension": f"3{entete.structure.finess_eg}/DUI-1"})
    return (systeme, hl7("code", LOGICIEL.attributs()))


TYPE = TypeDocument(
    id="export-dui",
    modele=Modele(
        code=Code("EXPORT_DUI", TYPES_LOCAUX, "Export du Dossier Usager Informatisé"),
        titre="Export du Dossier Usager Informatisé",
        templates=(("1.2.250.1.213.1.1.1.58", "1.1.0-ballot"),),
    ),
    redige=export,
    classe=SYNTHESE,
    format=format_ans("urn:asip:ci-sis:export-dui:2023", "Export du DUI"),
    dmp=False,
)
