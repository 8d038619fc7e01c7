"""Defects in the use of INSi: by which means it is called, when, and what becomes of its answers in an identity."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, ecrire, retirer

_INS01 = ("INS-01",)
_INS02 = ("INS-02",)
_INS03 = ("INS-03",)
_INS07 = ("INS-07",)
_INS16 = ("INS-16",)

defaut = partial(registre.defaut, theme="ins")


def _assertion(nom: str, description: str, check: str, alteration: Alteration) -> None:
    """A defect of the professional's assertion."""
    defaut(nom, description, (Couture.INSI_ASSERTION, alteration), check=check, exigences=_INS16)


def _regle(
    nom: str, description: str, check: str, exigences: tuple[str, ...] = _INS01, effet: str = NON_CONFORME, **valeurs: Any
) -> None:
    """A defect of behaviour."""
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"ins": valeurs})


def _sans_certificat(reglages: Any) -> Any:
    return replace(reglages, certificat=None) if reglages.cible == "insi" else None


defaut(
    "ins-appel-anonyme",
    "appelle INSi sans certificat client ni assertion",
    (Couture.TLS, _sans_certificat),
    check="insi.authenticated",
    exigences=_INS16,
)
defaut(
    "ins-certificat-du-dmp",
    "présente à INSi son certificat du DMP",
    check="insi.certificate-cn",
    exigences=_INS16,
    regles={"certificats": {"insi": "auth_cli"}},
)
_regle(
    "ins-certificat-et-assertion",
    "présente le certificat d'organisation en plus de l'assertion du professionnel",
    "insi.mode-coherent",
    _INS16,
    certificat_avec_assertion=True,
)
_regle(
    "ins-sans-carte",
    "ne sait pas appeler INSi avec une carte de professionnel",
    "insi.both-modes",
    _INS16,
    sait_par_carte=False,
)
_regle(
    "ins-sans-psc",
    "ne sait pas appeler INSi au moyen de Pro Santé Connect",
    "insi.psc-mode",
    ("INS-17",),
    sait_par_psc=False,
)
_regle(
    "ins-carte-sans-signature",
    "ne fait pas signer par la carte l'assertion du professionnel",
    "insi.cps-assertion-signed",
    _INS16,
    signe_par_carte=False,
)
_assertion(
    "ins-qualifieur-cpx",
    "qualifie de « CPX » l'assertion du porteur d'une carte",
    "insi.cps-assertion-signed",
    attribuer(".//saml:NameID[@NameQualifier='CPS']", "NameQualifier", "CPX"),
)
defaut(
    "ins-assertion-retouchee",
    "modifie l'assertion après l'avoir fait signer par la carte",
    (Couture.INSI_ASSERTION_SIGNEE, attribuer("saml:AuthnStatement", "AuthnInstant", "2026-01-01T00:00:00.000Z")),
    check="insi.cps-signature-verifies",
    exigences=_INS16,
)
_regle(
    "ins-psc-signe",
    "signe l'assertion d'un professionnel connecté par Pro Santé Connect",
    "insi.psc-assertion-unsigned",
    ("INS-17",),
    signe_par_psc=True,
)
_assertion(
    "ins-facturation-entite-juridique",
    "déclare comme identifiant de facturation le FINESS de l'entité juridique",
    "insi.assertion-attributes",
    ecrire(".//saml:Attribute[@Name='identifiantFacturation']/saml:AttributeValue", "990000010"),
)
_assertion(
    "ins-sans-secteur",
    "omet le secteur d'activité dans l'assertion du professionnel",
    "insi.assertion-attributes",
    retirer(".//saml:Attribute[@Name='secteurActivite']"),
)

