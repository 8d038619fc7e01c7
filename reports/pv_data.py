"""``pv.toml``: what only people know of a pilot installation. Everything is optional; an unknown key is refused."""

from __future__ import annotations

import difflib
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from dui_conformance.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Document:
    """Number of the PV."""

    numero: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """The OG (organisme gestionnaire)."""

    raison_sociale: str = ""
    finess_ej: str = ""
    adresse: str = ""
    representant: str = ""
    qualite: str = ""
    delegation: str = ""
    referent_viatrajectoire: str = ""
    interlocuteur: str = ""


@dataclass(frozen=True, slots=True)
class Esms:
    """One establishment or service of the order; ``hors_perimetre`` holds the reason when it is left out."""

    finess_eg: str = ""
    nom: str = ""
    categorie: str = ""
    secteur: str = ""
    adresse: str = ""
    mise_en_service: date | None = None
    hors_perimetre: str = ""


@dataclass(frozen=True, slots=True)
class Fournisseur:
    """The supplier."""

    raison_sociale: str = ""
    siren: str = ""
    signataire: str = ""
    distributeur: str = ""
    hebergeur: str = ""
    certificat_hds: str = ""


@dataclass(frozen=True, slots=True)
class Solution:
    """What the journal does not say of the solution (its name, version and NIL come from there)."""

    numero_referencement: str = ""
    profils: tuple[str, ...] = ()
    proxy_esante: str = ""
    operateur_mssante: str = ""
    base_medicamenteuse: str = ""


@dataclass(frozen=True, slots=True)
class Commande:
    """The order. Amounts are decimal texts (``"3333.33"``); ``regime`` is ``V2`` or ``V1+V2``."""

    numero_bdc: str = ""
    date_bdc: date | None = None
    fenetre_debut: date | None = None
    fenetre_fin: date | None = None
    numero_devis: str = ""
    regime: str = ""
    prix_unitaire: Decimal | None = None
    total_ht: Decimal | None = None
    avance_recue: Decimal | None = None
    reste_a_charge: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of the prestation."""

    debut: date | None = None
    installation: date | None = None
    configuration: date | None = None
    qualification: date | None = None
    formation: date | None = None
    mom: date | None = None
    verification: date | None = None
    signature: date | None = None


@dataclass(frozen=True, slots=True)
class Poste:
    """A line of the prestation; ``etat``: réalisé, non applicable, assuré par le client, réserve."""

    poste: str = ""
    etat: str = ""
    piece: str = ""


@dataclass(frozen=True, slots=True)
class Indicateurs:
    """The client's own figures. ``cas`` is 1 (MSSanté in use and verified) or 2 (not installed)."""

    dmp_valeur: int | None = None
    dmp_periode: str = ""
    dmp_extrait: str = ""
    mss_professionnel: int | None = None
    mss_usager: int | None = None
    cas: int | None = None
    verification_possible: bool | None = None
    motif_cas_2: str = ""
    engagement_cas_2: str = ""
    date_prevue_cas_2: date | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """A reserve that can be lifted, with its deadline."""

    objet: str = ""
    echeance: date | None = None


@dataclass(frozen=True, slots=True)
class AutrePilote:
    """Another PV of the same solution."""

    finess_ej: str = ""
    solution: str = ""
    version: str = ""
    avis: str = ""


@dataclass(frozen=True, slots=True)
class Pilote:
    """The pilot: rank 1 to 3, what shows that all was done, opinion (``favorable`` or ``non favorable``)."""

    rang: int | None = None
    elements: str = ""
    avis: str = ""
    autres: tuple[AutrePilote, ...] = ()


@dataclass(frozen=True, slots=True)
class Mom:
    """The declaration of mise en ordre de marche, which the supplier signs: who, and the file that holds it."""

    signataire: str = ""
    piece: str = ""


@dataclass(frozen=True, slots=True)
class PointDeclare:
    """A point of the OG's list (``OG-02``): ``etat`` is fait, réserve, à faire or sans objet."""

    id: str = ""
    etat: str = ""
    piece: str = ""
    reserve: str = ""
    echeance: date | None = None


@dataclass(frozen=True, slots=True)
class PvData:
    """The whole of ``pv.toml``."""

    document: Document = Document()
    client: Client = Client()
    esms: tuple[Esms, ...] = ()
    fournisseur: Fournisseur = Fournisseur()
    solution: Solution = Solution()
    commande: Commande = Commande()
    dates: Dates = Dates()
    prestation: tuple[Poste, ...] = ()
    indicateurs: Indicateurs = Indicateurs()
    reserves: tuple[Reserve, ...] = ()
    pilote: Pilote = field(default_factory=Pilote)
    mom: Mom = Mom()
    og: tuple[PointDeclare, ...] = ()


def load_pv_data(path: Path) -> PvData:
    """Read ``pv.toml``; raises ``InputError`` that names the key and what is accepted."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except FileNotFoundError:
        raise InputError(
            f"{path} : fichier introuvable. Sans --donnees, les champs administratifs restent à compléter."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} : lecture impossible ({error}). Le fichier doit être un texte UTF-8 lisible.") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} : syntaxe TOML invalide ({error}).") from None
    built = _build(PvData, values, "", str(path))
    assert isinstance(built, PvData)
    return built


def _build(cls: type[Any], values: Mapping[str, Any], at: str, name: str) -> Any:
    hints = typing.get_type_hints(cls)
    known = [f.name for f in fields(cls)]
    made = {}
    for key, value in values.items():
        dotted = f"{at}.{key}" if at else key
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
            raise InputError(f"{name} : clé « {dotted} » inconnue.{hint} Clés acceptées ici : {', '.join(known)}.")
        made[key] = read_value(hints[key], value, dotted, name)
    return cls(**made)


def read_value(hint: Any, value: Any, at: str, name: str) -> Any:
    """A value as its type wants it; raises ``InputError`` that says which key, in which file."""
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise InputError(f"{name} : clé « {at} » : une table [{at}] est attendue.")
        return _build(hint, value, at, name)  # type: ignore[arg-type]
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise InputError(f"{name} : clé « {at} » : une liste est attendue.")
        return tuple(read_value(arguments[0], item, at, name) for item in value)
    wanted = next((a for a in arguments if a is not type(None)), hint)
    if wanted is Decimal and type(value) in (int, str, Decimal):
        return _decimal(value, at, name)
    if type(value) is not wanted:
        words = {str: "un texte entre guillemets", int: "un nombre entier", bool: "true ou false", date: "une date AAAA-MM-JJ"}
        raise InputError(f"{name} : clé « {at} » : {words.get(wanted, 'un montant')} est attendu, pas {value!r}.")
    return value


def _decimal(value: Any, at: str, name: str) -> Decimal:
    try:
        amount = Decimal(value)
    except ArithmeticError:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise InputError(f"{name} : clé « {at} » : un montant comme 3333.33 est attendu, pas {value!r}.")
    return amount
