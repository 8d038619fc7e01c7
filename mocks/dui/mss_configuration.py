"""Finding the servers of a mailbox from its address alone: the published file, then the name server."""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass

import requests
from lxml import etree

from .mss_operateurs import Hote, Operateur
from .transport import Transport

_SRV = 33


class ConfigurationIntrouvable(Exception):
    """Neither the file nor the name server told where the servers are."""


@dataclass(frozen=True, slots=True)
class Serveurs:
    """What was found."""

    smtp: Hote
    imap: Hote


def decouvrir(adresse: str, operateur: Operateur, transport: Transport, *, noms: bool = True) -> Serveurs:
    """The servers of this mailbox, by the name server too when ``noms``; raises ``ConfigurationIntrouvable``."""
    trouves = _par_fichier(adresse, operateur, transport)
    if trouves is None and noms:
        trouves = _par_noms(adresse, operateur)
    if trouves is None:
        raise ConfigurationIntrouvable(f"Aucun serveur n'est publié pour {adresse} : saisissez-les à la main.")
    return trouves


def _par_fichier(adresse: str, operateur: Operateur, transport: Transport) -> Serveurs | None:
    try:
        with transport.session("mss-autoconfig") as session:
            reponse = session.get(operateur.autoconfig, params={"emailaddress": adresse})
    except requests.RequestException:
        return None
    if reponse.status_code != requests.codes.ok:
        return None
    try:
        racine = etree.fromstring(reponse.content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    smtp = _serveur(racine, "outgoingServer[@type='smtp'][socketType='STARTTLS']")
    imap = _serveur(racine, "incomingServer[@type='imap'][socketType='STARTTLS']")
    return Serveurs(smtp, imap) if smtp is not None and imap is not None else None


def _serveur(racine: etree._Element, chemin: str) -> Hote | None:
    for serveur in racine.xpath(f"emailProvider/{chemin}"):
        hote, port = serveur.findtext("hostname", ""), serveur.findtext("port", "")
        if hote and port.isdigit():
            return Hote(hote, int(port))
    return None


def _par_noms(adresse: str, operateur: Operateur) -> Serveurs | None:
    domaine = adresse.rpartition("@")[2]
    smtp = _srv(f"_submission._tcp.{domaine}", operateur.dns)
    imap = _srv(f"_imap._tcp.{domaine}", operateur.dns)
    return Serveurs(smtp, imap) if smtp is not None and imap is not None else None


def _srv(nom: str, serveur: Hote) -> Hote | None:
    """The target of the first SRV record of this name."""
    numero = secrets.token_bytes(2)
    question = b"".join(bytes([len(mot)]) + mot.encode() for mot in nom.split(".")) + b"\0" + struct.pack("!HH", _SRV, 1)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lien:
            lien.settimeout(2.0)
            lien.sendto(numero + b"\1\0\0\1\0\0\0\0\0\0" + question, (serveur.hote, serveur.port))
            reponse, _ = lien.recvfrom(4096)
    except OSError:
        return None
    debut = 12 + len(question) + 12
    if reponse[:2] != numero or reponse[3] & 0x0F or struct.unpack_from("!H", reponse, 6)[0] < 1 or len(reponse) < debut + 6:
        return None
    port, at, mots = struct.unpack_from("!H", reponse, debut + 4)[0], debut + 6, []
    while at < len(reponse) and reponse[at]:
        mots.append(reponse[at + 1 : at + 1 + reponse[at]].decode("ascii", "replace"))
        at += 1 + reponse[at]
    return Hote(".".join(mots), port) if mots and port else None
