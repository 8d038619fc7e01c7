"""Ordonnance numérique : l'agrément de la CNAM, et ce qui se constate sur sa plateforme d'essai, non simulée ici."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.formulaire import IMAGE, PDF
from .attestations_pieces import verifier_le_certificat

_SERVICE = "Ordonnance numérique"
_PRESCRIPTEUR = "le médecin qui a prescrit sur la plateforme d'essai de la CNAM"


def test_agrement_e_prescription(c: Campaign) -> None:
    """Le médecin prescrit dans le DUI avec une aide à la prescription, et la CNAM a agréé l'e-prescription."""
    pour = ("ON-01",)
    attestation = c.attest(
        pour=pour,
        constat=(
            "Le médecin prescrit-il dans le DUI avec un logiciel d'aide à la prescription certifié, "
            "et l'agrément « e-prescription » de la CNAM porte-t-il sur ce logiciel et cette version "
            "?"
        ),
        piece="l'agrément e-prescription de la CNAM",
        formats=PDF,
        obligatoire=True,
        atteste="l'éditeur",
    )
    verifier_le_certificat(c, attestation, pour)


def test_prescription_enregistree(c: Campaign) -> None:
    """La prescription est enregistrée dans la base Ordonnance numérique dès sa validation."""
    c.attest(
        pour=("ON-02",),
        constat=(
            "Sur la plateforme d'essai de la CNAM, validez une prescription : la réponse de la base arrive-t-elle "
            "aussitôt, avec le numéro unique, sans autre action du médecin ?"
        ),
        piece="la trace de l'appel et de sa réponse, ou une copie de l'écran",
        formats=(*IMAGE, ".txt", ".xml", ".json"),
        obligatoire=True,
        atteste=_PRESCRIPTEUR,
        service=_SERVICE,
    )


def test_echec_de_la_cnam(c: Campaign) -> None:
    """La CNAM en échec, la prescription part au DMP sans code QR ni datamatrix."""
    c.attest(
        pour=("ON-06",),
        constat=(
            "Rendez la base injoignable (adresse fausse ou réseau coupé), puis validez une prescription : le "
            "médecin est-il averti, la prescription part-elle au DMP, et l'imprimé est-il sans code QR ni "
            "datamatrix ?"
        ),
        piece="la prescription imprimée pendant l'échec",
        formats=PDF,
        obligatoire=True,
        atteste=_PRESCRIPTEUR,
        service=_SERVICE,
    )


def test_authentification_de_l_ordonnance(c: Campaign) -> None:
    """L'accès à l'Ordonnance numérique s'authentifie par Pro Santé Connect."""
    c.attest(
        pour=("ON-07",),
        constat=(
            "Ouvrez une session Pro Santé Connect et prescrivez : l'appel à l'Ordonnance numérique porte-t-il le "
            "jeton de ce professionnel, et un autre moyen de connexion est-il refusé ?"
        ),
        piece="la trace de l'appel, jeton masqué",
        formats=(*IMAGE, ".txt", ".xml", ".json"),
        obligatoire=True,
        atteste="l'éditeur",
        service=_SERVICE,
    )


def test_contenu_de_la_base(c: Campaign) -> None:
    """Le DUI n'attend de la base que le non-exécuté non nominatif et l'exécuté identifié."""
    c.attest(
        pour=("ON-08",),
        constat=(
            "Relisez depuis le DUI une prescription non exécutée, puis une prescription exécutée : le DUI garde-t-"
            "il lui-même le lien entre la première et l'usager, et n'attend-il une identité que de la seconde ?"
        ),
        piece="une copie des deux écrans",
        formats=IMAGE,
        atteste="l'éditeur",
        service=_SERVICE,
    )


def test_session_commune(c: Campaign) -> None:
    """Pro Santé Connect sert à l'Ordonnance numérique, sans nouvelle connexion."""
    c.attest(
        pour=("PSC-08",),
        constat=(
            "Une session Pro Santé Connect étant ouverte dans le DUI, prescrivez : l'Ordonnance numérique est-elle "
            "atteinte sans que le médecin se connecte de nouveau ?"
        ),
        piece="une vidéo réduite à quelques images, adresse et date visibles",
        formats=IMAGE,
        atteste=_PRESCRIPTEUR,
        service=_SERVICE,
    )
