"""Defects of the OIDC client over time: what it accepts at login, how its session lives and ends, whose account it opens."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from ..alterations import Couture
from ..regles import EIDAS
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import ecrire, si_present

defaut = partial(registre.defaut, theme="oidc")

_PSC01 = ("PSC-01",)
_SUJET = "saml:Subject/saml:NameID[@NameQualifier='PSC']"


def _regle(
    nom: str, description: str, check: str, *, exigences: tuple[str, ...] = _PSC01, effet: str = NON_CONFORME, **valeurs: Any
) -> None:
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"psc": valeurs})


_regle("oidc-code-deux-fois", "échange deux fois le même code", "oidc.code-used-once", usages_du_code=2)
_regle(
    "oidc-ancien-rafraichissement",
    "garde toujours le premier jeton de rafraîchissement",
    "oidc.refresh-latest-token",
    effet=AVERTISSEMENT,
    garde_le_dernier_rafraichissement=False,
)
_regle(
    "oidc-id-token-en-acces",
    "présente l'id_token à userinfo au lieu du jeton d'accès",
    "oidc.userinfo-issued-token",
    jeton_presente="id_token",
)
_regle("oidc-state-non-verifie", "accepte un state falsifié", "oidc.bad-state-refused", verifie_state=False)
_regle("oidc-state-facultatif", "accepte un retour sans state", "oidc.absent-state-refused", exige_state=False)
_regle("oidc-nonce-non-verifie", "accepte le nonce d'une autre demande", "oidc.bad-nonce-refused", verifie_nonce=False)
_regle("oidc-signature-non-verifiee", "accepte un id_token mal signé", "oidc.bad-signature-refused", verifie_signature=False)
_regle("oidc-alg-none", "accepte un id_token sans signature", "oidc.alg-none-refused", refuse_sans_signature=False)
_regle(
    "oidc-cle-inconnue", "accepte un id_token signé par une clé inconnue", "oidc.unknown-kid-refused", refuse_cle_inconnue=False
)
_regle("oidc-aud-non-verifie", "accepte un id_token d'un autre client", "oidc.bad-audience-refused", verifie_destinataire=False)
_regle("oidc-iss-non-verifie", "accepte un id_token d'un autre émetteur", "oidc.bad-issuer-refused", verifie_emetteur=False)
_regle("oidc-exp-non-verifie", "accepte un id_token expiré", "oidc.expired-id-token-refused", verifie_expiration=False)
_regle("oidc-acr-facultatif", "accepte un id_token sans acr", "oidc.absent-acr-refused", exigences=("PSC-02",), exige_acr=False)
_regle(
    "oidc-acr-quelconque",
    "accepte n'importe quel acr",
    "oidc.unknown-acr-refused",
    exigences=("PSC-02",),
    refuse_autre_acr=False,
)
_regle(
    "oidc-acr-strict",
    "n'accepte que l'acr demandé, refuse eidas2",
    "oidc.higher-acr-accepted",
    exigences=("PSC-02",),
    acr_acceptes=frozenset({min(EIDAS)}),
)
_regle(
    "oidc-userinfo-signature-non-verifiee",
    "ne vérifie pas la signature du userinfo",
    "oidc.userinfo-signature-checked",
    verifie_userinfo_signe=False,
)
_regle("oidc-sub-non-compare", "ne compare pas le sub du userinfo", "oidc.userinfo-subject-checked", verifie_sub=False)
_regle(
    "oidc-refus-ignore",
    "ouvre une session locale quand le professionnel refuse la connexion",
    "oidc.denied-access-handled",
    refus_du_professionnel_respecte=False,
)
_regle(
    "oidc-champs-vides-refuses",
    "refuse un userinfo qui contient un champ vide",
    "oidc.session-opened",
    accepte_champs_vides=False,
)
_regle("oidc-jwks-fige", "ne relit jamais le JWKS", "oidc.new-key-accepted", recharge_jwks=False)
_regle("oidc-userinfo-json-seulement", "ne sait lire userinfo qu'en JSON", "oidc.userinfo-jwt-accepted", lit_userinfo_signe=False)
_regle("oidc-sans-rafraichissement", "ne rafraîchit pas ses jetons", "oidc.refresh-without-user", rafraichit=False)
_regle(
    "oidc-session-sans-jeton",
    "garde sa session quand le rafraîchissement est refusé",
    "oidc.refresh-refusal-ends-session",
    ferme_si_refuse=False,
)
_regle(
    "oidc-rafraichissement-insistant",
    "présente de nouveau un jeton de rafraîchissement qui vient d'être refusé",
    "oidc.refresh-refusal-ends-session",
    insiste=True,
)
_regle(
    "oidc-session-sans-fin",
    "garde sa session ouverte au-delà de quatre heures, sans plus rien demander à Pro Santé Connect",
    "oidc.session-four-hours",
    session_max=timedelta(days=30),
    inactivite_max=timedelta(days=30),
    identite_en_memoire=True,
)
_regle(
    "oidc-deconnexion-locale",
    "ferme sa session sans la fermer chez Pro Santé Connect",
    "attendu.psc",
    exigences=("PSC-04",),
    appelle_fin_de_session=False,
)
_regle(
    "oidc-session-apres-deconnexion",
    "laisse la session locale ouverte après la déconnexion",
    "oidc.logout-ends-local-session",
    exigences=("PSC-04",),
    oublie_les_jetons=False,
)
_regle(
    "oidc-compte-par-nom",
    "rapproche le compte local sur le nom et le prénom",
    "oidc.homonyms-have-two-accounts",
    exigences=("PSC-03",),
    rapproche_par="nom",
)
_regle(
    "oidc-compte-a-chaque-connexion",
    "ouvre un nouveau compte à chaque connexion",
    "oidc.same-person-same-account",
    exigences=("PSC-03",),
    rapproche_par="connexion",
)
defaut(
    "oidc-dmp-au-nom-d-un-autre",
    "nomme dans le VIHF un autre professionnel que celui de la session Pro Santé Connect",
    check="oidc.dmp-by-psc",
    exigences=("PSC-06",),
    effet=AVERTISSEMENT,
    regles={"envoi": {"nomme_l_utilisateur_psc": False}},
)
_regle(
    "oidc-appel-hors-session",
    "appelle INSi au nom d'un professionnel dont la session Pro Santé Connect a pris fin",
    "oidc.call-within-session",
    exigences=("PSC-07",),
    session_max=timedelta(days=30),
    inactivite_max=timedelta(days=30),
)
defaut(
    "oidc-insi-au-nom-d-un-autre",
    "nomme dans l'assertion d'INSi un autre professionnel que celui de la session Pro Santé Connect",
    (Couture.INSI_ASSERTION, si_present(_SUJET, ecrire(_SUJET, "899700000002"))),
    check="oidc.insi-by-psc",
    exigences=("PSC-07",),
)
