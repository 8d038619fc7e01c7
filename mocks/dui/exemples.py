"""One message of each kind as this DUI builds it, ready to be sent: where to look first when writing a client.

``services`` is everywhere the content of ``services.json``. Nothing is sent here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...core.people import Professionnel
from . import insi_messages, soap
from .alterations import Alterations
from .comptes import Comptes
from .configuration import MODE_AIR, Configuration
from .dmp import ClientDmp
from .documents.entete import nouvel_oid
from .dossier import Dossiers, Traits
from .horloge import Horloge
from .insi_messages import Emetteur
from .redacteur import Commande, Redacteur
from .regles import Regles
from .transport import Transport
from .vihf import Authentification


@dataclass(frozen=True, slots=True)
class Message:
    """An HTTP POST. ``role`` is the client certificate to present; ``pieces`` are its readable parts, by file name."""

    url: str
    entetes: Mapping[str, str]
    contenu: bytes
    role: str
    pieces: Mapping[str, bytes]


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
    corps = insi_messages.recherche_traits(traits, traits.prenoms, avec_lieu=False)
    numero = configuration.structure.struct_id_nat
    emetteur = Emetteur(numero, configuration.logiciel, str(uuid.uuid5(uuid.NAMESPACE_OID, numero)))
    action = insi_messages.RECHERCHE_TRAITS
    enveloppe = insi_messages.enveloppe(action, corps, emetteur, datetime.now(UTC), None)
    entetes = {"Content-Type": f'application/soap+xml; charset=UTF-8; action="{action}"'}
    contenu = soap.octets(enveloppe)
    return Message(configuration.insi_url, entetes, contenu, "insi_manu", {"enveloppe.xml": contenu})
