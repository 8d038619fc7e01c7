"""Defects of the consent of the user and of the reading of his evaluation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..alterations import Couture
from ..sdo_client import AppelSdo
from . import registre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="sdo-consentement", exigences=("VT-04",))
Consentement = dict[str, Any]


def _regle(nom: str, description: str, check: str, effet: str = registre.NON_CONFORME, **valeurs: object) -> None:
    defaut(nom, description, check=check, effet=effet, regles={"sdo": valeurs})


def _donnee(consentement: Consentement) -> dict[str, Any]:
    donnee: dict[str, Any] = consentement["provision"]["data"][0]
    return donnee


def _brouillon(consentement: Consentement) -> None:
    consentement["status"] = "draft"


def _recherche(consentement: Consentement) -> None:
    consentement["scope"]["coding"][0]["code"] = "research"


def _sans_regle(consentement: Consentement) -> None:
    del consentement["policyRule"]


def _regle_maison(consentement: Consentement) -> None:
    consentement["policyRule"]["coding"] = [{"system": "https://dui-temoin.invalid/CodeSystem/accord", "code": "oui"}]


def _sans_source(consentement: Consentement) -> None:
    del consentement["meta"]["source"]


def _source_ej(consentement: Consentement) -> None:
    consentement["meta"]["source"] = "1990000010"


def _identifiant_usuel(consentement: Consentement) -> None:
    _donnee(consentement)["reference"]["identifier"]["use"] = "usual"


def _identifiant_mdph(consentement: Consentement) -> None:
    identifiant = _donnee(consentement)["reference"]["identifier"]
    identifiant["value"] = identifiant["value"].replace("SDO-FICTIF", "DEC-FICTIVE")


def _ancien(consentement: Consentement) -> None:
    consentement["dateTime"] = "2020-01-01T00:00:00.000+01:00"


def _patient(consentement: Consentement) -> None:
    _donnee(consentement)["reference"]["reference"] = "Patient/1"


_CONSENTEMENTS: tuple[tuple[str, str, str, Callable[[Consentement], None], str], ...] = (
    ("vt-consentement-brouillon", "envoie un consentement en brouillon", "fhir.valeur.imposee", _brouillon, ""),
    ("vt-consentement-recherche", "envoie un consentement à la recherche", "fhir.valeur.imposee", _recherche, ""),
    ("vt-consentement-usual", "nomme la décision par un identifiant usual", "fhir.valeur.imposee", _identifiant_usuel, ""),
    ("vt-consentement-sans-regle", "envoie un consentement sans policyRule", "fhir.invariant.respecte", _sans_regle, ""),
    (
        "vt-consentement-regle-maison",
        "dit l'accord par un code de son cru",
        "fhir.terminologie.extensible",
        _regle_maison,
        AVERTISSEMENT,
    ),
    ("vt-consentement-sans-source", "n'envoie pas meta.source", "fhir.structure.cardinalite", _sans_source, ""),
    ("vt-consentement-patient", "fait porter le consentement sur un Patient", "fhir.reference.cible", _patient, ""),
    ("vt-consentement-ej", "signe le consentement de l'entité juridique", "sdo.consentement.structure", _source_ej, ""),
    (
        "vt-consentement-id-mdph",
        "nomme dans le consentement l'identifiant de la MDPH",
        "sdo.consentement.decision",
        _identifiant_mdph,
        "",
    ),
    ("vt-consentement-ancien", "date le consentement d'il y a des années", "sdo.consentement.date", _ancien, ""),
)
for _nom, _dit, _check, _change, _effet in _CONSENTEMENTS:
    defaut(_nom, _dit, (Couture.SDO_CONSENTEMENT, _change), check=_check, effet=_effet or registre.NON_CONFORME)


def _evaluation_partielle(appel: AppelSdo) -> None:
    if appel.sorte == "evaluation":
        appel.requete.append(("_elements", "id"))


def _evaluation_sans_type(appel: AppelSdo) -> None:
    if appel.sorte == "evaluation":
        appel.requete = [(nom, valeur) for nom, valeur in appel.requete if nom != "type"]


def _evaluation_mdph(appel: AppelSdo) -> None:
    if appel.sorte == "evaluation":
        appel.requete = [(nom, valeur.replace("SDO-FICTIF", "DEC-FICTIVE")) for nom, valeur in appel.requete]


for _nom, _dit, _check, _appel in (
    ("vt-evaluation-partielle", "cherche l'évaluation avec _elements", "sdo.requete.evaluation", _evaluation_partielle),
    ("vt-evaluation-sans-type", "cherche l'évaluation sans type", "sdo.requete.evaluation", _evaluation_sans_type),
    (
        "vt-evaluation-id-mdph",
        "cherche l'évaluation par l'identifiant de la MDPH",
        "sdo.evaluation.identifiant",
        _evaluation_mdph,
    ),
):
    defaut(_nom, _dit, (Couture.SDO_APPEL, _appel), check=_check)
_regle(
    "vt-evaluation-sans-consentement",
    "demande l'évaluation sans attendre le consentement",
    "absent.viatrajectoire",
    consentement_avant=False,
)
_regle(
    "vt-evaluation-malgre-le-refus",
    "demande l'évaluation malgré le refus de la personne",
    "absent.viatrajectoire",
    respecte_le_refus=False,
)
_regle(
    "vt-refus-envoye-comme-accord",
    "envoie un consentement quand la personne refuse",
    "absent.viatrajectoire",
    envoie_le_refus=True,
)
_regle(
    "vt-evaluation-prechargee",
    "demande l'évaluation dès l'accord saisi, avant de l'envoyer",
    "sdo.evaluation.apres-consentement",
    precharge_l_evaluation=True,
)
_regle("vt-evaluation-cachee", "ne montre pas l'évaluation reçue", "sdo.evaluation.montree", montre_l_evaluation=False)
_regle(
    "vt-evaluation-redemandee",
    "redemande sans fin une évaluation refusée",
    "sdo.evaluation.refus-sans-insistance",
    AVERTISSEMENT,
    essais_evaluation=6,
)
_regle(
    "vt-evaluation-refusee-tue",
    "montre vide une évaluation refusée",
    "sdo.evaluation.refus-annonce",
    AVERTISSEMENT,
    annonce_l_evaluation_refusee=False,
)
