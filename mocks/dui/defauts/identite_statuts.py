"""Defects of the identities: statuses, attributes, locked traits, history, homonyms, third parties, search, propagation."""

from __future__ import annotations

from functools import partial
from typing import Any

from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

STRICTS = frozenset({"nom_naissance", "prenoms", "sexe", "date_naissance", "lieu_naissance"})
_INS01 = ("INS-01",)
_INS08 = ("INS-08",)
_INS10 = ("INS-10",)
_INS11 = ("INS-11",)
_INS12 = ("INS-12",)
_INS21 = ("INS-21",)
_INS23 = ("INS-23",)

defaut = partial(registre.defaut, theme="identite-statuts")


def _dossiers(
    nom: str, description: str, check: str, exigences: tuple[str, ...], effet: str = NON_CONFORME, **valeurs: Any
) -> None:
    """A defect of what the records keep."""
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"dossiers": valeurs})


defaut(
    "identite-jour-inconnu-integre",
    "enregistre une identité dont INSi rend le jour de naissance 00",
    check="insi.lunar-not-integrated",
    exigences=("INS-09",),
    regles={"ins": {"refuse_le_jour_inconnu": False}},
)
_dossiers(
    "identite-doute-leve-validee",
    "rend le statut validée à une identité dont le doute est levé, sans nouveau contrôle",
    "observe.statut",
    ("INS-08", "INS-07"),
    doute_leve_reste_provisoire=False,
)
_dossiers(
    "identite-fictive-et-douteuse",
    "laisse combiner l'attribut « fictive » avec un autre",
    "ins.attributes-combine",
    _INS08,
    fictive_reste_seule=False,
)
_dossiers(
    "identite-douteuse-encore-diffusee",
    "transmet l'INS d'une identité qualifiée puis marquée douteuse",
    "ins.no-matricule-for-unqualified",
    ("INS-13",),
    douteuse_exclut_la_diffusion=False,
)
_dossiers(
    "identite-traits-modifiables",
    "laisse modifier le nom de naissance d'une identité qualifiée",
    "ins.strict-traits-locked",
    _INS10,
    traits_verrouilles=STRICTS - {"nom_naissance"},
)
_dossiers(
    "identite-lieu-modifiable",
    "laisse modifier le lieu de naissance d'une identité qualifiée",
    "ins.strict-traits-locked",
    _INS10,
    traits_verrouilles=STRICTS - {"lieu_naissance"},
)
_dossiers(
    "identite-date-modifiable",
    "laisse modifier la date de naissance d'une identité qualifiée",
    "ins.strict-traits-locked",
    _INS10,
    traits_verrouilles=STRICTS - {"date_naissance"},
)
_dossiers(
    "identite-nom-utilise-verrouille",
    "verrouille aussi le nom utilisé d'une identité qualifiée",
    "ins.used-name-editable",
    _INS10,
    utilises_modifiables=False,
)
_dossiers(
    "identite-historique-perdu",
    "ne garde pas les matricules antérieurs que rend INSi",
    "insi.history-kept",
    _INS01,
    garde_l_historique=False,
)
_dossiers(
    "identite-oid-fige",
    "enregistre l'OID de production à la place de celui qu'INSi rend",
    "insi.traits-as-returned",
    _INS01,
    oid_rendu=False,
)
_dossiers(
    "identite-lieu-local-garde",
    "garde son code du lieu de naissance à la place de celui d'INSi",
    "insi.traits-as-returned",
    ("INS-01", "INS-18"),
    lieu_rendu=False,
)
_dossiers(
    "identite-prenom-sans-alerte",
    "n'avertit pas quand le premier prénom saisi n'ouvre pas la liste d'INSi",
    "insi.first-name-alert",
    _INS10,
    alerte_si_premier_prenom_differe=False,
)
_dossiers(
    "identite-homonymes-confondus",
    "enregistre l'INS d'un homonyme dans le dossier de l'autre",
    "ins.homonyms-apart",
    ("INS-07",),
    separe_les_homonymes=False,
)
_dossiers(
    "identite-recue-qualifiee",
    "tient pour qualifiée une identité sur la seule parole d'un autre domaine",
    "ins.third-party-not-qualified",
    _INS23,
    requalifie_localement=False,
)
_dossiers(
    "identite-recue-refusee-avec-matricule",
    "garde le matricule d'une identité reçue qu'INSi refuse",
    "ins.third-party-ko-not-stored",
    _INS11,
    AVERTISSEMENT,
    cree_sans_matricule_si_ko=False,
)
_dossiers(
    "identite-recue-refusee-en-silence",
    "n'alerte pas l'utilisateur quand INSi refuse une identité reçue",
    "ins.third-party-ko-alerts",
    _INS12,
    AVERTISSEMENT,
    alerte_si_ko=False,
)
_dossiers(
    "identite-recue-refusee-integree",
    "intègre sans intervention une identité reçue qu'INSi refuse",
    "ins.third-party-ko-not-integrated",
    _INS12,
    AVERTISSEMENT,
    n_integre_pas_si_ko=False,
)
_dossiers(
    "identite-existante-mise-a-jour",
    "met à jour l'identité d'un usager connu avec celle qu'INSi refuse",
    "ins.third-party-ko-leaves-existing",
    _INS11,
    AVERTISSEMENT,
    laisse_l_existante_si_ko=False,
)
_dossiers(
    "identite-doublon-par-matricule",
    "ouvre un second dossier pour une identité reçue de même matricule",
    "ins.third-party-matched",
    _INS23,
    rapproche_par_matricule=False,
)
_dossiers(
    "identite-recherche-sensible-aux-signes",
    "ne retrouve pas un dossier si les apostrophes et les espaces diffèrent",
    "ins.record-found",
    _INS21,
    cherche_sans_accents=False,
)
_dossiers(
    "identite-recherche-sans-matricule",
    "ne retrouve pas un dossier par son matricule",
    "ins.record-found",
    _INS21,
    cherche_par_matricule=False,
)
_dossiers(
    "identite-recherche-nom-entier",
    "ne retrouve un dossier que par le nom entier",
    "ins.record-found",
    _INS21,
    cherche_par_debut_de_nom=False,
)
