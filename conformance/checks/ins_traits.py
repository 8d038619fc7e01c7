"""What a call to INSi asks: the traits searched, the card data, the identity verified."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.ins.request import (
    LOTS,
    NS_RECSANS,
    NS_RECVIT,
    RECHERCHE_TRAITS,
    VERIFICATION,
    InsRequest,
)
from ..validation.ins.traits import (
    Fault,
    cog_prefix_fault,
    first_name_fault,
    folded,
    is_cog,
    is_date_shape,
    name_fault,
    normalise,
)
from ..validation.xml import local_name
from .registry import check

_ORDER = ("NomNaissance", "Prenom", "Sexe", "DateNaissance", "LieuNaissance")
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@check("insi.payload-structure", covers=("INS-01",), source="schémas INSi_RECSANS_INS et INSi_RECVITALE_INS", confidence="vu")
def payload_follows_the_schema(request: InsRequest) -> Evidence:
    """Le corps suit le schéma de l'opération : espace de noms, éléments connus, dans l'ordre."""
    if request.operation == VERIFICATION or request.operation in LOTS:
        raise Inconclusive("le schéma de la vérification n'est pas connu (opération provisoire)")
    namespace = NS_RECSANS if request.operation == RECHERCHE_TRAITS else NS_RECVIT
    strangers = [
        str(e.tag) for e in request.payload.iter() if isinstance(e.tag, str) and not e.tag.startswith(f"{{{namespace}}}")
    ]
    names = [local_name(e) for e in request.payload if isinstance(e.tag, str)]
    order = (
        _ORDER
        if request.operation == RECHERCHE_TRAITS
        else ("MatriculeIndividu", "MatriculeOD", "NomNaissance", "DateNaissance", "RangNaissance")
    )
    ranks = [order.index(n) if n in order else -1 for n in names]
    repeated = {n for n in names if names.count(n) > 1} - {"Prenom"}
    if strangers or repeated or -1 in ranks or ranks != sorted(ranks):
        raise CheckFailed(
            "Corps contraire au schéma de l'opération",
            expected=f"{', '.join(order)}, dans cet ordre, espace de noms {namespace}",
            received=", ".join(strangers or names) or "aucun élément",
            at=request.at,
            hint="Sérialiser le corps dans l'ordre du schéma, Prenom seul étant répétable.",
        )
    return Evidence(at=request.at)


@check("insi.traits-complete", covers=("INS-01",), source="INS-01 ; WS_INS2", confidence="vu")
def search_carries_the_mandatory_traits(request: InsRequest) -> Evidence:
    """La recherche par traits transmet le nom de naissance, au moins un prénom, le sexe et la date de naissance."""
    _only(request, RECHERCHE_TRAITS)
    values = {
        "NomNaissance": request.nom,
        "Prenom": "".join(request.prenoms),
        "Sexe": request.sexe,
        "DateNaissance": request.date,
    }
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise CheckFailed(
            "Trait absent de la recherche",
            expected=", ".join(values),
            received=f"manque {', '.join(missing)}",
            at=request.at,
            hint="Refuser l'appel tant qu'un trait obligatoire manque dans l'identité locale.",
        )
    return Evidence(at=request.at)


@check("insi.name-lexical", covers=("INS-01",), source="EF_INS01_03, EF_INS10_01 (profil lexical INSi)", confidence="vu")
def birth_name_follows_the_lexical_profile(request: InsRequest) -> Evidence:
    """Le nom de naissance n'a que des lettres A à Z, espaces, apostrophes et tirets, selon le profil lexical d'INSi."""
    _refuse(name_fault(request.nom), "Le nom de naissance", request.nom, request.trait_at("NomNaissance"))
    return Evidence(at=request.trait_at("NomNaissance"))


@check("insi.first-name-lexical", covers=("INS-01",), source="EF_INS01_03, EF_INS10_02 (profil lexical INSi)", confidence="vu")
def first_names_follow_the_lexical_profile(request: InsRequest) -> Evidence:
    """Chaque prénom n'a que des lettres A à Z, espaces, apostrophes et tirets, sans double tiret ni tiret final."""
    if not request.prenoms:
        raise Inconclusive("aucun prénom dans cet appel")
    for text in request.prenoms:
        _refuse(first_name_fault(text.replace(",", "").replace(";", "")), "Le prénom", text, request.trait_at("Prenom"))
    return Evidence(at=request.trait_at("Prenom"), fired=len(request.prenoms))


@check("insi.one-first-name-per-element", covers=("INS-01",), source="WS_INS2, Prenom 0..n", confidence="vu")
def each_element_holds_one_first_name(request: InsRequest) -> Evidence:
    """Chaque élément Prenom contient un seul prénom, jamais une liste."""
    if not request.prenoms:
        raise Inconclusive("aucun prénom dans cet appel")
    for text in request.prenoms:
        if re.search(r"[,;/|]", text):
            raise CheckFailed(
                "Liste de prénoms dans un seul élément",
                expected=f"{len(re.split(r'[,;/|]', text))} éléments Prenom",
                received=text,
                at=request.trait_at("Prenom"),
                hint="Écrire un élément <Prenom> par prénom.",
            )
    return Evidence(at=request.trait_at("Prenom"), fired=len(request.prenoms))


