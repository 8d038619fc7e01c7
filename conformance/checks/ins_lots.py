"""The verification of many INS at once (provisoire): what the lot holds, and what becomes of each answer."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.ins.identity import AVEC_INS, DeclaredIdentity
from ..validation.ins.lot import EN_COURS, TERMINE, InsLot, LotAnswer
from ..validation.ins.request import CERTIFICAT, InsRequest
from .registry import check

KIT = "kit INSi, IndividuVerifie (opération provisoire)"


@check("insi.lot-complete", covers=("INS-04",), source=KIT, confidence="vu")
def each_identity_of_the_lot_is_whole(lot: InsLot) -> Evidence:
    """Chaque identité d'un lot porte le matricule, sa clé, son OID et les cinq traits."""
    _deposit(lot)
    for rank, row in enumerate(lot.rows, 1):
        values = {
            "NumIdentifiant": row.ins.matricule if row.ins else "",
            "Cle": row.ins.cle if row.ins else "",
            "OID": row.ins.oid if row.ins else "",
            "NomNaissance": row.nom,
            "Prenom": " ".join(row.prenoms),
            "Sexe": row.sexe,
            "DateNaissance": row.date,
            "LieuNaissance": row.lieu,
        }
        missing = [name for name, value in values.items() if not value]
        if missing:
            raise CheckFailed(
                "Identité incomplète dans le lot",
                expected=", ".join(values),
                received=f"identité {rank} : manque {', '.join(missing)}",
                at=row.at,
                hint="Ne jamais transmettre un matricule sans son OID et les cinq traits.",
            )
    return Evidence(at=lot.at, fired=len(lot.rows))


@check("insi.lot-references", covers=("INS-04",), source="appariement des réponses (déduit)", confidence="infere")
def references_tell_the_identities_apart(lot: InsLot) -> Evidence:
    """Chaque identité d'un lot a une référence qui n'est qu'à elle."""
    _deposit(lot)
    names = [row.reference for row in lot.rows]
    repeated = next((n for n in names if not n or names.count(n) > 1), None)
    if repeated is not None:
        raise CheckFailed(
            "Référence absente ou répétée dans le lot",
            expected=f"{len(names)} références différentes",
            received=f"« {repeated} » {names.count(repeated)} fois" if repeated else "une identité sans référence",
            at=f"{lot.at}, attribut Reference",
            hint="La réponse nomme chaque identité par sa référence : prendre l'identifiant local du dossier.",
        )
    return Evidence(at=lot.at, fired=len(names))


@check(
    "insi.lot-certificate",
    covers=("INS-04",),
    source="INSI-AUTO pour un traitement sans utilisateur (déduit)",
    confidence="infere",
)
def lot_leaves_by_the_automatic_certificate(request: InsRequest) -> Evidence:
    """Un lot, qu'aucun utilisateur n'attend, part avec le certificat INSI-AUTO."""
    if request.mode != CERTIFICAT:
        raise Inconclusive("ce lot n'est pas authentifié par un certificat d'organisation")
    if request.cn != "INSI-AUTO":
        raise CheckFailed(
            "Lot envoyé avec le certificat des appels d'un utilisateur",
            expected="CN=INSI-AUTO",
            received=f"CN={request.cn}",
            at="certificat client TLS, sujet, CN",
            hint="INSI-MANU sert aux appels qu'un utilisateur déclenche, INSI-AUTO aux traitements.",
        )
    return Evidence(at="certificat client TLS")


@check("insi.lot-without-suspects", covers=("INS-08", "INS-04"), source="RNIV, règle 25", confidence="secondaire")
def no_suspect_identity_is_in_the_lot(lot: InsLot, usager: Usager) -> Evidence:
    """Une identité douteuse ou fictive n'est dans aucun lot."""
    _deposit(lot)
    found = next(
        (r for r in lot.rows if r.ins is not None and r.ins.matricule in (usager.matricule, usager.matricule_insi)), None
    )
    if found is not None:
        raise CheckFailed(
            "Identité douteuse ou fictive envoyée dans un lot",
            expected="un lot sans cette identité",
            received=f"référence {found.reference}",
            at=found.at,
            hint="L'appel à INSi est bloqué pour ces identités, à l'unité comme en masse.",
        )
    return Evidence(at=lot.at, fired=len(lot.rows))