_regle(
    "ins-prenoms-a-rebours",
    "essaie d'abord le dernier prénom",
    "insi.search-order",
    prenoms_dans_l_ordre=False,
)
_regle(
    "ins-un-seul-essai",
    "abandonne la recherche au premier code 01, sans essayer les autres prénoms",
    "insi.search-exhausted",
    effet=AVERTISSEMENT,
    continue_apres_01=False,
)
_regle(
    "ins-recherche-sans-fin",
    "essaie les autres prénoms alors qu'INSi a déjà trouvé la personne",
    "insi.stop-after-00",
    s_arrete_au_premier_succes=False,
)
_regle(
    "ins-erreur-prise-pour-01",
    "prend une erreur technique d'INSi pour un code 01 et essaie le prénom suivant",
    "insi.stop-on-fault",
    s_arrete_sur_erreur_technique=False,
)
_regle(
    "ins-motif-cache",
    "ne montre pas à l'utilisateur le motif d'une erreur d'INSi",
    "insi.fault-shown",
    effet=AVERTISSEMENT,
    montre_le_motif=False,
)
_regle(
    "ins-date-lunaire-integree",
    "enregistre une identité dont INSi rend le mois de naissance 00",
    "insi.lunar-not-integrated",
    ("INS-09",),
    refuse_date_lunaire=False,
)
_regle(
    "ins-trait-vide-integre",
    "enregistre une identité à laquelle il manque un trait dans la réponse d'INSi",
    "insi.lunar-not-integrated",
    ("INS-09",),
    refuse_reponse_incomplete=False,
)
_regle(
    "ins-prenoms-locaux-gardes",
    "garde ses traits au lieu de ceux que rend INSi",
    "insi.traits-as-returned",
    remplace_les_traits=False,
)
_regle(
    "ins-recuperee-sans-reponse",
    "passe l'identité au statut récupérée alors qu'INSi n'a rien trouvé",
    "insi.no-ins-without-00",
    _INS07,
    recuperee_sans_reponse=True,
)
_regle(
    "ins-qualifiee-sans-piece",
    "qualifie une identité dès la réponse d'INSi, sans contrôle d'une pièce",
    "observe.statut",
    _INS07,
    qualifie_sans_piece=True,
)
_regle(
    "ins-qualifiee-par-la-piece",
    "qualifie une identité par le seul contrôle d'une pièce, sans INSi",
    "observe.statut",
    _INS07,
    piece_vaut_qualification=True,
)
_regle(
    "ins-matricule-sans-oid",
    "garde le matricule sans l'OID rendu par INSi",
    "ins.declared-with-oid",
    _INS07,
    garde_l_oid=False,
)
_regle(
    "ins-matricule-d-une-identite-douteuse",
    "garde le matricule d'une identité marquée douteuse ou fictive",
    "ins.declared-with-oid",
    ("INS-08",),
    efface_l_ins_si_suspecte=False,
)
_regle(
    "ins-douteuse-encore-recuperee",
    "laisse au statut récupérée une identité marquée douteuse ou fictive",
    "observe.statut",
    ("INS-08",),
    retrograde_si_suspecte=False,
)
_regle(
    "ins-appel-pour-une-identite-douteuse",
    "appelle INSi pour une identité marquée douteuse ou fictive",
    "absent.insi",
    ("INS-08",),
    appel_bloque_si_suspecte=False,
)
_regle(
    "ins-vitale-par-traits",
    "cherche par les traits quand on lui demande de chercher par la carte Vitale",
    "attendu.insi",
    _INS02,
    sait_lire_la_vitale=False,
)
_regle(
    "ins-ko-pris-pour-ok",
    "prend une réponse KO de la vérification pour un OK",
    "insi.verification-understood",
    _INS03,
    AVERTISSEMENT,
    comprend_ko=False,
)
_regle(
    "ins-conservee-apres-ko",
    "garde une INS que la vérification a refusée",
    "insi.ko-invalidates",
    ("INS-11",),
    AVERTISSEMENT,
    conserve_ins_si_ko=True,
)
defaut(
    "ins-identite-non-qualifiee-diffusee",
    "transmet au DMP l'INS d'une identité qui n'est pas qualifiée",
    check="ins.no-matricule-for-unqualified",
    exigences=("INS-13",),
    regles={"envoi": {"exige_identite_qualifiee": False}},
)
