"""The RAMA: keys and values, those of the frame file, sent once a year or corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.sidoba.appel import AppelSidoba
from ..validation.sidoba.cadre import FichierCadre, number, unknown_keys
from ..validation.sidoba.rama import Donnee, RamaDepot, RamaDonnees, RamaFichier
from .registry import check
from .sidoba import CONTRAT

CADRE = "webinaire ANS Vague 2 (RAMA en clé/valeur, fichier cadre de SIDOBA)"
CHAMPS = ("schemaVersion", "finessEG", "finessEJ", "exercice", "emetteur", "typeTransmission", "donnees")
PREMIER_EXERCICE = 2025


@check("rama.fichier", covers=("RAMA-01",), source=CADRE, confidence="infere")
def file_is_readable(fichier: RamaFichier) -> Evidence:
    """Le fichier à déposer est un CSV en UTF-8, séparateur « ; », de première ligne cle;valeur."""
    if fichier.unreadable:
        raise CheckFailed(
            "Fichier du RAMA illisible",
            expected="cle;valeur, puis une ligne par clé",
            received=fichier.unreadable,
            at=fichier.id,
            hint="Écrire le fichier en UTF-8, séparateur « ; », avec son en-tête.",
        )
    return Evidence(at=fichier.id, fired=max(1, len(fichier.donnees.donnees)))


@check("rama.enveloppe", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def envelope_is_complete(depot: RamaDepot) -> Evidence:
    """L'enveloppe d'un dépôt nomme la structure, l'exercice, le logiciel et la sorte de transmission."""
    missing = [name for name in CHAMPS if not depot.enveloppe.get(name)]
    if missing:
        raise CheckFailed(
            "Enveloppe incomplète",
            expected=", ".join(CHAMPS),
            received=f"absent : {', '.join(missing)}",
            at=missing[0],
            hint="Renseigner toute l'enveloppe.",
        )
    return Evidence(at="enveloppe", fired=len(CHAMPS))


@check("rama.cle-valeur", covers=("RAMA-01",), source=CADRE, confidence="vu")
def data_are_keys_and_values(donnees: RamaDonnees) -> Evidence:
    """Les données sont des couples clé et valeur."""
    if donnees.unreadable:
        raise CheckFailed(
            "Données qui ne sont pas des couples clé et valeur",
            expected="une liste de clés, chacune avec sa valeur",
            received=donnees.unreadable,
            at=donnees.where or donnees.id,
            hint="Écrire chaque donnée par sa clé du fichier cadre et sa valeur.",
        )
    return Evidence(at=donnees.where, fired=len(donnees.donnees))


@check("rama.cles-uniques", covers=("RAMA-01",), source=CADRE, confidence="vu")
def each_key_is_given_once(donnees: RamaDonnees) -> Evidence:
    """Chaque clé est donnée une fois."""
    twice = [cle for cle, count in Counter(d.cle for d in _held(donnees)).items() if count > 1]
    if twice:
        raise CheckFailed(
            "Clé répétée",
            expected="une valeur par clé",
            received=", ".join(twice),
            at=donnees.at(twice[0]),
            hint="Ne garder qu'une ligne par clé.",
        )
    return Evidence(at=donnees.where, fired=len(donnees.donnees))


@check("rama.cles-connues", covers=("RAMA-02",), source=CADRE, confidence="vu")
def keys_are_those_of_the_frame(donnees: RamaDonnees, cadre: FichierCadre) -> Evidence:
    """Toutes les clés sont du fichier cadre."""
    unknown = unknown_keys(cadre, [d.cle for d in _held(donnees)])
    if unknown:
        raise CheckFailed(
            "Clé inconnue du fichier cadre",
            expected=f"une des {len(cadre.cles)} clés de {cadre.nom}",
            received=", ".join(unknown[:5]),
            at=donnees.at(unknown[0]),
            hint="Reprendre les clés du fichier cadre de l'exercice, sans les traduire ni changer leur casse.",
        )
    return Evidence(at=donnees.where, note=cadre.nom, fired=len(donnees.donnees))


@check("rama.cles-obligatoires", covers=("RAMA-02",), source=CADRE, confidence="vu")
def required_keys_are_there(donnees: RamaDonnees, cadre: FichierCadre) -> Evidence:
    """Les clés obligatoires du fichier cadre sont toutes là."""
    given = {d.cle for d in _held(donnees)}
    lost = [cle for cle in cadre.obligatoires if cle not in given]
    if lost:
        raise CheckFailed(
            "Clé obligatoire absente",
            expected=f"les {len(cadre.obligatoires)} clés obligatoires de {cadre.nom}",
            received=f"absente(s) : {', '.join(lost[:5])}",
            at=donnees.at(lost[0]),
            hint="Donner une valeur à chaque clé obligatoire.",
        )
    return Evidence(at=donnees.where, note=cadre.nom, fired=len(cadre.obligatoires))


