"""Defects of the OIDC client facing answers: lies that it believes, and right answers that it refuses."""

from __future__ import annotations

from functools import partial
from typing import Any

from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="oidc-reponse")


def _regle(nom: str, description: str, check: str, *, effet: str = NON_CONFORME, **valeurs: Any) -> None:
    defaut(nom, description, check=f"oidc.{check}", exigences=("PSC-01",), effet=effet, regles={"psc": valeurs})


_regle(
    "reponse-emetteur-du-retour",
    "ne compare pas l'émetteur (iss) que porte le retour",
    "bad-response-issuer-refused",
    verifie_emetteur_du_retour=False,
)
_regle(
    "reponse-code-refuse-ignore",
    "ouvre une session locale quand le code est refusé",
    "spent-code-refused",
    refus_du_code_respecte=False,
)
_regle(
    "reponse-hs256-cle-publique",
    "accepte un id_token signé en HS256 avec la clé publique",
    "hs256-public-key-refused",
    refuse_hs256_cle_publique=False,
)
_regle(
    "reponse-hs256-secret",
    "accepte un id_token signé en HS256 avec le secret du client",
    "hs256-secret-refused",
    effet=AVERTISSEMENT,
    refuse_hs256_secret=False,
)
_regle("reponse-du-futur", "accepte un id_token pas encore valide", "early-id-token-refused", verifie_debut=False)
_regle("reponse-azp", "accepte un id_token délivré à un autre client (azp)", "bad-azp-refused", verifie_azp=False)
_regle(
    "reponse-audience-partagee",
    "accepte un id_token destiné aussi à un client inconnu",
    "other-audience-refused",
    refuse_autre_audience=False,
)
_regle(
    "reponse-sans-id-token",
    "ouvre une session avec un jeton d'accès, sans id_token",
    "missing-id-token-refused",
    exige_id_token=False,
)
_regle(
    "reponse-sorte-de-jeton",
    "emploie un jeton d'accès d'une sorte inconnue",
    "unknown-token-type-refused",
    verifie_type_de_jeton=False,
)
_regle("reponse-sans-sujet", "accepte un id_token sans sub", "missing-subject-refused", exige_sub=False)
_regle("reponse-sans-date", "accepte un id_token sans iat", "missing-issue-date-refused", exige_iat=False)
_regle("reponse-sans-fin", "accepte un id_token sans exp", "missing-expiry-refused", exige_exp=False)
_regle(
    "reponse-configuration-d-un-autre",
    "emploie une configuration qui dit un autre émetteur",
    "foreign-configuration-refused",
    verifie_decouverte=False,
)
_regle(
    "reponse-userinfo-sans-signature",
    "accepte un userinfo en JWT sans signature",
    "userinfo-unsigned-refused",
    refuse_userinfo_sans_signature=False,
)
_regle(
    "reponse-userinfo-d-un-autre-client",
    "accepte un userinfo en JWT destiné à un autre client",
    "userinfo-audience-refused",
    verifie_destinataire_userinfo=False,
)
_regle(
    "reponse-userinfo-expire",
    "accepte un userinfo en JWT expiré",
    "userinfo-expired-refused",
    verifie_date_userinfo=False,
)
_regle(
    "reponse-userinfo-autre-identite",
    "ne compare pas l'identifiant national du userinfo",
    "userinfo-identity-refused",
    verifie_identifiant_userinfo=False,
)
_regle(
    "reponse-userinfo-chiffre",
    "ne sait pas lire un userinfo chiffré",
    "userinfo-jwe-accepted",
    effet=AVERTISSEMENT,
    lit_userinfo_chiffre=False,
)
_regle(
    "reponse-audience-en-liste",
    "refuse un id_token dont le destinataire est dans une liste",
    "audience-list-accepted",
    accepte_audience_en_liste=False,
)
_regle(
    "reponse-cles-inconnues",
    "refuse un JWKS qui contient une clé de sorte inconnue",
    "unknown-keys-ignored",
    ignore_les_cles_inconnues=False,
)
_regle(
    "reponse-panne-ignoree",
    "ouvre une session locale quand Pro Santé Connect est indisponible",
    "unavailable-handled",
    panne_respectee=False,
)
