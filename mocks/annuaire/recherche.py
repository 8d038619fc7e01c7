"""A search and its pages: criteria applied, inclusions, and the Bundle that answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from ...core.exchange import Reply
from .messages import BASE, PAGES, RANG, Pairs, fhir_reply
from .parametres import INCLUSIONS, RECHERCHES, RESULTAT, Critere, ParametreRefuse, Valeurs, critere
from .ressources import Fiche, fiches
from .state import Etat, Recherche

TAILLE = 50


def chercher(etat: Etat, ressource: str, pairs: Pairs, origine: str) -> Recherche:
    """Apply a search; raises ``ParametreRefuse`` for what the API does not know."""
    criteres, inclusions, taille = _lus(ressource, pairs)
    found = tuple(
        fiche for fiche in fiches()[ressource].values() if all(one.repond(_comparees(etat, fiche, one.nom)) for one in criteres)
    )
    return Recherche(found, tuple(inclusions), taille, f"{origine}{BASE}/{ressource}?{urlencode(pairs)}")


def page(etat: Etat, recherche: Recherche, rang: int, origine: str) -> Reply:
    """One page of a search: ``taille`` resources that answered it and those that come along, with the link to the next."""
    shown = recherche.trouvees[rang : rang + recherche.taille]
    links = [{"relation": "self", "url": recherche.adresse}]
    following = rang + recherche.taille < len(recherche.trouvees)
    if following:
        query = {PAGES: etat.garder(recherche), RANG: rang + recherche.taille, "_count": recherche.taille}
        links.append({"relation": "next", "url": f"{origine}{BASE}?{urlencode(query)}"})
    along = dict.fromkeys(_inclus(shown, recherche.inclusions))
    entries = [_entree(etat, fiche, "match", origine) for fiche in shown]
    entries += [_entree(etat, fiches()[sorte][nom], "include", origine) for sorte, nom in along]
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(recherche.trouvees),
        "link": links,
        **({"entry": entries} if entries else {}),
    }
    given = [*shown, *(fiches()[sorte][nom] for sorte, nom in along)]
    facts = {
        "total": len(recherche.trouvees),
        "rang": rang,
        "suivante": following,
        "adresses": [boite.adresse for fiche in given for boite in fiche.boites if etat.visible(boite)],
    }
    return fhir_reply(bundle, facts=facts)


def ecrite(etat: Etat, fiche: Fiche) -> dict[str, Any]:
    """The FHIR form of a resource, as orders left it."""
    resource = fiche.ecrire(etat.visible)
    return resource | {"active": False} if fiche.id in etat.inactifs else resource


def _comparees(etat: Etat, fiche: Fiche, parametre: str) -> Valeurs:
    if parametre == "active" and fiche.id in etat.inactifs:
        return (("", "false"),)
    return fiche.comparees(parametre, etat.visible)


def _entree(etat: Etat, fiche: Fiche, mode: str, origine: str) -> dict[str, Any]:
    return {"fullUrl": f"{origine}{BASE}/{fiche.nom}", "resource": ecrite(etat, fiche), "search": {"mode": mode}}


def _lus(ressource: str, pairs: Pairs) -> tuple[list[Critere], list[tuple[bool, str]], int]:
    criteres, inclusions, taille = [], [], TAILLE
    for nom, valeur in pairs:
        if nom not in RESULTAT:
            criteres.append(critere(ressource, nom, valeur))
        elif nom in ("_include", "_revinclude"):
            inclusions.append((nom == "_revinclude", _inclusion(ressource, nom, valeur)))
        elif nom == "_count":
            taille = _taille(valeur)
        elif nom == "_format" and "json" not in valeur:
            raise ParametreRefuse(nom, "seul le JSON est servi")
    return criteres, inclusions, taille


def _taille(valeur: str) -> int:
    if not (valeur.isascii() and valeur.isdigit() and len(valeur) <= 6 and int(valeur) > 0):
        raise ParametreRefuse("_count", f"« {valeur[:20]} » n'est pas un nombre de ressources")
    return min(int(valeur), TAILLE)


def _inclusion(ressource: str, nom: str, valeur: str) -> str:
    source = valeur.partition(":")[0]
    fits = source == ressource if nom == "_include" else INCLUSIONS.get(valeur) == ressource
    if valeur not in INCLUSIONS or not fits:
        raise ParametreRefuse(nom, f"« {valeur[:60]} » n'est pas une inclusion possible depuis {ressource}")
    return valeur


def _inclus(shown: Sequence[Fiche], inclusions: Sequence[tuple[bool, str]]) -> Iterator[tuple[str, str]]:
    for reverse, path in inclusions:
        source, parametre = path.split(":")
        if not reverse:
            for fiche in shown:
                for reference in fiche.valeurs.get(parametre, ()):
                    assert isinstance(reference, str)
                    sorte, _, nom = reference.partition("/")
                    if nom in fiches()[sorte]:
                        yield sorte, nom
            continue
        wanted = {fiche.nom for fiche in shown}
        for fiche in fiches()[source].values():
            if any(reference in wanted for reference in fiche.valeurs.get(parametre, ())):
                yield source, fiche.id


def capacites(origine: str) -> dict[str, Any]:
    """The CapabilityStatement."""
    resources = [
        {
            "type": sorte,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchInclude": [path for path in INCLUSIONS if path.startswith(f"{sorte}:")],
            "searchRevInclude": [path for path, target in INCLUSIONS.items() if target == sorte],
            "searchParam": [{"name": nom, "type": _TYPES[kind]} for nom, kind in sorted(parametres.items())],
        }
        for sorte, parametres in RECHERCHES.items()
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-09-15",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "implementation": {"description": "Annuaire Santé simulé (personnes et structures fictives)", "url": f"{origine}{BASE}"},
        "rest": [{"mode": "server", "resource": resources}],
    }


_TYPES = {"texte": "string", "code": "token", "reference": "reference", "date": "date", "id": "token"}
