"""``init``: a commented dui.toml, and the usagers that a real DUI must hold."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..core.campaign import seed
from ..core.errors import InputError
from ..core.people import Usager
from ..core.settings import SECTEURS
from .couverture import scenario_uses
from .monde import FictionalWorld
from .scenarios import all_scenarios

TEMPLATE = """# Réglages de dui-conformance pour votre DUI. Toute clé inconnue est refusée, avec sa ligne.
# Les valeurs entre guillemets sont des exemples à remplacer ; ce qui est commenté a une valeur par défaut.

secteurs = ["PA"]                      # {secteurs}

[produit]
nom = "Mon DUI"
version = "1.0.0"
nil = "NIL-A-RENSEIGNER"               # référence produit, identique dans tous les flux (GEN-02)
editeur = "Mon entreprise"

[structure]                            # structure fictive que le DUI de test utilise
finess_ej = "990000010"                # 9 caractères ; le certificat porte 1 + ce numéro dans OU
finess_eg = "990000028"
nom = "EHPAD FICTIF DES TILLEULS"
secteur_activite = "SA17"

[dmp]
lps_nom = "Mon DUI"                    # les trois valeurs homologuées, telles que le VIHF les porte
lps_version = "1.0.0"
id_homologation = "HOMOL-A-RENSEIGNER"
mode = "INDIRECTE_RENFORCEE"           # ou INDIRECTE, DIRECTE

[insi]
idam = "IDAM-A-RENSEIGNER"             # numéro d'autorisation CNDA
modes = ["certificat", "cps", "psc"]
# oid = "1.2.250.1.213.1.4.10"         # OID que le simulateur rend
# oids_propres = true                  # l'OID de chacun à la place (.8 NIR, .9 NIA)
# faute_au_lieu_de_01 = true           # inconnu : une faute, comme sur la plateforme nationale de test

[psc]
client_id = "mon-dui"
# client_secret = "…"                  # sinon tiré au hasard, écrit dans services.json
redirect_uris = ["https://localhost/psc/retour"]
post_logout_redirect_uris = ["https://localhost/psc/fin"]

[sidoba]                               # API non publiée : provisoire
# fichier_cadre = "cadre-rama.csv"     # votre fichier cadre du RAMA ; sinon l'exemple fictif du banc
# exercice = 2025

[services]
# adresse = "127.0.0.1"                # 0.0.0.0 pour un DUI sur une autre machine (réseau de test seulement)
# noms = ["localhost"]                 # noms portés par les certificats des services
[services.ports]                       # 0 : choisi par le système ; sinon fixe, et jamais déplacé
# psc = 8443
# psc-portefeuille = 8444
# insi = 8445
# dmp = 8446

[pilote]
nom = "manuel"                         # manuel, http, commande, python ou temoin
# cible = "http://127.0.0.1:9000"      # http : adresse ; python : "module:Classe"
# jeton = "…"                          # http : jeton partagé
# [pilote.options]
# horloge = "oui"                      # manuel : vous savez avancer l'horloge du DUI
# [pilote.commandes]                   # commande : un programme par geste, ou "*" pour tous
# "*" = ["mon-dui-test", "geste"]

[delais]                               # secondes
geste = 600                            # temps laissé pour faire un geste ; 60 suffit à un pilote automatique
echange = 15
alimentation = 30                      # arrivée d'un dépôt au DMP, une fois passé l'envoi différé
absence = 2
envoi_differe = 600                    # délai du DUI entre la validation et l'envoi au DMP

[vaccin]                                # un vaccin de la base médicamenteuse du DUI, et le lot à saisir (VAC-03)
cip = "3400999900102"
cis = "69990011"
atc = "J07BB02"
denomination = "VACCIN GRIPPE FICTIF"   # début de la dénomination
lot = "LOT-FICTIF-0426"

[attestations]
# fichier = "attestations.toml"        # réponses données d'avance ; « init --attestations » en écrit le modèle
# par = "Nom, fonction"                # qui atteste ce qui est répondu pendant la campagne

[fictif]
# matricules = ["…"]                   # matricules (15 caractères) fictifs sous un OID de production
"""

COLUMNS = (
    "id",
    "profil",
    "nom_naissance",
    "prenoms",
    "sexe",
    "date_naissance",
    "lieu_naissance",
    "statut",
    "attributs",
    "matricule",
    "cle",
    "oid",
    "carte_vitale",
    "scenario",
)


def write_project(folder: Path) -> tuple[Path, Path]:
    """Write both files; refuses to overwrite."""
    config, usagers = folder / "dui.toml", folder / "jeu-d-essai.csv"
    for path in (config, usagers):
        if path.exists():
            raise InputError(f"{path} existe déjà ; init n'écrase rien. Donnez un autre --dossier, ou renommez ce fichier.")
    folder.mkdir(parents=True, exist_ok=True)
    secteurs = ", ".join(f"{k} ({v})" for k, v in SECTEURS.items())
    config.write_text(TEMPLATE.replace("{secteurs}", secteurs), encoding="utf-8")
    usagers.write_text(usagers_csv(), encoding="utf-8-sig", newline="")
    return config, usagers


def write_attestations(folder: Path, secteurs: Sequence[str]) -> Path:
    """Write the model of the attestations of these sectors; refuses to overwrite."""
    from .attestations import NAME, model

    path = folder / NAME
    if path.exists():
        raise InputError(f"{path} existe déjà ; init n'écrase rien. Donnez un autre --dossier, ou renommez ce fichier.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(model(secteurs), encoding="utf-8")
    return path


def usagers_csv() -> str:
    """The usagers of first attempts, one line each, in scenario order."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for scenario, usager in first_usagers():
        writer.writerow(_row(usager, scenario))
    return written.getvalue()


def first_usagers() -> Iterator[tuple[str, Usager]]:
    """Each scenario's usagers at its first attempt: those that a real DUI must hold."""
    world, uses = FictionalWorld(), scenario_uses()
    for name in all_scenarios():
        for profil, count in Counter(uses[name].usagers).items():
            for n in range(1, count + 1):
                usager = world.usager(profil, seed(name, profil, n, 1))
                if usager.connu_du_dui:
                    yield name, usager


def _row(usager: Usager, scenario: str) -> list[str]:
    values = {
        **usager.as_dict(),
        "prenoms": " ".join(usager.prenoms),
        "attributs": " ".join(usager.attributs),
        "carte_vitale": (usager.matricule_insi + usager.cle_insi) or usager.ins,
        "scenario": scenario,
    }
    return [_safe(str(values[name])) for name in COLUMNS]


def _safe(cell: str) -> str:
    """A cell that a spreadsheet will not take for a formula."""
    return "'" + cell if cell[:1] in "=+-@" and cell else cell
