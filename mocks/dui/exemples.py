"""One document or message of each kind as this DUI builds it: where to look first when writing a client.

``services`` is everywhere the content of ``services.json``. Nothing is sent here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ...core.people import Professionnel
from ...fixtures.structures import structures
from . import insi_messages, soap
from .alterations import Alterations, Couture
from .comptes import Comptes
from .configuration import MODE_AIR, Configuration, StructureLocale
from .dmp import ClientDmp
from .documents.document import TYPES, Document
from .documents.entete import nouvel_oid
from .dossier import Dossiers, Traits
from .faults import FAULTS, alterations_de, regles_de
from .horloge import Horloge
from .insi_messages import Emetteur
from .redacteur import Commande, Redacteur
from .regles import Regles
from .transport import Transport
from .vihf import Authentification

RECEPTION = datetime(2025, 9, 1, 7, 0, tzinfo=UTC)
"""The documents of example are written in the hundred days that follow, each at a moment drawn from its seed."""
_DOCUMENT = frozenset({Couture.CDA, Couture.DOCUMENT, Couture.PAPIER, Couture.PDF})


@dataclass(frozen=True, slots=True)
class Message:
    """An HTTP POST. ``role`` is the client certificate to present; ``pieces`` are its readable parts, by file name."""

    url: str
    entetes: Mapping[str, str]
    contenu: bytes
    role: str
    pieces: Mapping[str, bytes]


def types() -> dict[str, str]:
    """The kinds of documents that can be written: wire name to title."""
    return {nom: sorte.modele.titre for nom, sorte in TYPES.items()}


def exige_une_identite_qualifiee(type: str) -> bool:
    """True for what cannot be written of another identity."""
    return TYPES[type].qualifiee


def defauts_de(type: str) -> tuple[str, ...]:
    """The named defects that spoil a document of this type while it is written."""
    return tuple(nom for nom, f in FAULTS.items() if f.document in ("", type) and {c for c, _ in f.alterations} & _DOCUMENT)


def structure_de(services: Mapping[str, Any] | None) -> StructureLocale:
    """The structure of ``services.json``, else the fictional EHPAD."""
    if services is not None:
        return Configuration.lire(services).structure
    ehpad = structures()["ehpad"]
    return StructureLocale(ehpad.finess_ej, ehpad.finess_eg, ehpad.nom, ehpad.secteur_activite)


def document(
    type: str,
    usager: Mapping[str, Any],
    professionnel: Professionnel,
    structure: StructureLocale,
    *,
    graine: int = 1,
    defauts: Collection[str] = (),
) -> Document:
    """A document of this type about this usager (wire form); the same seed gives the same bytes."""
    dossier = Dossiers().creer(usager)
    le = RECEPTION + timedelta(minutes=graine * 7919 % 144000)
    redacteur = Redacteur(structure, alterations_de(defauts), regles_de(defauts).vaccin)
    commande = Commande(type, dossier, Comptes(structure).local(professionnel))
    semence = f"exemple/{type}/{dossier.id}/{graine}"
    return redacteur.rediger(commande, le, _oid(semence), _oid(f"{semence}/versions"))


def depot(services: Mapping[str, Any], usager: Mapping[str, Any], professionnel: Professionnel, type: str) -> Message:
    """TD2.1: a document of this type about a qualified usager (wire form), written and sent by this professional."""
    configuration, maintenant = Configuration.lire(services), datetime.now(UTC).replace(microsecond=0)
    dossier = Dossiers().creer(usager)
    ins = dossier.identite.ins
    if ins is None or not dossier.identite.diffusable:
        raise ValueError(f"l'identité de {dossier.id} n'est pas qualifiée")
    auteur = Comptes(configuration.structure).local(professionnel)
    document = Redacteur(configuration.structure).rediger(Commande(type, dossier, auteur), maintenant, nouvel_oid())
    moyen = "MOBILE" if configuration.dmp_mode == MODE_AIR else "LOCAL"
    authentification = Authentification(auteur, maintenant, configuration.dmp_mode, moyen)
    client = ClientDmp(configuration, Transport(configuration.ac, Alterations()), Horloge(), Alterations(), Regles())
    envoi, enveloppe = client.message_de_depot(document, ins, authentification)
    pieces = {"document.xml": document.octets, "enveloppe.xml": soap.octets(enveloppe)}
    return Message(envoi.url, envoi.entetes, envoi.contenu, "auth_cli", pieces)


def recherche_ins(services: Mapping[str, Any], traits: Traits) -> Message:
    """WS_INS2: the search of an INS by traits, authenticated by the INSI-MANU certificate."""
    configuration = Configuration.lire(services)
    corps = insi_messages.recherche_traits(traits, traits.prenoms, lieu_naissance="", regles=Regles().ins)
    numero = configuration.structure.struct_id_nat
    emetteur = Emetteur(numero, configuration.logiciel, str(uuid.uuid5(uuid.NAMESPACE_OID, numero)))
    action = insi_messages.RECHERCHE_TRAITS
    enveloppe = insi_messages.enveloppe(action, corps, emetteur, datetime.now(UTC), None)
    entetes = {"Content-Type": f'application/soap+xml; charset=UTF-8; action="{action}"'}
    contenu = soap.octets(enveloppe)
    return Message(configuration.insi_url, entetes, contenu, "insi_manu", {"enveloppe.xml": contenu})


def _oid(semence: str) -> str:
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, semence).int}"