@check("insi.sex-code", covers=("INS-01",), source="WS_INS2, CodSexe ; EF_INS25_04", confidence="vu")
def sex_is_m_or_f(request: InsRequest) -> Evidence:
    """Le sexe transmis est M ou F."""
    if not request.sexe:
        raise Inconclusive("aucun sexe dans cet appel")
    if request.sexe not in ("M", "F"):
        raise CheckFailed(
            "Code de sexe inconnu d'INSi",
            expected="M ou F",
            received=request.sexe,
            at=request.trait_at("Sexe"),
            hint="Ne pas appeler INSi pour un sexe indéterminé, ni transmettre 1, 2, H ou I.",
        )
    return Evidence(at=request.trait_at("Sexe"))


@check("insi.birth-date-format", covers=("INS-01",), source="WS_INS2, DateLunaire", confidence="vu")
def birth_date_is_iso(request: InsRequest) -> Evidence:
    """La date de naissance est écrite AAAA-MM-JJ."""
    if not request.date:
        raise Inconclusive("aucune date de naissance dans cet appel")
    if not is_date_shape(request.date):
        raise CheckFailed(
            "Date de naissance mal formée",
            expected="AAAA-MM-JJ",
            received=request.date,
            at=request.trait_at("DateNaissance"),
            hint="Écrire la date au format ISO, sans heure ni fuseau.",
        )
    return Evidence(at=request.trait_at("DateNaissance"))


@check("insi.birth-place-format", covers=("INS-01",), source="WS_INS2, COG", confidence="vu")
def birth_place_is_a_cog_code(request: InsRequest) -> Evidence:
    """Le lieu de naissance, s'il est transmis, est un code officiel géographique de cinq caractères."""
    if request.lieu is None:
        return Evidence(at=request.at, note="lieu de naissance non transmis (facultatif)")
    if not is_cog(request.lieu):
        raise CheckFailed(
            "Lieu de naissance qui n'est pas un code COG",
            expected="5 caractères : commune INSEE (2A/2B en Corse) ou 99xxx pour un pays",
            received=request.lieu or "vide",
            at=request.trait_at("LieuNaissance"),
            hint="Transmettre le code INSEE (commune ou pays), pas le code postal ni le libellé ; sans lui, omettre l'élément.",
        )
    return Evidence(at=request.trait_at("LieuNaissance"))


@check("insi.birth-place-plausible", covers=("INS-18",), source="INSEE, code officiel géographique", confidence="secondaire")
def birth_place_may_be_a_place(request: InsRequest) -> Evidence:
    """Le code du lieu de naissance désigne un département, une collectivité ou un pays qui peut exister."""
    if not request.lieu or not is_cog(request.lieu):
        return Evidence(at=request.at, note="aucun code de lieu de naissance bien formé dans cet appel")
    fault = cog_prefix_fault(request.lieu)
    if fault:
        raise CheckFailed(
            "Code de lieu de naissance de personne",
            expected="une commune (2A ou 2B en Corse), une collectivité, ou un pays 99xxx",
            received=f"{request.lieu} : {fault}",
            at=request.trait_at("LieuNaissance"),
            hint="Prendre le code INSEE du lieu ; charger le COG (packs add) fait juger aussi qu'il existait à la naissance.",
        )
    return Evidence(at=request.trait_at("LieuNaissance"), note=request.lieu)


@check("insi.transliteration", covers=("INS-01",), source="EF_INS01_03 (translittération)", confidence="vu")
def signs_are_transliterated(request: InsRequest, usager: Usager) -> Evidence:
    """Les lettres accentuées et les ligatures sont transcrites (É en E, Ç en C, Œ en OE), jamais supprimées."""
    _only(request, RECHERCHE_TRAITS)
    pairs = [("NomNaissance", usager.nom_naissance, request.nom)]
    pairs += [("Prenom", p, s) for p, s in zip(usager.prenoms, request.prenoms, strict=False)] if len(request.prenoms) > 1 else []
    if len(request.prenoms) == 1 and folded(request.prenoms[0]) not in map(folded, usager.prenoms):
        pairs.append(("Prenom", usager.prenoms[0], request.prenoms[0]))
    if all(local == normalise(local) for local in (usager.nom_naissance, *usager.prenoms)):
        raise Inconclusive("aucun signe à transcrire dans cette identité")
    for element, local, sent in pairs:
        if folded(sent) != folded(local):
            raise CheckFailed(
                f"{element} mal transcrit",
                expected=normalise(local),
                received=sent or "absent",
                at=request.trait_at(element),
                hint="Décomposer les accents et remplacer les ligatures (Œ, Æ) par leurs deux lettres.",
            )
    return Evidence(at=request.at, fired=len(pairs))


def _only(request: InsRequest, operation: str) -> None:
    if request.operation != operation:
        raise Inconclusive("cet appel est d'une autre opération")


def _refuse(fault: Fault | None, what: str, text: str, at: str) -> None:
    if fault is not None:
        raise CheckFailed(
            f"{what} {fault.message}",
            expected=fault.expected,
            received=text or "vide",
            at=at,
            hint=f"Transmettre « {normalise(text)} » : capitales, sans accent ni ligature."
            if normalise(text) != text
            else "Reprendre le profil lexical d'INSi.",
        )
