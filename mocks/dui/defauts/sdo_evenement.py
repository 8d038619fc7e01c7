"""Defects of the events (Task) sent to ViaTrajectoire: their form, then what they say."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from ..sdo_client import AppelSdo
from . import registre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="sdo-evenement")
_VT06 = ("VT-06",)
_EXTENSION = "https://dui-temoin.invalid/StructureDefinition/priorite"
_MOTIF = "https://mos.esante.gouv.fr/NOS/TRE_R358-MotifStatutPersonnePriseCharge/FHIR/TRE-R358-MotifStatutPersonnePriseCharge"
Tache = dict[str, Any]


def _evenement(
    nom: str, description: str, check: str, change: Alteration, *, exigences: tuple[str, ...] = _VT06, avertit: bool = False
) -> None:
    effet = AVERTISSEMENT if avertit else registre.NON_CONFORME
    defaut(nom, description, (Couture.SDO_EVENEMENT, change), check=check, exigences=exigences, effet=effet)


def _nom(saisie: Tache) -> str:
    return str(saisie["type"]["coding"][0]["code"])


def _saisie(nom: str, change: Callable[[Tache], None]) -> Alteration:
    """Change an input, where it is."""

    def alterer(tache: Tache) -> None:
        for saisie in tache["input"]:
            if _nom(saisie) == nom:
                change(saisie)

    return alterer


def _sans(*noms: str) -> Alteration:
    """Take inputs away."""

    def alterer(tache: Tache) -> None:
        tache["input"] = [saisie for saisie in tache["input"] if _nom(saisie) not in noms]

    return alterer


def _code(nom: str, code: str) -> Alteration:
    def change(saisie: Tache) -> None:
        saisie["valueCodeableConcept"]["coding"][0]["code"] = code

    return _saisie(nom, change)


def _element(nom: str, valeur: Any) -> Alteration:
    def alterer(tache: Tache) -> None:
        tache[nom] = valeur

    return alterer


def _texte(saisie: Tache) -> None:
    saisie["valueString"] = saisie.pop("valueIdentifier")["value"]


def _date_francaise(saisie: Tache) -> None:
    annee, mois, jour = saisie["valueDate"].split("-")
    saisie["valueDate"] = f"{jour}/{mois}/{annee}"


def _date_future(saisie: Tache) -> None:
    saisie["valueDate"] = f"{int(saisie['valueDate'][:4]) + 1}{saisie['valueDate'][4:]}"


def _identifiant(valeur: str) -> Callable[[Tache], None]:
    def change(saisie: Tache) -> None:
        saisie["valueIdentifier"]["value"] = valeur

    return change


def _sans_meta(tache: Tache) -> None:
    del tache["meta"]["lastUpdated"]


def _saisies_hors_liste(tache: Tache) -> None:
    tache["description"] = ["événement"]


def _identifiants_echanges(tache: Tache) -> None:
    saisies = {_nom(s): s for s in tache["input"]}
    un, autre = saisies["idDecision"]["valueIdentifier"], saisies["idNat_Decision"]["valueIdentifier"]
    un["value"], autre["value"] = autre["value"], un["value"]


def _identifiant_mdph_change(saisie: Tache) -> None:
    saisie["valueIdentifier"]["value"] = f"{saisie['valueIdentifier']['value']}-BIS"


def _motif_de_trop(tache: Tache) -> None:
    if any(_nom(s) == "motifESMS" for s in tache["input"]):
        return
    motif = {"coding": [{"system": _MOTIF, "code": "112"}]}
    modele = tache["input"][0]["type"]["coding"][0]["system"]
    tache["input"].append({"type": {"coding": [{"system": modele, "code": "motifESMS"}]}, "valueCodeableConcept": motif})


def _script(tache: Tache) -> None:
    corps = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Événement</p><script>alert(1)</script></div>'
    tache["text"] = {"status": "generated", "div": corps}


for _defaut, _dit, _check, _change in (
    ("vt-element-inconnu", "ajoute au Task un élément de son cru", "fhir.structure.element-connu", _element("urgence", "haute")),
    ("vt-description-en-liste", "écrit description comme une liste", "fhir.structure.forme", _saisies_hors_liste),
    ("vt-sans-nom", "n'envoie pas le nom de l'établissement", "fhir.structure.cardinalite", _sans("nomESMS")),
    ("vt-sans-last-updated", "n'envoie pas meta.lastUpdated", "fhir.structure.cardinalite", _sans_meta),
    ("vt-sans-id-decision", "n'envoie pas idDecision", "fhir.structure.cardinalite", _sans("idDecision")),
    ("vt-id-decision-en-texte", "envoie idDecision comme un texte", "fhir.structure.type", _saisie("idDecision", _texte)),
    (
        "vt-date-francaise",
        "écrit la date du statut à la française",
        "fhir.valeur.lexique",
        _saisie("dateStatutESMS", _date_francaise),
    ),
    ("vt-task-demandee", "envoie un Task au statut requested", "fhir.valeur.imposee", _element("status", "requested")),
    ("vt-task-ordre", "envoie un Task d'intention order", "fhir.valeur.imposee", _element("intent", "order")),
    ("vt-statut-inconnu", "envoie un statut hors J252", "fhir.terminologie.obligatoire", _code("statutESMS", "99")),
    ("vt-motif-inconnu", "envoie un motif hors J251", "fhir.terminologie.obligatoire", _code("motifESMS", "999")),
    (
        "vt-statut-d-unite-inconnu",
        "envoie un statut d'unité hors J253",
        "fhir.terminologie.obligatoire",
        _code("statutUnite", "47"),
    ),
    (
        "vt-unite-sans-description",
        "envoie un statut d'unité sans la décrire",
        "fhir.invariant.respecte",
        _sans("nomUnite", "categorieOrganisation"),
    ),
    (
        "vt-mode-inconnu",
        "envoie un mode de prise en charge hors 46, 47 et 48",
        "fhir.invariant.respecte",
        _code("modePriseCharge", "12"),
    ),
    (
        "vt-structure-sans-prefixe",
        "écrit idNat_Struct sans le 1",
        "fhir.invariant.respecte",
        _saisie("idNat_Struct", _identifiant("990000036")),
    ),
    (
        "vt-extension-modificatrice",
        "ajoute au Task une extension modificatrice inconnue",
        "fhir.extension.admise",
        _element("modifierExtension", [{"url": _EXTENSION, "valueCode": "haute"}]),
    ),
    ("vt-recit-actif", "met un script dans le récit du Task", "fhir.recit.xhtml", _script),
    (
        "vt-demandeur-medicament",
        "donne un médicament pour demandeur du Task",
        "fhir.reference.cible",
        _element("requester", {"reference": "Medication/1"}),
    ),
    ("vt-sans-motif", "oublie le motif de l'établissement", "sdo.evenement.motif-present", _sans("motifESMS")),
    ("vt-sans-motif-d-unite", "oublie le motif de l'unité", "sdo.evenement.motif-present", _sans("motifUnite")),
    ("vt-motif-d-un-autre-statut", "envoie le motif d'un autre statut", "sdo.evenement.motif-admis", _code("motifESMS", "174")),
    (
        "vt-motif-d-unite-d-un-autre-statut",
        "envoie pour l'unité le motif d'un autre statut",
        "sdo.evenement.motif-admis",
        _code("motifUnite", "98"),
    ),
    ("vt-motif-de-trop", "garde le motif du statut précédent", "sdo.evenement.motif-sans-objet", _motif_de_trop),
    ("vt-identifiants-echanges", "échange idDecision et idNat_Decision", "sdo.evenement.decision", _identifiants_echanges),
    ("vt-id-decision-change", "change idDecision", "sdo.evenement.decision", _saisie("idDecision", _identifiant_mdph_change)),
    (
        "vt-structure-ej",
        "parle au nom de l'entité juridique",
        "sdo.evenement.structure",
        _saisie("idNat_Struct", _identifiant("1990000010")),
    ),
):
    _evenement(_defaut, _dit, _check, _change)

for _defaut, _dit, _check, _change in (
    (
        "vt-evenement-sans-statut",
        "envoie un événement qui ne dit aucun statut",
        "fhir.invariant.conseil",
        _sans("statutESMS", "motifESMS", "statutUnite", "motifUnite"),
    ),
    (
        "vt-extension-inconnue",
        "ajoute au Task une extension que personne ne connaît",
        "fhir.extension.connue",
        _element("extension", [{"url": _EXTENSION, "valueCode": "haute"}]),
    ),
    ("vt-date-future", "date le statut de l'an prochain", "sdo.evenement.date-passee", _saisie("dateStatutESMS", _date_future)),
    ("vt-sans-date", "n'envoie pas la date du statut", "sdo.evenement.date-statut", _sans("dateStatutESMS")),
):
    _evenement(_defaut, _dit, _check, _change, avertit=True)
_evenement(
    "vt-statut-de-la-mdph",
    "entérine lui-même l'admission impossible",
    "sdo.evenement.emetteur",
    _code("statutESMS", "46"),
    exigences=("VT-08",),
    avertit=True,
)
_evenement(
    "vt-statuts-desaccordes",
    "envoie un statut d'unité qui ne va pas avec celui de l'établissement",
    "sdo.evenement.paire",
    _code("statutUnite", "183"),
    exigences=("VT-08",),
    avertit=True,
)
_evenement(
    "vt-unite-du-dui",
    "nomme l'unité par l'identifiant du DUI",
    "sdo.evenement.unite-ror",
    _saisie("idUnite", _identifiant("UNITE-LOCALE-7")),
    exigences=("VT-10",),
)
_evenement(
    "vt-toujours-en-analyse",
    "envoie toujours le statut « en cours d'analyse »",
    "sdo.evenement.statut-saisi",
    _saisie("statutESMS", lambda saisie: saisie["valueCodeableConcept"]["coding"][0].update(code="42")),
    exigences=("VT-08",),
)
_evenement("vt-motif-par-defaut", "remplace le motif choisi par un autre", "sdo.evenement.motif-saisi", _code("motifESMS", "153"))


def _json_ordinaire(appel: AppelSdo) -> None:
    if "Content-Type" in appel.entetes:
        appel.entetes["Content-Type"] = "application/json"


def _coupe(corps: bytes) -> bytes:
    return corps[: len(corps) // 2]


defaut(
    "vt-json-ordinaire",
    "annonce le Task comme du JSON ordinaire",
    (Couture.SDO_APPEL, _json_ordinaire),
    check="sdo.evenement.type-contenu",
    exigences=_VT06,
)
defaut("vt-task-coupe", "envoie la moitié du Task", (Couture.SDO_CORPS, _coupe), check="fhir.lecture.lisible", exigences=_VT06)
