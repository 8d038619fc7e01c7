"""Recevoir une identité d'un tiers : l'INS est vérifiée, rien ne s'intègre sur un KO, la qualification reste locale."""

from __future__ import annotations

from dataclasses import replace

from ..checks.ins_tiers import (
    denied_data_is_not_integrated,
    denied_identity_is_created_without_matricule,
    denied_identity_is_signalled,
    existing_identity_is_not_updated_after_ko,
    received_identity_is_qualified_locally,
    received_identity_joins_its_record,
)
from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.formulaire import IMAGE
from ..core.gestures.identite import ControlerIdentite, LireIdentite, RecevoirIdentite
from ..core.people import Usager
from ..validation.ins.key import control_key
from .insi_appels import VERIFICATION


def test_identite_recue_confirmee(c: Campaign) -> None:
    """Une identité dite qualifiée ailleurs est vérifiée, récupérée, puis qualifiée ici par le contrôle d'une pièce."""
    tiers = c.usager("tiers")
    geste, appel = _recevoir(c, tiers, ("INS-23", "INS-03"))
    c.expect("INSI-VERIFICATION", appel, pour=("INS-23", "INS-03"))
    c.require(received_identity_is_qualified_locally, geste)
    c.observed(geste, "statut", equals="recuperee", pour=("INS-23",))
    dossier = geste.observation("dossier")
    if dossier:
        controle = c.do(ControlerIdentite(str(dossier)))
        c.observed(controle, "statut", equals="qualifiee", pour=("INS-23",))
    c.attest(
        pour=("INS-23",),
        constat=(
            "L'identité qualifiée par un autre domaine est-elle d'abord montrée comme à requalifier, puis requalifiée ici ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_identite_recue_refusee(c: Campaign) -> None:
    """Une identité reçue dont INSi refuse l'INS est créée sans matricule, et l'utilisateur est alerté."""
    geste, appel = _recevoir(c, c.usager("tiers-ko"), ("INS-11", "INS-12"))
    c.require(denied_data_is_not_integrated, appel, geste)
    c.require(denied_identity_is_created_without_matricule, appel, geste)
    c.require(denied_identity_is_signalled, appel, geste)
    c.attest(
        pour=("INS-12",),
        constat=("L'utilisateur est-il alerté que l'identité reçue n'est pas celle d'INSi, et rien n'est-il intégré sans lui ?"),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_identite_recue_refusee_d_un_usager_connu(c: Campaign) -> None:
    """Quand INSi refuse l'INS reçue d'un usager connu, son identité n'est pas mise à jour."""
    usager = c.usager("valide")
    avant = c.do(LireIdentite(usager.id))
    geste, appel = _recevoir(c, _avec_une_autre_ins(usager), ("INS-11", "INS-12"))
    c.require(existing_identity_is_not_updated_after_ko, appel, avant, c.do(LireIdentite(usager.id)))
    c.require(denied_identity_is_signalled, appel, geste)


def test_identite_recue_d_un_usager_connu(c: Campaign) -> None:
    """L'identité reçue d'un usager connu rejoint son dossier par le matricule, même si un trait s'écrit autrement."""
    usager = c.usager("qualifie")
    geste, appel = _recevoir(c, replace(usager, id=f"{usager.id}-recu", lieu_naissance="99999"), ("INS-23",))
    c.expect("INSI-VERIFICATION", appel, pour=("INS-23", "INS-03"))
    c.require(received_identity_joins_its_record, geste, usager)


def _recevoir(c: Campaign, tiers: Usager, pour: tuple[str, ...]) -> tuple[Geste, Exchange]:
    geste = c.do(RecevoirIdentite.de(tiers))
    return geste, c.insi.wait_for(VERIFICATION.of(tiers), after=geste, pour=pour)


def _avec_une_autre_ins(usager: Usager) -> Usager:
    """The same person, said to have another matricule: INSi denies it."""
    ordre = "997" if usager.matricule_insi.endswith("996") else "996"
    matricule = usager.matricule_insi[:10] + ordre
    return replace(usager, id=f"{usager.id}-recu", matricule=matricule, cle=control_key(matricule), oid=usager.oid_insi)