@check("rama.valeurs", covers=("RAMA-02",), source=f"{CADRE} ; types et bornes du fichier cadre chargé", confidence="infere")
def values_suit_their_keys(donnees: RamaDonnees, cadre: FichierCadre) -> Evidence:
    """Chaque valeur est du type de sa clé, dans ses bornes."""
    for donnee in _held(donnees):
        cle = cadre.cles.get(donnee.cle)
        wrong = cle.problem(donnee.valeur) if cle is not None else ""
        if wrong:
            raise CheckFailed(
                "Valeur qui ne convient pas à sa clé",
                expected=wrong,
                received=str(donnee.valeur)[:60] or "vide",
                at=donnees.at(donnee.cle),
                hint="Écrire la valeur en texte, point décimal, sans unité.",
            )
    return Evidence(at=donnees.where, fired=len(donnees.donnees))


@check("rama.regles", covers=("RAMA-02",), source=f"{CADRE} ; règles du fichier cadre chargé", confidence="infere")
def sums_of_the_frame_hold(donnees: RamaDonnees, cadre: FichierCadre) -> Evidence:
    """Les totaux sont la somme de leurs parties."""
    _held(donnees)
    values = donnees.values
    fired = 0
    for cle in cadre.cles.values():
        if not cle.somme or cle.nom not in values:
            continue
        parts = [number(str(values.get(part, "0"))) or Decimal(0) for part in cle.somme]
        fired += 1
        if number(str(values[cle.nom])) != sum(parts):
            raise CheckFailed(
                "Total différent de la somme de ses parties",
                expected=f"{sum(parts)} ({' + '.join(cle.somme)})",
                received=str(values[cle.nom]),
                at=donnees.at(cle.nom),
                hint="Calculer le total à partir des mêmes données que ses parties.",
            )
    return Evidence(at=donnees.where, fired=max(1, fired))


@check("rama.structure", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def structure_is_the_one_of_the_call(depot: RamaDepot, appel: AppelSidoba, settings: Settings) -> Evidence:
    """L'enveloppe nomme l'établissement au nom duquel l'appel est fait, et son entité juridique."""
    wanted = {"finessEG": appel.structure[1:], "finessEJ": settings.structure.finess_ej}
    for name, finess in wanted.items():
        if depot.text(name) != finess:
            raise CheckFailed(
                "Structure de l'enveloppe différente de celle de l'appel",
                expected=finess,
                received=depot.text(name) or "absente",
                at=name,
                hint="finessEG est celui de struct_idnat ; finessEJ celui du certificat.",
            )
    return Evidence(at="finessEG, finessEJ", fired=2)


@check("rama.exercice", covers=("RAMA-03",), source=f"décret 2026-68 du 6 février 2026 ; {CONTRAT}", confidence="infere")
def year_is_closed(depot: RamaDepot) -> Evidence:
    """L'exercice est une année entière, close, depuis 2025."""
    year = depot.enveloppe.get("exercice")
    if not isinstance(year, int) or isinstance(year, bool) or not PREMIER_EXERCICE <= year < depot.year:
        raise CheckFailed(
            "Exercice impossible",
            expected=f"une année de {PREMIER_EXERCICE} à {depot.year - 1}, en nombre",
            received=repr(year),
            at="exercice",
            hint="Transmettre l'exercice clos, en nombre et non en texte.",
        )
    return Evidence(at="exercice", note=str(year))


@check("rama.idempotence", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def deposit_has_a_key_of_idempotence(depot: RamaDepot) -> Evidence:
    """Un dépôt porte une clé d'idempotence, pour qu'un nouvel essai ne le double pas."""
    if not depot.idempotence:
        raise CheckFailed(
            "Clé d'idempotence absente",
            expected="en-tête Idempotency-Key",
            received="absent",
            at="en-tête Idempotency-Key",
            hint="Tirer une clé par dépôt, et la reprendre à chaque nouvel essai.",
        )
    return Evidence(at="en-tête Idempotency-Key")


def _held(donnees: RamaDonnees) -> Sequence[Donnee]:
    if donnees.unreadable:
        raise Inconclusive(donnees.unreadable)
    return donnees.donnees