@check("insi.lot-pending", covers=("INS-04",), source="résultat différé d'un lot (opération provisoire)", confidence="infere")
def pending_lot_is_not_taken_as_done(answer: LotAnswer, geste: Geste) -> Evidence:
    """Tant que le lot est en cours, le DUI ne montre aucune réponse."""
    if answer.etat != EN_COURS:
        raise Inconclusive("le lot n'était pas en cours")
    shown = geste.observation("reponses")
    if shown is None:
        raise Inconclusive("le DUI ne déclare pas les réponses du lot")
    if shown:
        raise CheckFailed(
            "Réponses montrées alors que le lot est en cours",
            expected="aucune réponse",
            received=", ".join(sorted(set(map(str, dict(shown).values())))),
            at=f"{geste.id}, observation reponses",
            hint="Un lot en cours n'a ni OK ni KO : redemander le résultat plus tard.",
        )
    return Evidence(at=geste.id)


@check(
    "insi.lot-understood",
    covers=("INS-04",),
    source="réponses d'un lot, par référence (opération provisoire)",
    confidence="infere",
)
def answers_are_given_to_the_right_identities(
    lot: InsLot, answer: LotAnswer, geste: Geste, usagers: Sequence[Usager]
) -> Evidence:
    """Chaque réponse d'un lot va à l'identité que nomme sa référence."""
    if answer.etat != TERMINE:
        raise Inconclusive("le lot n'est pas terminé")
    shown = geste.observation("reponses")
    if not isinstance(shown, dict):
        raise Inconclusive("le DUI ne déclare pas les réponses du lot")
    by_matricule = {r.ins.matricule: answer.reponses.get(r.reference, "") for r in lot.rows if r.ins is not None}
    for usager in usagers:
        expected = by_matricule.get(usager.matricule, "")
        if expected and shown.get(usager.id) != expected:
            raise CheckFailed(
                "Réponse d'un lot donnée à une autre identité",
                expected=f"{usager.id} : {expected}",
                received=f"{usager.id} : {shown.get(usager.id) or 'aucune réponse'}",
                at=f"{geste.id}, observation reponses",
                hint="Rapprocher les réponses par leur référence, jamais par leur rang.",
            )
    return Evidence(at=geste.id, fired=len(by_matricule))


@check("insi.lot-applied", covers=("INS-04", "INS-11"), source="RNIV, règle 49", confidence="secondaire")
def denied_ins_of_a_lot_is_invalidated(lot: InsLot, answer: LotAnswer, usager: Usager, identity: DeclaredIdentity) -> Evidence:
    """L'INS refusée dans un lot est invalidée comme à l'unité."""
    refused = {r.ins.matricule for r in lot.rows if r.ins is not None and answer.reponses.get(r.reference) == "KO"}
    if usager.matricule not in refused:
        raise Inconclusive("le lot n'a pas répondu KO pour cet usager")
    if identity.statut in AVEC_INS or identity.matricule:
        raise CheckFailed(
            "INS conservée après un KO de la vérification en masse",
            expected="statut provisoire ou validée, matricule vide",
            received=f"statut {identity.statut or 'non déclaré'}, matricule {'présent' if identity.matricule else 'absent'}",
            at=identity.geste,
            hint="Appliquer le KO d'un lot comme celui d'une vérification à l'unité, et le signaler.",
        )
    return Evidence(at=identity.geste, note="INS invalidée")


def _deposit(lot: InsLot) -> None:
    if not lot.rows:
        raise Inconclusive("cet appel ne dépose aucune identité")
