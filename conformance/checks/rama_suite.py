"""The RAMA over several exchanges: retries, corrections, the file beside the deposit, the acknowledgement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..validation.sidoba.appel import AppelSidoba
from ..validation.sidoba.rama import RamaDepot, RamaFichier
from .rama import CADRE
from .registry import check
from .sidoba import CONTRAT

FINAUX = ("ACCEPTE", "REJETE")
LECTURES = 10


@check("rama.renvoi", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def retry_is_the_same_deposit(depots: Sequence[RamaDepot]) -> Evidence:
    """Un nouvel essai reprend la même clé d'idempotence et le même contenu : rien n'est compté deux fois."""
    if len(depots) < 2:
        raise Inconclusive("un seul dépôt : rien n'a été essayé de nouveau")
    first, last = depots[0], depots[-1]
    if (first.idempotence, first.sha256) != (last.idempotence, last.sha256):
        what = "une autre clé" if first.idempotence != last.idempotence else "un autre contenu"
        raise CheckFailed(
            "Nouvel essai qui passe pour un autre dépôt",
            expected="la même clé d'idempotence et les mêmes octets",
            received=what,
            at=last.id,
            hint="Garder le dépôt et sa clé jusqu'à ce qu'une réponse soit lue.",
        )
    return Evidence(at=last.id)


@check("rama.rectificatif", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def correction_says_so(depots: Sequence[RamaDepot]) -> Evidence:
    """Une correction est un dépôt RECTIFICATIF, sous une nouvelle clé d'idempotence."""
    if len(depots) < 2:
        raise Inconclusive("un seul dépôt : aucune correction")
    first, last = depots[0], depots[-1]
    if last.text("typeTransmission") != "RECTIFICATIF":
        raise CheckFailed(
            "Correction présentée comme un premier dépôt",
            expected="typeTransmission RECTIFICATIF",
            received=last.text("typeTransmission") or "absent",
            at="typeTransmission",
            hint="Après un dépôt reçu, toute nouvelle version de l'exercice est rectificative.",
        )
    if last.idempotence == first.idempotence:
        raise CheckFailed(
            "Correction sous la clé du dépôt corrigé",
            expected="une nouvelle clé d'idempotence",
            received="la même",
            at="en-tête Idempotency-Key",
            hint="Une clé nomme un contenu : la correction en a une autre.",
        )
    return Evidence(at="typeTransmission", fired=2)


@check("rama.correction", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def corrected_value_is_sent(geste: Geste, depots: Sequence[RamaDepot]) -> Evidence:
    """La correction porte la valeur corrigée."""
    champ, valeur = str(geste.gesture.arguments().get("champ")), str(geste.gesture.arguments().get("valeur"))
    sent = depots[-1].donnees.values.get(champ)
    if sent != valeur:
        raise CheckFailed(
            "Valeur corrigée absente du renvoi",
            expected=f"{champ} = {valeur}",
            received=str(sent),
            at=depots[-1].donnees.at(champ),
            hint="Relire les données au moment du renvoi.",
        )
    return Evidence(at=depots[-1].id)


@check("rama.memes-donnees", covers=("RAMA-03", "RAMA-01"), source=CADRE, confidence="infere")
def file_and_deposit_say_the_same(fichier: RamaFichier, depot: RamaDepot) -> Evidence:
    """Le fichier à déposer et l'envoi par l'API portent les mêmes clés et les mêmes valeurs."""
    filed, sent = fichier.donnees.values, depot.donnees.values
    differing = sorted(cle for cle in filed.keys() | sent.keys() if filed.get(cle) != sent.get(cle))
    if differing:
        cle = differing[0]
        raise CheckFailed(
            "Le fichier et l'API ne disent pas la même chose",
            expected=f"{cle} = {filed.get(cle, 'absente')} (fichier)",
            received=f"{sent.get(cle, 'absente')} (API)",
            at=depot.donnees.at(cle),
            hint="Produire les deux à partir des mêmes données.",
        )
    return Evidence(at=depot.id, fired=max(1, len(sent)))


@check("rama.accuse-lu", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def acknowledgement_is_read_to_its_end(echanges: Sequence[Exchange]) -> Evidence:
    """L'accusé d'un dépôt est lu jusqu'à ce qu'il soit accepté ou rejeté."""
    deposits = [e for e in echanges if e.kind == "sidoba.rama" and e.facts.get("depot")]
    if not deposits:
        raise Inconclusive("aucun dépôt reçu")
    number_ = deposits[-1].facts["depot"]
    said = [str(s) for s in _statuses(echanges, str(number_))]
    if not said or said[-1] not in FINAUX:
        raise CheckFailed(
            "Accusé de dépôt non lu jusqu'au bout",
            expected="des lectures jusqu'à ACCEPTE ou REJETE",
            received=", ".join(said) or "aucune lecture",
            at=deposits[-1].id,
            hint="Lire GET …/depots/{id}, dont l'adresse est dans Location, à intervalles, jusqu'au statut final.",
        )
    return Evidence(at=deposits[-1].id, note=said[-1], fired=len(said))


def _statuses(echanges: Iterable[Exchange], depot: str) -> list[object]:
    return [
        e.facts["statut"] for e in echanges if e.kind == "sidoba.accuse" and e.facts.get("depot") == depot and "statut" in e.facts
    ]


@check("rama.accuse-borne", covers=("RAMA-03",), source=CONTRAT, confidence="infere")
def acknowledgement_is_not_asked_for_ever(appels: Sequence[AppelSidoba]) -> Evidence:
    """Un accusé qui tarde n'est pas redemandé sans fin : dix lectures au plus pour un geste."""
    reads = [a for a in appels if a.kind == "sidoba.accuse"]
    if not reads:
        raise Inconclusive("aucune lecture d'accusé")
    if len(reads) > LECTURES:
        raise CheckFailed(
            "Accusé redemandé sans fin",
            expected="dix lectures au plus, puis plus tard",
            received=f"{len(reads)} lectures",
            at=reads[0].id,
            hint="Espacer les lectures et laisser l'utilisateur revenir.",
        )
    return Evidence(at=reads[0].id, note=f"{len(reads)} lecture(s)")
