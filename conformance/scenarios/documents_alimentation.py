"""Alimenter le DMP avec chaque type de document du programme : dépôt systématique, document conforme à son volet."""

from __future__ import annotations

from ..catalogue import load
from ..checks.dmp_alimentation import deposit_is_stored, deposited_type_is_that_of_the_gesture, validation_is_enough_to_deposit
from ..core.campaign import Campaign
from ..core.exchange import Exchange
from ..core.people import Usager
from .dmp_appels import attendre_depot, ouvrir_session, usager_sans_opposition, valider


def deposer_type(c: Campaign, usager: Usager, type: str, *, pour: tuple[str, ...]) -> Exchange:
    """The deposit that the validation of a document of this type starts, with its metadata; none where no sector of the DUI
    produces this type."""
    if not any(load()[exigence].applies_to(c.settings.secteurs) for exigence in pour):
        c.skip(f"aucun secteur déclaré ({', '.join(c.settings.secteurs)}) ne produit ce type de document ({type})")
    geste = valider(c, usager, type)
    depot = attendre_depot(c, usager, geste, pour=pour)
    c.require(validation_is_enough_to_deposit, geste, depot, pour=("DMP-ALIM-04",))
    c.require(deposited_type_is_that_of_the_gesture, geste, depot, pour=("DMP-ALIM-04",))
    c.require(deposit_is_stored, depot, pour=pour)
    c.expect("XDS-DEPOT", depot, pour=("DMP-ALIM-18",))
    c.expect("XDS-CDA", depot)
    c.expect("XDS-COHERENCE", depot)
    return depot


def test_trod(c: Campaign) -> None:
    """Un test rapide d'orientation diagnostique est produit et transmis au DMP."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "trod", pour=("TROD-01",))
    c.expect("TROD", depot)


def test_synthese_medicale(c: Campaign) -> None:
    """La synthèse médicale du DLU est produite et transmise au DMP."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "synthese-medicale", pour=("DLU-01",))
    c.expect("IPS-FR", depot)


def test_fiche_de_transfert_vers_les_urgences(c: Campaign) -> None:
    """La fiche de transfert vers le service des urgences est produite et transmise au DMP."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "fiche-transfert-su", pour=("DLU-02",))
    c.expect("DLU-FT-SU", depot)


def test_synthese_environnementale(c: Campaign) -> None:
    """La synthèse environnementale du DLU est produite et transmise au DMP."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "synthese-environnementale", pour=("DLU-03",))
    c.expect("SYNTHESE-ENVIRONNEMENTALE", depot)


def test_volets_du_dlu_d_un_usager(c: Campaign) -> None:
    """Les volets du DLU que le secteur produit sont transmis au DMP pour un même usager."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    secteurs = set(c.settings.secteurs)
    deposer_type(c, usager, "fiche-transfert-su", pour=("DLU-04",))
    if "PA" in secteurs:
        deposer_type(c, usager, "synthese-medicale", pour=("DLU-04",))
    if secteurs & {"PHN", "DS", "DN"}:
        deposer_type(c, usager, "synthese-environnementale", pour=("DLU-04",))


def test_lettre_de_liaison_d_entree(c: Campaign) -> None:
    """La lettre de liaison d'entrée en structure sociale ou médico-sociale est produite et transmise au DMP."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "lettre-liaison-entree", pour=("LL-01",))
    c.expect("LETTRE-LIAISON-ENTREE", depot)


def test_lettre_de_liaison_de_sortie(c: Campaign) -> None:
    """La lettre de liaison de sortie de structure sociale ou médico-sociale est produite et transmise au DMP."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "lettre-liaison-sortie", pour=("LL-02",))
    c.expect("LETTRE-LIAISON-SORTIE", depot)


def test_fiche_de_soins(c: Campaign) -> None:
    """Une fiche de suivi de soins est transmise au DMP : un PDF encapsulé en base64 sous l'en-tête commun."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "fiche-soins", pour=("CDA-02",))
    c.expect("FICHE-SOINS", depot)


def test_consultation(c: Campaign) -> None:
    """Un compte rendu de consultation est transmis au DMP : un PDF encapsulé en base64 sous l'en-tête commun."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "consultation", pour=("CDA-02",))
    c.expect("CONSULTATION", depot)


def test_certificat_medical(c: Campaign) -> None:
    """Le certificat médical (Cerfa n° 15695*01) est transmis au DMP."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "certificat-medical", pour=("CDA-02",))
    c.expect("CERTIFICAT-MEDICAL", depot)


def test_prescription_de_produits_de_sante(c: Campaign) -> None:
    """Une prescription de produits de santé part au DMP sous sa forme structurée, avec son PDF encapsulé."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "prescription-produits", pour=("ON-03",))
    c.expect("EP-MED-DM", depot)


def test_prescription_d_actes(c: Campaign) -> None:
    """Une prescription d'actes part au DMP en PDF (niveau 1)."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "prescription-actes", pour=("ON-04",))
    c.expect("PRESCRIPTION-N1", depot)


def test_autre_prescription(c: Campaign) -> None:
    """Une prescription qui n'est ni de produits ni d'actes part au DMP en PDF (niveau 1)."""
    ouvrir_session(c)
    depot = deposer_type(c, usager_sans_opposition(c), "prescription-autres", pour=("ON-04",))
    c.expect("PRESCRIPTION-N1", depot)
