"""La sécurité que l'éditeur atteste : hébergement, test d'intrusion, gouvernance, pratiques, sauvegardes, assurance sécurité."""

from __future__ import annotations

from ..checks.dossier import (
    certificate_of_hosting_is_valid,
    certificate_speaks_of_health_data_hosting,
    piece_is_a_readable_pdf,
)
from ..checks.dossier_intrusion import (
    at_most_ten_medium_points_are_refused,
    no_high_point_is_refused,
    pentest_form_is_intact,
    pentest_form_is_less_than_a_year_old,
    pentest_form_is_signed,
)
from ..core.campaign import Campaign
from ..core.formulaire import DOCUMENT, PDF, TABLEUR

_RSSI = "le responsable de la sécurité de l'éditeur"
_DIRIGEANT = "le représentant légal de l'éditeur"


def test_hebergement(c: Campaign) -> None:
    """L'hébergement est certifié HDS, ou une attestation dit qu'aucune donnée n'est hébergée."""
    attestation = c.attest(
        pour=("SSI-01",),
        constat=(
            "Pour chacune des six activités d'hébergement, quel acteur l'assure, avec quel certificat "
            "HDS en cours de validité ? À défaut, l'éditeur atteste n'héberger aucune donnée de santé "
            ": l'écrire en note et joindre cette attestation."
        ),
        piece="le certificat HDS avec le tableau des activités, ou l'attestation qu'aucune donnée n'est hébergée",
        formats=PDF,
        obligatoire=True,
        atteste=_DIRIGEANT,
    )
    for certificat in attestation.a_controler:
        c.require(piece_is_a_readable_pdf, certificat, pour=("SSI-01",))
        c.advise(certificate_speaks_of_health_data_hosting, certificat)
        c.advise(certificate_of_hosting_is_valid, certificat, attestation)


def test_intrusion(c: Campaign) -> None:
    """Un organisme qualifié PASSI a mené le test d'intrusion : formulaire de l'ANS, signé, de moins d'un an."""
    attestation = c.attest(
        pour=("SSI-02",),
        constat=(
            "Le formulaire de test d'intrusion de l'ANS est-il rempli et signé électroniquement par "
            "un organisme qualifié PASSI, sur cette version, depuis moins d'un an au jour du dépôt ? "
            "Le certificat du signataire se lit dans le lecteur de PDF."
        ),
        piece="le formulaire signé, tel que l'organisme l'a remis",
        formats=PDF,
        obligatoire=True,
        atteste=_RSSI,
    )
    for formulaire in attestation.a_controler:
        c.require(piece_is_a_readable_pdf, formulaire, pour=("SSI-02",))
        if c.require(pentest_form_is_signed, formulaire):
            c.require(pentest_form_is_intact, formulaire)
            c.require(pentest_form_is_less_than_a_year_old, formulaire, attestation)


def test_cotation_du_test_d_intrusion(c: Campaign) -> None:
    """Aucun point de gravité haute non conforme, dix de gravité moyenne au plus."""
    attestation = c.attest(
        pour=("SSI-03",),
        constat=(
            "Recopiez les points du formulaire de test d'intrusion dans un tableau « Point », « "
            "Gravité » (haute, moyenne, faible), « Résultat » (conforme, non conforme, sans objet) : "
            "est-ce le relevé complet, après les corrections constatées ?"
        ),
        piece="le relevé des points",
        formats=TABLEUR,
        obligatoire=True,
        atteste=_RSSI,
    )
    for releve in attestation.a_controler:
        c.require(no_high_point_is_refused, releve)
        c.require(at_most_ten_medium_points_are_refused, releve)


def test_gouvernance(c: Campaign) -> None:
    """La gouvernance est attestée sur l'honneur : les responsables de la sécurité sont désignés."""
    c.attest(
        pour=("SSI-04",),
        constat=(
            "Les responsables de la sécurité sont-ils désignés, avec leurs missions, et leurs noms portés dans l'attestation ?"
        ),
        piece="l'attestation sur l'honneur signée",
        formats=PDF,
        obligatoire=True,
        atteste=_DIRIGEANT,
    )


def test_pratiques_de_developpement(c: Campaign) -> None:
    """L'éditeur sensibilise, fait de la veille, suit un guide de développement sécurisé et suit les vulnérabilités."""
    c.attest(
        pour=("SSI-05",),
        constat=(
            "Les équipes sont-elles sensibilisées chaque année, une veille est-elle tenue, un guide de "
            "développement sécurisé suivi, et les vulnérabilités des composants suivies jusqu'à leur correction ?"
        ),
        piece="le guide, le programme de sensibilisation et un extrait du suivi, ensemble dans un zip",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_RSSI,
    )


def test_recherche_de_vulnerabilites(c: Campaign) -> None:
    """Des outils recherchent les vulnérabilités à chaque modification."""
    c.attest(
        pour=("SSI-06",),
        constat=(
            "À chaque modification du logiciel, des outils recherchent-ils les vulnérabilités du code et des "
            "dépendances, et un résultat grave empêche-t-il la livraison ?"
        ),
        piece="la procédure, et le dernier rapport d'un outil",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_RSSI,
    )


def test_sauvegardes(c: Campaign) -> None:
    """Les sauvegardes sont exécutées et vérifiées, avec une copie non modifiable."""
    c.attest(
        pour=("SSI-09",),
        constat=(
            "Les sauvegardes s'exécutent-elles selon le plan, une copie est-elle hors d'atteinte d'une "
            "modification, et une restauration d'essai a-t-elle réussi depuis moins d'un an ? Sans hébergement, "
            "dire en note ce qui est recommandé au client."
        ),
        piece="le plan de sauvegarde et le compte rendu de restauration",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_RSSI,
    )


def test_durcissement(c: Campaign) -> None:
    """Systèmes durcis, comptes génériques limités, secrets gérés, données réelles exclues hors production."""
    c.attest(
        pour=("SSI-10",),
        constat=(
            "Un guide de durcissement est-il appliqué, les comptes génériques sont-ils limités et tracés, les "
            "secrets tenus hors du code et renouvelés, et aucune donnée réelle ne sert-elle hors de la production ?"
        ),
        piece="le guide de durcissement et la procédure de gestion des secrets",
        formats=DOCUMENT,
        obligatoire=True,
        atteste=_RSSI,
    )


def test_plan_d_assurance_securite(c: Campaign) -> None:
    """Un plan d'assurance sécurité accompagne le SaaS ou l'hébergement."""
    c.attest(
        pour=("SSI-11",),
        constat=(
            "Le logiciel étant en SaaS ou hébergé, le contrat comprend-il un plan d'assurance sécurité à jour ? "
            "Pour un logiciel installé chez le client, l'écrire en note."
        ),
        piece="le plan d'assurance sécurité, ou l'attestation que rien n'est hébergé",
        formats=PDF,
        obligatoire=True,
        atteste=_RSSI,
    )
