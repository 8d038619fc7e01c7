"""Defects of the calls to ViaTrajectoire: who calls, with which token, for which establishment."""

from __future__ import annotations

from functools import partial

from ..alterations import Couture
from ..sdo_client import AppelSdo
from ..transport import ReglagesTls
from . import registre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="sdo-acces", exigences=("VT-10",))


def _regle(nom: str, description: str, check: str, effet: str = registre.NON_CONFORME, **valeurs: object) -> None:
    defaut(nom, description, check=check, effet=effet, regles={"sdo": valeurs})


def _mot_de_passe(appel: AppelSdo) -> None:
    appel.formulaire["grant_type"] = "password"


def _secret_dans_l_adresse(appel: AppelSdo) -> None:
    appel.requete.append(("client_secret", "secret-du-dui"))


def _autre_client(appel: AppelSdo) -> None:
    appel.formulaire["client_id"] = "dui-temoin"


for _nom, _dit, _alteration, _check in (
    ("vt-autre-grant", "demande un jeton par mot de passe", _mot_de_passe, "sdo.acces.client-credentials"),
    (
        "vt-secret-dans-l-adresse",
        "met le secret du client dans l'adresse",
        _secret_dans_l_adresse,
        "sdo.acces.secret-hors-adresse",
    ),
    ("vt-autre-client", "se nomme par son client_id de Pro Santé Connect", _autre_client, "sdo.acces.client-connu"),
):
    defaut(_nom, _dit, (Couture.SDO_JETON, _alteration), check=_check)


def _sans_certificat(reglages: ReglagesTls) -> ReglagesTls | None:
    return ReglagesTls(reglages.cible) if reglages.cible == "vt" else None


def _sans_verifier_l_hote(reglages: ReglagesTls) -> ReglagesTls | None:
    return ReglagesTls(reglages.cible, reglages.certificat, verifie_nom=False) if reglages.cible == "vt" else None


def _sans_verifier_les_dates(reglages: ReglagesTls) -> ReglagesTls | None:
    return ReglagesTls(reglages.cible, reglages.certificat, verifie_dates=False) if reglages.cible == "vt" else None


defaut(
    "vt-sans-certificat",
    "ne présente aucun certificat client à ViaTrajectoire",
    (Couture.TLS, _sans_certificat),
    check="sdo.acces.certificat",
)
_regle(
    "vt-certificat-de-l-etablissement",
    "présente le certificat de l'établissement et non de l'entité juridique",
    "sdo.acces.certificat",
    certificat="auth_cli:eg",
)
defaut(
    "vt-hote-non-verifie",
    "ne vérifie pas le nom d'hôte de ViaTrajectoire",
    (Couture.TLS, _sans_verifier_l_hote),
    check="tls.no-byte-after-bad-certificate",
)
defaut(
    "vt-dates-non-verifiees",
    "accepte de ViaTrajectoire un certificat expiré",
    (Couture.TLS, _sans_verifier_les_dates),
    check="tls.no-byte-after-bad-certificate",
)


def _jeton_dans_l_adresse(appel: AppelSdo) -> None:
    jeton = appel.entetes["Authorization"].removeprefix("Bearer ")
    appel.requete.append(("access_token", jeton))


def _sans_etablissement(appel: AppelSdo) -> None:
    del appel.entetes["struct_idnat"]


def _sans_prefixe(appel: AppelSdo) -> None:
    appel.entetes["struct_idnat"] = appel.entetes["struct_idnat"][1:]


def _entite_juridique(appel: AppelSdo) -> None:
    appel.entetes["struct_idnat"] = "1990000010"


for _nom, _dit, _alteration, _check in (
    ("vt-jeton-dans-l-adresse", "met le jeton dans l'adresse", _jeton_dans_l_adresse, "sdo.acces.jeton-en-entete"),
    ("vt-sans-struct-idnat", "oublie l'en-tête struct_idnat", _sans_etablissement, "sdo.acces.struct-idnat"),
    ("vt-struct-idnat-sans-prefixe", "écrit struct_idnat sans le 1", _sans_prefixe, "sdo.acces.struct-idnat"),
    ("vt-struct-idnat-ej", "nomme l'entité juridique dans struct_idnat", _entite_juridique, "sdo.acces.struct-idnat-jeton"),
):
    defaut(_nom, _dit, (Couture.SDO_APPEL, _alteration), check=_check)


def _autre_jeton(appel: AppelSdo) -> None:
    appel.entetes["Authorization"] = "Bearer jeton-d-un-autre-service"


defaut(
    "vt-jeton-d-un-autre-service",
    "présente à ViaTrajectoire le jeton d'un autre service",
    (Couture.SDO_APPEL, _autre_jeton),
    check="sdo.acces.jeton-vivant",
)
_regle(
    "vt-jeton-garde-apres-sa-fin",
    "garde un jeton expiré",
    "sdo.acces.jeton-vivant",
    verifie_la_duree=False,
    renouvellements=0,
)
_regle(
    "vt-jeton-a-chaque-appel",
    "redemande un jeton à chaque appel",
    "sdo.acces.jeton-reemploye",
    AVERTISSEMENT,
    reutilise_le_jeton=False,
)
_regle("vt-sans-renouvellement", "ne renouvelle pas un jeton refusé", "sdo.acces.jeton-renouvele", renouvellements=0)
_regle(
    "vt-renouvellement-en-boucle",
    "renouvelle le jeton sans fin quand l'API le refuse",
    "sdo.acces.refus-sans-boucle",
    AVERTISSEMENT,
    renouvellements=6,
)
_regle(
    "vt-refus-tu",
    "annonce comme réussie une relève que ViaTrajectoire refuse",
    "sdo.acces.refus-annonce",
    AVERTISSEMENT,
    annonce_les_refus=False,
)
_regle("vt-jeton-decode", "refuse un jeton qui n'est pas un JWT", "sdo.acces.jeton-opaque", exige_un_jwt=True)
