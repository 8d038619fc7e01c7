"""Defects of the minimum set in FHIR: what any resource must keep, what the profiles ask, what the set must hold."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from ..transport import Envoi
from . import registre
from .registre import AVERTISSEMENT, INFORMATION, NON_TESTE

defaut = partial(registre.defaut, theme="setmin")
Json = dict[str, Any]
_TDDUI = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition"
_AILLEURS = "urn:uuid:00000000-0000-4000-8000-000000000000"


def _entree(lot: Json, type_: str) -> Json:
    entree: Json = next(e for e in lot["entry"] if e["resource"]["resourceType"] == type_)
    return entree


def _sur(type_: str, changer: Callable[[Json], Any]) -> Alteration:
    """Change the first resource of a type; a bundle that has none is left alone."""

    def alterer(lot: Json) -> None:
        if any(e["resource"]["resourceType"] == type_ for e in lot["entry"]):
            changer(_entree(lot, type_)["resource"])

    return alterer


def _lot(
    nom: str, description: str, check: str, alterer: Alteration, effet: str = AVERTISSEMENT, exigence: str = "SMF-01"
) -> None:
    defaut(nom, description, (Couture.SETMIN, alterer), check=check, exigences=(exigence,), effet=effet)


def _regle(nom: str, description: str, check: str, **valeurs: Any) -> None:
    defaut(nom, description, check=check, exigences=("SMF-01",), effet=AVERTISSEMENT, regles={"sidoba": valeurs})


def _poser(**valeurs: Any) -> Callable[[Json], None]:
    return lambda ressource: ressource.update(copy.deepcopy(valeurs))


def _double_nom(envoi: Envoi) -> None:
    envoi.contenu = envoi.contenu.replace(b'"type": "transaction"', b'"type": "transaction", "type": "transaction"', 1)


def _nom_seul(patient: Json) -> None:
    patient["name"] = patient["name"][0]


def _mise_a_jour(lot: Json) -> None:
    _entree(lot, "Patient")["request"] = {"method": "PUT", "url": "Patient?identifier=1"}


def _adresse_d_exemple(lot: Json) -> None:
    _entree(lot, "Patient")["request"]["url"] = "TDDUIPatientExemple"


def _adresse_relative(lot: Json) -> None:
    _entree(lot, "Encounter")["fullUrl"] = "Encounter/1"


def _deux_fois_l_usager(lot: Json) -> None:
    lot["entry"].append({**copy.deepcopy(_entree(lot, "Patient")), "fullUrl": _AILLEURS})


def _type_inconnu(patient: Json) -> None:
    concept = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "DOSSIER-PAPIER"}]}
    patient["identifier"].append({"type": concept, "system": "urn:oid:2.25.7", "value": "7"})


def _sejour_a_l_envers(sejour: Json) -> None:
    sejour["period"]["end"] = "2020-01-01"


def _usager_de_la_structure(lot: Json) -> None:
    _entree(lot, "Encounter")["resource"]["subject"]["reference"] = _entree(lot, "Organization")["fullUrl"]


def _sans_tous_les_prenoms(patient: Json) -> None:
    del patient["name"][0]["extension"]


def _script(structure: Json) -> None:
    structure["text"]["div"] = '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'


def _version_a_venir(structure: Json) -> None:
    structure["meta"]["profile"] = [f"{_TDDUI}/tddui-organization|9.9.9"]


def _modalite(sejour: Json) -> None:
    system = "https://mos.esante.gouv.fr/NOS/TRE_R338-ModaliteAccueil/FHIR/TRE-R338-ModaliteAccueil"
    sejour["serviceType"] = {"coding": [{"system": system, "code": "46"}]}


def _etendre(nom: str, url: str) -> Callable[[Json], None]:
    return lambda ressource: ressource.setdefault(nom, []).append({"url": url, "valueBoolean": True})


def _identifier(system: str, valeur: Callable[[str], str]) -> Callable[[Json], None]:
    def changer(ressource: Json) -> None:
        for identifiant in ressource["identifier"]:
            if identifiant["system"].endswith(system):
                identifiant["value"] = valeur(identifiant["value"])

    return changer


def _contact_sans_identifiant(lot: Json) -> None:
    contact = {
        "resourceType": "RelatedPerson",
        "meta": {"profile": [f"{_TDDUI}/tddui-related-person-contact"]},
        "text": copy.deepcopy(_entree(lot, "Patient")["resource"]["text"]),
        "patient": {"reference": _entree(lot, "Patient")["fullUrl"]},
    }
    lot["entry"].append({"fullUrl": _AILLEURS, "resource": contact, "request": {"method": "POST", "url": "RelatedPerson"}})


def _sans(*types: str) -> Alteration:
    def alterer(lot: Json) -> None:
        lot["entry"] = [e for e in lot["entry"] if e["resource"]["resourceType"] not in types]

    return alterer


def _evenements(changer: Callable[[Json], Any]) -> Alteration:
    def alterer(lot: Json) -> None:
        for entree in lot["entry"]:
            if "partOf" in entree["resource"]:
                changer(entree["resource"])

    return alterer


def _le_meme_jour(evenement: Json) -> None:
    evenement["period"] = {"start": "2026-11-02T09:00:00+01:00", "end": "2026-11-02T09:30:00+01:00"}


_FHIR = (
    (
        "element-inconnu",
        "ajoute à l'usager un élément que FHIR n'a pas",
        "structure.element-connu",
        _sur("Patient", _poser(nomUsage="X")),
    ),
    ("nom-hors-liste", "écrit le nom de l'usager hors d'un tableau", "structure.forme", _sur("Patient", _nom_seul)),
    ("sans-statut", "envoie un séjour sans statut", "structure.cardinalite", _sur("Encounter", lambda s: s.pop("status"))),
    ("booleen-en-texte", "écrit un booléen entre guillemets", "structure.type", _sur("Patient", _poser(active="oui"))),
    (
        "date-a-la-francaise",
        "écrit la date de naissance jour, mois, année",
        "valeur.lexique",
        _sur("Patient", _poser(birthDate="15/06/1955")),
    ),
    ("mise-a-jour", "met à jour (PUT) au lieu de créer", "valeur.imposee", _mise_a_jour),
    ("sexe-en-francais", "écrit le sexe en français", "terminologie.obligatoire", _sur("Patient", _poser(gender="femme"))),
    ("type-d-identifiant", "invente une sorte d'identifiant", "terminologie.extensible", _sur("Patient", _type_inconnu)),
    (
        "sejour-a-l-envers",
        "envoie un séjour qui finit avant de commencer",
        "invariant.respecte",
        _sur("Encounter", _sejour_a_l_envers),
    ),
    ("usager-de-travers", "rattache le séjour à la structure au lieu de l'usager", "reference.cible", _usager_de_la_structure),
    (
        "reference-perdue",
        "référence une structure qui n'est pas dans le lot",
        "reference.resolue",
        _sur("Encounter", _poser(serviceProvider={"reference": _AILLEURS})),
    ),
    (
        "modificateur-inconnu",
        "ajoute une extension modificatrice de son cru",
        "extension.admise",
        _sur("Patient", _etendre("modifierExtension", "https://editeur.example/refus")),
    ),
    (
        "extension-inconnue",
        "ajoute une extension de son cru",
        "extension.connue",
        _sur("Encounter", _etendre("extension", "https://editeur.example/chambre")),
    ),
    ("adresse-relative", "donne à une entrée un fullUrl relatif", "bundle.coherent", _adresse_relative),
    ("adresse-d-exemple", "écrit dans request.url un nom d'exemple", "bundle.conseil", _adresse_d_exemple),
    ("recit-actif", "met un script dans un récit", "recit.xhtml", _sur("Organization", _script)),
    (
        "sans-tous-les-prenoms",
        "ne donne pas la liste des prénoms de naissance",
        "profil.provisoire",
        _sur("Patient", _sans_tous_les_prenoms),
    ),
    ("deux-usagers", "décrit deux fois le même usager", "profil.provisoire", _deux_fois_l_usager),
)
for _nom, _description, _check, _alteration in _FHIR:
    _lot(f"setmin-{_nom}", _description, f"fhir.{_check}", _alteration)
defaut(
    "setmin-nom-repete",
    "écrit deux fois un nom dans le JSON du lot",
    (Couture.SIDOBA_ENVOI, _double_nom),
    check="fhir.lecture.lisible",
    exigences=("SMF-01",),
    effet=AVERTISSEMENT,
)
_lot(
    "setmin-sans-recit",
    "envoie une structure sans récit lisible",
    "fhir.invariant.bonne-pratique",
    _sur("Organization", lambda structure: structure.pop("text")),
    INFORMATION,
    "SMF-02",
)
_lot(
    "setmin-profil-a-venir",
    "déclare une version d'un profil que personne n'a",
    "fhir.profil.disponible",
    _sur("Organization", _version_a_venir),
    NON_TESTE,
)
_lot(
    "setmin-modalite-d-accueil",
    "code la modalité d'accueil dans une liste que le banc n'a pas",
    "fhir.terminologie.verifiable",
    _sur("Encounter", _modalite),
    NON_TESTE,
)
_lot(
    "setmin-autre-structure",
    "décrit une autre structure que celle de l'appel",
    "setmin.structure",
    _sur("Organization", _identifier("1.2.250.1.71.4.2.2", lambda ancien: "1990000036")),
)
_lot(
    "setmin-autre-finess",
    "numérote l'usager sous le FINESS d'une autre structure",
    "setmin.identifiants",
    _sur("Patient", _identifier("localusager.esante.gouv.fr", lambda ancien: "3990000036/" + ancien.partition("/")[2])),
)
_lot(
    "setmin-sejour-d-un-autre",
    "donne au séjour le numéro d'un autre usager",
    "setmin.un-usager",
    _sur("Encounter", _identifier("sejour.esante.gouv.fr", lambda ancien: ancien.partition("/")[0] + "/autre-SEJOUR-1")),
)
_lot(
    "setmin-sans-profil",
    "ne déclare pas le profil de la structure",
    "setmin.profils-declares",
    _sur("Organization", lambda structure: structure.pop("meta")),
)
_lot(
    "setmin-contact-anonyme",
    "ajoute un contact sans identifiant métier",
    "setmin.socle-extensible",
    _contact_sans_identifiant,
    INFORMATION,
    "SMF-02",
)
_lot(
    "setmin-sans-evaluation", "envoie un usager à domicile sans son évaluation", "setmin.domicile", _sans("QuestionnaireResponse")
)
_lot(
    "setmin-evenement-isole",
    "ne rattache les événements à aucun séjour",
    "setmin.evenements",
    _evenements(lambda evenement: evenement.pop("partOf")),
)
_lot("setmin-un-jour", "n'envoie que les événements d'un jour", "setmin.historique", _evenements(_le_meme_jour))
_lot(
    "setmin-nom-tronque",
    "tronque le nom de naissance dans le jeu minimal",
    "setmin.traits",
    _sur("Patient", lambda p: p["name"][0].update(family="DUR")),
)
_regle("setmin-en-morceaux", "envoie un lot par ressource", "setmin.un-lot", un_seul_lot=False)
_regle("setmin-ins-non-qualifiee", "envoie le matricule d'une identité récupérée", "setmin.ins", ins_qualifiee_seulement=False)
_regle("setmin-sejour-renumerote", "change le numéro du séjour à chaque envoi", "setmin.renvoi", objets_stables=False)
_regle("setmin-correction-oubliee", "renvoie le lot sans la donnée corrigée", "setmin.correction", corrige=False)
