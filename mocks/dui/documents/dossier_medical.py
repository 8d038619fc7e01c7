"""The medical record of a usager, invented from a seed: plausible, coherent, and about nobody.

Codes of diseases, substances and classes are public ones; products (CIS, CIP) are fictional.
Delays are in days before the documented act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from .entete import LOINC, Code

CIM10 = "2.16.840.1.113883.6.3"
SNOMED = "2.16.840.1.113883.6.96"
CIS = "1.2.250.1.213.2.3.1"
CIP = "1.2.250.1.213.2.3.2"
ATC = "2.16.840.1.113883.6.73"
CCAM = "1.2.250.1.215.300.1"
EMDN = "1.2.250.1.213.2.68"
EDQM = "0.4.0.127.0.16.1.1.2.1"
CISIS = "1.2.250.1.213.1.1.4.322"

VOIE_ORALE = Code("20053000", EDQM, "Voie orale")


@dataclass(frozen=True, slots=True)
class Probleme:
    """A disease or a symptom, since how many days, with what the doctor adds."""

    code: Code
    depuis: int
    precision: str
    chronique: bool = True


@dataclass(frozen=True, slots=True)
class Allergie:
    """What the usager does not tolerate, and how it shows."""

    nature: Code
    agent: Code
    reaction: Code
    depuis: int


@dataclass(frozen=True, slots=True)
class Produit:
    """A medicine or a vaccine: its CIS, CIP and ATC codes."""

    specialite: Code
    presentation: Code
    classe: Code


@dataclass(frozen=True, slots=True)
class Traitement:
    """A prescription that is followed: ``dose`` units every ``periode`` hours, for which problem."""

    produit: Produit
    pour: Code
    dose: int
    unite: str
    unite_texte: str
    periode: int
    depuis: int
    voie: Code = VOIE_ORALE


@dataclass(frozen=True, slots=True)
class Mesure:
    """A vital sign."""

    code: Code
    valeur: str
    unite: str
    unite_texte: str


@dataclass(frozen=True, slots=True)
class DossierMedical:
    """What the sections of every document draw from."""

    problemes: Sequence[Probleme]
    antecedents: Sequence[Probleme]
    allergie: Allergie
    traitements: Sequence[Traitement]
    traitement_arrete: Traitement
    aigu: Probleme
    mesures: Sequence[Mesure]


def dossier_medical(graine: str) -> DossierMedical:
    """The record that this seed gives: the same each time."""
    tirage = Random(graine)
    paires = tirage.sample(_MALADIES_ET_TRAITEMENTS, 3)
    return DossierMedical(
        problemes=[probleme for probleme, _ in paires],
        antecedents=tirage.sample(_ANTECEDENTS, 2),
        allergie=tirage.choice(_ALLERGIES),
        traitements=[traitement for _, traitement in paires],
        traitement_arrete=_ARRETE,
        aigu=tirage.choice(_AIGUS),
        mesures=_mesures(tirage),
    )


def produit_fictif(numero: int, nom: str, atc: str, substance: str) -> Produit:
    """A product that does not exist, of a class that does."""
    return Produit(
        specialite=Code(f"6999{numero:04d}", CIS, nom),
        presentation=Code(f"34009999{numero:05d}", CIP, f"{nom}, plaquette de 30"),
        classe=Code(atc, ATC, substance),
    )


def _suivi(probleme: Probleme, produit: Produit, dose: int, periode: int) -> tuple[Probleme, Traitement]:
    gelule = "gélule" in produit.specialite.libelle
    unite, nom = ("{cap}", "gélule") if gelule else ("{tbl}", "comprimé")
    pluriel = "s" if dose > 1 else ""
    return probleme, Traitement(produit, probleme.code, dose, unite, nom + pluriel, periode, probleme.depuis - 10)


_MALADIES_ET_TRAITEMENTS = (
    _suivi(
        Probleme(Code("I10", CIM10, "Hypertension essentielle (primitive)"), 600, "Équilibrée sous traitement."),
        produit_fictif(101, "RAMIPRIL FICTIF 5 mg, comprimé", "C09AA05", "ramipril"),
        1,
        24,
    ),
    _suivi(
        Probleme(Code("E11.9", CIM10, "Diabète sucré de type 2, sans complication"), 560, "Dernière HbA1c à 6,9 %."),
        produit_fictif(102, "METFORMINE FICTIF 500 mg, comprimé pelliculé", "A10BA02", "metformine"),
        1,
        12,
    ),
    _suivi(
        Probleme(Code("G40.9", CIM10, "Épilepsie, sans précision"), 520, "Aucune crise depuis un an."),
        produit_fictif(103, "LEVETIRACETAM FICTIF 250 mg, comprimé", "N03AX14", "lévétiracétam"),
        2,
        12,
    ),
    _suivi(
        Probleme(Code("E03.9", CIM10, "Hypothyroïdie, sans précision"), 480, "Suivi annuel de la TSH."),
        produit_fictif(104, "LEVOTHYROXINE FICTIF 50 microgrammes, comprimé", "H03AA01", "lévothyroxine sodique"),
        1,
        24,
    ),
    _suivi(
        Probleme(Code("K21.9", CIM10, "Reflux gastro-œsophagien sans œsophagite"), 400, "Gêne surtout nocturne."),
        produit_fictif(105, "OMEPRAZOLE FICTIF 20 mg, gélule", "A02BC01", "oméprazole"),
        1,
        24,
    ),
)

_ANTECEDENTS = (
    Probleme(Code("J18.9", CIM10, "Pneumopathie, sans précision"), 500, "Guérie sans séquelle."),
    Probleme(Code("S52.5", CIM10, "Fracture de l'extrémité inférieure du radius"), 450, "Chute de sa hauteur, poignet gauche."),
    Probleme(Code("N39.0", CIM10, "Infection des voies urinaires, siège non précisé"), 300, "Traitée en ville."),
    Probleme(Code("L89.1", CIM10, "Ulcère de décubitus de stade II"), 350, "Talon droit, cicatrisé."),
)

_ALLERGIES = (
    Allergie(
        Code("416098002", SNOMED, "allergie médicamenteuse"),
        Code("J01CA04", ATC, "amoxicilline"),
        Code("L50.0", CIM10, "Urticaire allergique"),
        590,
    ),
    Allergie(
        Code("414285001", SNOMED, "allergie alimentaire"),
        Code("762952008", SNOMED, "arachide"),
        Code("T78.1", CIM10, "Autres réactions d'intolérance alimentaire, non classées ailleurs"),
        550,
    ),
)

_AIGUS = (
    Probleme(Code("S70.0", CIM10, "Contusion de la hanche"), 1, "Radiographie sans fracture, antalgiques.", chronique=False),
    Probleme(Code("R10.4", CIM10, "Douleurs abdominales, autres et non précisées"), 1, "Cédées spontanément.", chronique=False),
)

_ARRETE = Traitement(
    produit_fictif(120, "ZOPICLONE FICTIF 3,75 mg, comprimé", "N05CF01", "zopiclone"),
    Code("G47.0", CIM10, "Troubles de l'endormissement et du maintien du sommeil [insomnies]"),
    1,
    "{tbl}",
    "comprimé",
    24,
    200,
)


def _mesures(tirage: Random) -> list[Mesure]:
    poids, taille = tirage.randint(52, 88), tirage.randint(155, 182)
    return [
        Mesure(Code("8867-4", LOINC, "Fréquence cardiaque"), str(tirage.randint(62, 88)), "/min", "battements par minute"),
        Mesure(Code("9279-1", LOINC, "Fréquence respiratoire"), str(tirage.randint(14, 20)), "/min", "cycles par minute"),
        Mesure(Code("8480-6", LOINC, "Pression artérielle systolique"), str(tirage.randint(118, 142)), "mm[Hg]", "mmHg"),
        Mesure(Code("8462-4", LOINC, "Pression artérielle diastolique"), str(tirage.randint(66, 84)), "mm[Hg]", "mmHg"),
        Mesure(Code("8310-5", LOINC, "Température corporelle"), f"{36 + tirage.randint(4, 9) / 10:.1f}", "Cel", "°C"),
        Mesure(Code("20564-1", LOINC, "Saturation en O2"), str(tirage.randint(95, 99)), "%", "%"),
        Mesure(Code("29463-7", LOINC, "Poids"), str(poids), "kg", "kg"),
        Mesure(Code("8302-2", LOINC, "Taille"), f"{taille / 100:.2f}", "m", "m"),
        Mesure(Code("39156-5", LOINC, "Index de masse corporelle (IMC)"), f"{poids / (taille / 100) ** 2:.1f}", "kg/m2", "kg/m²"),
    ]
