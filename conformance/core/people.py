"""The people of a campaign, as the DUI under test and the services know them. Always fictional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Usager:
    """A fictional usager.

    ``id`` is the handle that gestures use. ``date_naissance`` is ISO (``1960-05-15``), lunar values allowed.
    ``matricule`` is the 13-character number without its 2-digit ``cle``; both are ``""`` when the local identity
    holds none. ``statut`` is the local identity status at the start (provisoire, recuperee, validee, qualifiee),
    ``attributs`` its attributes (homonyme, douteuse, fictive). ``insi`` and ``dmp`` say how the services know him:
    ``insi`` in {"trouve", "inconnu", "plusieurs", "lunaire", "incomplet", "ko"}, ``dmp`` in {"ouvert", "absent", "ferme"}.
    ``matricule_insi``/``cle_insi``/``oid_insi`` are what INSi returns for him when it finds him.
    """

    id: str
    nom_naissance: str
    prenoms: tuple[str, ...]
    sexe: str
    date_naissance: str
    lieu_naissance: str
    profil: str = "qualifie"
    nom_utilise: str = ""
    prenom_utilise: str = ""
    matricule: str = ""
    cle: str = ""
    oid: str = ""
    statut: str = "qualifiee"
    attributs: tuple[str, ...] = ()
    ipp: str = ""
    insi: str = "trouve"
    matricule_insi: str = ""
    cle_insi: str = ""
    oid_insi: str = ""
    dmp: str = "ouvert"

    @property
    def connu_du_dui(self) -> bool:
        """False for someone of whom the DUI learns from a third party only (profiles ``tiers…``)."""
        return not self.profil.startswith("tiers")

    @property
    def prenom(self) -> str:
        """First of the birth first names."""
        return self.prenoms[0]

    @property
    def ins(self) -> str:
        """The 15 characters (matricule and key), or ``""``."""
        return self.matricule + self.cle

    def as_dict(self) -> dict[str, object]:
        """A JSON object; :meth:`from_dict` reads it back."""
        row = asdict(self)
        row["prenoms"], row["attributs"] = list(self.prenoms), list(self.attributs)
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, object]) -> Usager:
        """The inverse of :meth:`as_dict`; unknown keys are refused by the constructor."""
        values = dict(row)
        values["prenoms"] = tuple(row.get("prenoms", ()))  # type: ignore[arg-type]
        values["attributs"] = tuple(row.get("attributs", ()))  # type: ignore[arg-type]
        return cls(**values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Structure:
    """A fictional structure: ``finess_ej`` and ``finess_eg`` are 9 characters, ``secteur_activite`` is SAxx."""

    id: str
    nom: str
    secteur: str
    finess_ej: str
    finess_eg: str
    secteur_activite: str


@dataclass(frozen=True, slots=True)
class Professionnel:
    """A fictional professional. ``id_nat`` is the national identifier (``8`` + RPPS), ``""`` without RPPS."""

    id: str
    nom: str
    prenom: str
    id_nat: str
    profession: str
    profession_libelle: str
    savoir_faire: str = ""
    savoir_faire_libelle: str = ""
    civilite: str = "M"
    structures: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, object]:
        """A JSON object; :meth:`from_dict` reads it back."""
        row = asdict(self)
        row["structures"] = list(self.structures)
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, object]) -> Professionnel:
        """The inverse of :meth:`as_dict`; unknown keys are refused by the constructor."""
        values = dict(row)
        values["structures"] = tuple(row.get("structures", ()))  # type: ignore[arg-type]
        return cls(**values)  # type: ignore[arg-type]
