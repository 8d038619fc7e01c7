"""Defects of the order of a consultation: consent, existence, authorisation, tokens, and what is shown before any click."""

from __future__ import annotations

from functools import partial

from . import registre

defaut = partial(registre.defaut, theme="dmp-parcours")


def _parcours(nom: str, description: str, check: str, exigence: str, **regles: object) -> None:
    defaut(f"parcours-{nom}", description, check=check, exigences=(exigence,), regles={"consultation": regles})


_parcours(
    "sans-consentement",
    "consulte sans qu'aucun choix de l'usager soit enregistré",
    "absent.dmp",
    "DMP-CONS-01",
    exige_consentement=False,
)
_parcours("refus-ignore", "consulte l'usager qui a refusé", "absent.dmp", "DMP-CONS-01", respecte_le_refus=False)
_parcours(
    "avant-consentement",
    "déclare l'autorisation à l'ouverture du dossier, avant le consentement",
    "dmp.parcours.consent-first",
    "DMP-CONS-01",
    declare_avant_consentement=True,
)
_parcours(
    "retrait-ignore", "consulte encore l'usager qui a retiré son accord", "absent.dmp", "DMP-CONS-02", respecte_le_retrait=False
)
_parcours(
    "choix-definitif",
    "n'enregistre pas l'accord donné après un refus",
    "attendu.dmp",
    "DMP-CONS-02",
    accepte_un_nouveau_choix=False,
)
_parcours(
    "autorisation-gardee",
    "ne retire pas l'autorisation au DMP quand l'utilisateur y renonce",
    "attendu.dmp",
    "DMP-CONS-02",
    retire_sur_demande=False,
)
_parcours(
    "hors-equipe-presume",
    "garde pour les consultations suivantes l'accord donné hors de l'équipe de soins",
    "absent.dmp",
    "DMP-CONS-04",
    consentement_par_consultation=False,
)
_parcours(
    "hors-equipe-jamais",
    "refuse toute consultation hors de l'équipe de soins",
    "attendu.dmp",
    "DMP-CONS-04",
    hors_equipe_possible=False,
)
_parcours(
    "ins-non-qualifiee", "consulte avec une INS qui n'est pas qualifiée", "absent.dmp", "DMP-CONS-06", exige_ins_qualifiee=False
)
_parcours("sans-dmp", "cherche les documents d'un usager sans DMP", "absent.dmp", "DMP-CONS-06", respecte_absence=False)
_parcours("dmp-ferme", "cherche les documents d'un DMP fermé", "absent.dmp", "DMP-CONS-06", respecte_fermeture=False)
_parcours(
    "sans-test", "cherche sans tester l'existence du DMP", "dmp.parcours.existence-first", "DMP-CONS-07", teste_existence=False
)
_parcours(
    "test-d-un-autre",
    "se fie au test d'existence fait par un collègue",
    "dmp.parcours.existence-first",
    "DMP-CONS-07",
    teste_par_utilisateur=False,
)
_parcours("test-garde", "ne teste l'existence du DMP qu'une fois pour toutes", "absent.dmp", "DMP-CONS-07", garde_le_test=True)
_parcours(
    "sans-autorisation",
    "cherche sans déclarer l'autorisation que le DMP dit absente",
    "dmp.parcours.authorised-first",
    "DMP-CONS-08",
    declare_autorisation=False,
)
_parcours(
    "autorisation-expiree",
    "cherche avec une autorisation expirée",
    "dmp.parcours.authorised-first",
    "DMP-CONS-08",
    renouvelle_autorisation=False,
)
_parcours(
    "autorisation-inutile",
    "déclare une autorisation à chaque consultation, même valide",
    "absent.dmp",
    "DMP-CONS-08",
    declare_si_deja_valide=True,
)
_parcours(
    "autorisation-forcee",
    "cherche malgré le refus de l'autorisation par le DMP",
    "absent.dmp",
    "DMP-CONS-08",
    respecte_refus_autorisation=False,
)
_parcours(
    "sans-authentification",
    "consulte avec le seul certificat de la structure, sans utilisateur authentifié",
    "absent.dmp",
    "DMP-CONS-09",
    exige_authentification=False,
)
_parcours(
    "jeton-reutilise", "présente le même VIHF à plusieurs appels", "dmp.parcours.own-token", "DMP-CONS-10", jeton_reutilise=True
)
_parcours(
    "jeton-partage",
    "nomme dans le VIHF le premier utilisateur venu",
    "dmp.parcours.two-users-two-tokens",
    "DMP-CONS-10",
    jeton_partage=True,
)
_parcours("absence-tue", "montre ouvert le DMP d'un usager qui n'en a pas", "observe.dmp", "DMP-CONS-12", montre_l_absence=False)
_parcours("fermeture-tue", "montre ouvert un DMP fermé", "observe.dmp", "DMP-CONS-12", montre_la_fermeture=False)
_parcours("droit-suppose", "montre autorisé un accès qui ne l'est pas", "observe.acces", "DMP-CONS-12", montre_le_droit=False)
_parcours(
    "interdiction-tue",
    "montre autorisé un accès que l'usager a interdit",
    "observe.acces",
    "DMP-CONS-12",
    montre_l_interdiction=False,
)
_parcours(
    "recherche-apres-depot",
    "cherche d'elle-même les documents après chaque dépôt",
    "dmp.parcours.no-search-after-deposit",
    "DMP-CONS-16",
    cherche_apres_depot=True,
)
_parcours("ecran-fige", "fige l'écran pendant la recherche", "observe.disponible", "DMP-CONS-23", reste_utilisable=False)
_parcours("site-web", "ouvre le WebPS au lieu de consulter", "dmp.parcours.through-api", "DMP-CONS-24", par_le_site_web=True)
_parcours("secteur-ahi", "offre la consultation au secteur AHI", "absent.dmp", "SIAO-06", respecte_le_secteur=False)
