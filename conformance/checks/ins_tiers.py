"""An identity received from a third party: verified, stored without its INS when INSi denies it, never qualified at once."""

from __future__ import annotations

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.ins.identity import DeclaredIdentity
from ..validation.ins.response import InsResponse
from .registry import check


@check("ins.third-party-not-qualified", covers=("INS-23",), source="RNIV, règle 30", confidence="secondaire")
def received_identity_is_qualified_locally(geste: Geste) -> Evidence:
    """Une identité reçue qualifiée d'un autre domaine ne l'est pas ici avant le contrôle local d'une pièce."""
    status = geste.observation("statut")
    if status is None:
        raise Inconclusive("le DUI ne déclare pas le statut de l'identité reçue")
    if status == "qualifiee":
        raise CheckFailed(
            "Identité qualifiée sur la seule parole d'un tiers",
            expected="statut récupérée ou provisoire",
            received="statut qualifiée",
            at=f"{geste.id}, observation statut",
            hint="INSi confirme l'INS, pas la personne : le contrôle d'une pièce se fait dans chaque domaine.",
        )
    return Evidence(at=geste.id, note=f"statut {status}")


@check("ins.third-party-ko-not-stored", covers=("INS-11",), source="RNIV, règle 51", confidence="secondaire")
def denied_identity_is_created_without_matricule(response: InsResponse, geste: Geste) -> Evidence:
    """Une identité reçue dont INSi refuse l'INS est créée sans matricule."""
    _denied(response)
    matricule, status = geste.observation("matricule"), geste.observation("statut")
    if matricule is None and status is None:
        raise Inconclusive("le DUI ne déclare ni matricule ni statut")
    if matricule or status in ("recuperee", "qualifiee"):
        raise CheckFailed(
            "INS refusée par INSi enregistrée",
            expected="matricule vide, statut provisoire (ou validée)",
            received=f"matricule {'présent' if matricule else 'vide'}, statut {status}",
            at=f"{geste.id}, observations matricule et statut",
            hint="Sur un KO, garder les traits et laisser le matricule et l'OID vides.",
        )
    return Evidence(at=geste.id)


@check("ins.third-party-ko-alerts", covers=("INS-12",), source="RNIV, règle 55", confidence="secondaire")
def denied_identity_is_signalled(response: InsResponse, geste: Geste) -> Evidence:
    """Sur un KO, l'utilisateur est alerté."""
    _denied(response)
    if geste.observation("alerte") is None and geste.resultat is not None and not geste.resultat.message:
        raise Inconclusive("le DUI ne déclare pas d'alerte : à constater à l'écran")
    if not (geste.observation("alerte") or (geste.resultat and geste.resultat.message)):
        raise CheckFailed(
            "KO d'INSi sans alerte",
            expected="un message qui dit que l'INS reçue n'est pas confirmée",
            received="aucun message",
            at=f"{geste.id}, observation alerte",
            hint="Mettre l'identité dans la file de celles à traiter, et le dire.",
        )
    return Evidence(at=geste.id)


@check("ins.third-party-ko-not-integrated", covers=("INS-12",), source="RNIV, règle 55", confidence="secondaire")
def denied_data_is_not_integrated(response: InsResponse, geste: Geste) -> Evidence:
    """Sur un KO, la donnée reçue n'est pas intégrée automatiquement."""
    _denied(response)
    integrated = geste.observation("integree")
    if integrated is None:
        raise Inconclusive("le DUI ne dit pas si la donnée a été intégrée")
    if integrated is True:
        raise CheckFailed(
            "Donnée intégrée malgré le KO d'INSi",
            expected="une intégration laissée à l'utilisateur",
            received="integree = vrai",
            at=f"{geste.id}, observation integree",
            hint="Suspendre l'intégration et la soumettre à un utilisateur.",
        )
    return Evidence(at=geste.id)


@check("ins.third-party-ko-leaves-existing", covers=("INS-11",), source="RNIV, règle 51", confidence="secondaire")
def existing_identity_is_not_updated_after_ko(
    response: InsResponse, before: DeclaredIdentity, after: DeclaredIdentity
) -> Evidence:
    """Sur un KO, l'identité qui existait n'est pas mise à jour par celle qui a été reçue."""
    _denied(response)
    if _values(before) != _values(after):
        raise CheckFailed(
            "Identité existante modifiée par une identité que refuse INSi",
            expected=f"statut {before.statut}, matricule {'présent' if before.matricule else 'vide'}",
            received=f"statut {after.statut}, matricule {'présent' if after.matricule else 'vide'}",
            at=after.geste,
            hint="Comparer d'abord la réponse d'INSi, ne toucher à l'existant qu'après un OK.",
        )
    return Evidence(at=after.geste)


@check("ins.third-party-matched", covers=("INS-23",), source="RNIV, règles 17 et 30", confidence="secondaire")
def received_identity_joins_its_record(geste: Geste, usager: Usager) -> Evidence:
    """Une identité reçue d'un usager déjà connu rejoint son dossier, sans doublon."""
    record = geste.observation("dossier")
    if record is None:
        raise Inconclusive("le DUI ne dit pas quel dossier tient l'identité reçue")
    if record != usager.id:
        raise CheckFailed(
            "Doublon : l'identité reçue n'a pas rejoint le dossier de l'usager",
            expected=f"le dossier {usager.id}",
            received=str(record) or "aucun dossier",
            at=f"{geste.id}, observation dossier",
            hint="Chercher d'abord par matricule, actif ou antérieur, puis par les traits stricts.",
        )
    return Evidence(at=geste.id)


def _denied(response: InsResponse) -> None:
    if response.verification != "KO":
        raise Inconclusive("INSi n'a pas répondu KO")


def _values(identity: DeclaredIdentity) -> tuple[object, ...]:
    return (identity.statut, identity.matricule, identity.nom, identity.prenoms, identity.sexe, identity.date, identity.lieu)
