"""The identity that the DUI declares at the end of a gesture (status, matricule, strict traits)."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.campaign import Geste
from ...core.errors import Inconclusive
from ...core.providers import provider
from .key import MatriculeIns

STATUTS = ("provisoire", "recuperee", "validee", "qualifiee")
AVEC_INS = ("recuperee", "qualifiee")


@dataclass(frozen=True, slots=True)
class DeclaredIdentity:
    """What a gesture observed of an identity. A value is None when the DUI does not declare it, ``""`` when it is empty."""

    geste: str
    statut: str | None
    matricule: str | None
    oid: str | None
    nom: str | None
    prenoms: tuple[str, ...] | None
    sexe: str | None
    date: str | None
    lieu: str | None
    alerte: str
    historique: tuple[str, ...] | None = None

    @property
    def ins(self) -> MatriculeIns | None:
        """The matricule declared with its key (15 characters), or None (a DUI may declare the 13 characters alone)."""
        if not self.matricule or len(self.matricule) <= 13:
            return None
        return MatriculeIns(self.matricule[:13], self.matricule[13:], self.oid or "", at=f"{self.geste}, observation matricule")


@provider
def _declared(geste: Geste) -> DeclaredIdentity:
    if geste.resultat is None:
        raise Inconclusive("le geste n'est pas terminé")
    said = dict(geste.resultat.observations)
    identity = DeclaredIdentity(
        geste=geste.id,
        statut=_text(said.get("statut")),
        matricule=_compact(said.get("matricule")),
        oid=_text(said.get("oid")),
        nom=_text(said.get("nom_naissance")),
        prenoms=_names(said.get("prenoms")),
        sexe=_text(said.get("sexe")),
        date=_text(said.get("date_naissance")),
        lieu=_text(said.get("lieu_naissance")),
        alerte=" ".join(filter(None, (_text(said.get("alerte")), geste.resultat.message))),
        historique=_names(said.get("historique")),
    )
    if identity.statut is None and identity.matricule is None:
        raise Inconclusive("le DUI ne déclare ni statut ni matricule à la fin de ce geste")
    return identity


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip()


def _compact(value: object) -> str | None:
    """A matricule may be declared as screens show it, in groups."""
    return None if value is None else "".join(str(value).split())


def _names(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else None


@provider
def _carried(identity: DeclaredIdentity) -> MatriculeIns:
    if identity.ins is None:
        raise Inconclusive("l'identité déclarée n'a pas de matricule avec sa clé")
    return identity.ins
