"""Defects of the messages to the DMP: SOAP envelope, addressing, MTOM package, existence test."""

from __future__ import annotations

import base64
import re
from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from ..mtom import Paquet, Partie
from ..transport import Envoi
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import ESPACES, attribuer, doubler, ecrire, inserer, renommer, retirer

defaut = partial(registre.defaut, theme="soap")

_DEPOT = ("DMP-ALIM-04",)
_SECURITE = ("DMP-ALIM-17",)
_SOAP_11 = b"http://schemas.xmlsoap.org/soap/envelope/"


def _soap(
    nom: str,
    description: str,
    check: str,
    alteration: Alteration,
    *,
    couture: Couture = Couture.TD21,
    effet: str = NON_CONFORME,
    exigences: tuple[str, ...] = _DEPOT,
) -> None:
    defaut(nom, description, (couture, alteration), check=check, exigences=exigences, effet=effet)


def _sans_fin(envoi: Envoi) -> None:
    """The last delimiter of the multipart message is missing."""
    envoi.contenu = envoi.contenu[: envoi.contenu.rindex(b"\r\n--") + 2]


def _en_soap_11(paquet: Paquet) -> None:
    paquet.parties[0].contenu = paquet.parties[0].contenu.replace(ESPACES["soap"].encode(), _SOAP_11)


def _en_texte(envoi: Envoi) -> None:
    envoi.entetes["Content-Type"] = "text/xml; charset=UTF-8"


def _autre_action_http(paquet: Paquet) -> None:
    paquet.parametres["action"] = "urn:ihe:iti:2007:RegisterDocumentSet-b"


_soap(
    "mtom-sans-fin",
    "n'envoie pas le dernier délimiteur du message multipart",
    "soap.message-readable",
    _sans_fin,
    couture=Couture.HTTP_TD21,
)
_soap("soap-1-1", "envoie une enveloppe SOAP 1.1", "soap.version-1-2", _en_soap_11, couture=Couture.MTOM, effet=AVERTISSEMENT)
_soap(
    "soap-type-texte",
    "annonce le test d'existence comme text/xml",
    "soap.content-type-coherent",
    _en_texte,
    couture=Couture.HTTP_TD02,
)
_soap("soap-deux-actions", "répète l'en-tête wsa:Action", "soap.action-unique", doubler("//wsa:Action"))
_soap(
    "soap-action-http-autre",
    "annonce une autre action dans le Content-Type que dans l'enveloppe",
    "soap.action-same-in-http",
    _autre_action_http,
    couture=Couture.MTOM,
)
_soap(
    "soap-message-id-sans-urn",
    "écrit l'identifiant de message sans « urn: »",
    "soap.message-id-urn-uuid",
    ecrire("//wsa:MessageID", lambda texte: texte.removeprefix("urn:")),
)
_soap(
    "soap-message-id-constant",
    "donne le même identifiant à tous ses messages",
    "dmp.suite.message-id-fresh",
    ecrire("//wsa:MessageID", "urn:uuid:6f1c1d0e-3c55-4c7a-9d27-00000000000b"),
)
_soap("soap-sans-to", "omet wsa:To", "soap.to-present", retirer("//wsa:To"), effet=AVERTISSEMENT)
_soap("soap-sans-reply-to", "omet wsa:ReplyTo", "soap.reply-to-present", retirer("//wsa:ReplyTo"), effet=AVERTISSEMENT)
_soap(
    "soap-reponse-ailleurs",
    "demande la réponse à une autre adresse",
    "soap.reply-to-anonymous",
    ecrire("//wsa:ReplyTo/wsa:Address", "https://dui.exemple.test/reponses"),
)
_soap(
    "soap-sans-must-understand",
    "omet mustUnderstand sur wsa:Action",
    "soap.addressing-must-understand",
    attribuer("//wsa:Action", f"{{{ESPACES['soap']}}}mustUnderstand", None),
    effet=AVERTISSEMENT,
)
_soap(
    "soap-horodatage",
    "ajoute un Timestamp dans wsse:Security",
    "soap.security-nothing-else",
    inserer(
        "//wsse:Security",
        '<wsu:Timestamp xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">'
        "<wsu:Created>2026-04-01T08:00:00Z</wsu:Created></wsu:Timestamp>",
        rang=0,
    ),
    exigences=_SECURITE,
)
_soap(
    "soap-security-must-understand",
    "pose mustUnderstand sur wsse:Security",
    "soap.security-not-must-understand",
    attribuer("//wsse:Security", f"{{{ESPACES['soap']}}}mustUnderstand", "true"),
    exigences=_SECURITE,
)


def _action_d_enregistrement(envoi: Envoi) -> None:
    """The action of ITI-42 for an ITI-41, in the envelope and in the HTTP header alike."""
    depot, enregistrement = "ProvideAndRegisterDocumentSet-b", "RegisterDocumentSet-b"
    envoi.contenu = envoi.contenu.replace(f"2007:{depot}".encode(), f"2007:{enregistrement}".encode())
    envoi.entetes["Content-Type"] = envoi.entetes["Content-Type"].replace(depot, enregistrement)


_soap(
    "soap-action-d-une-autre-transaction",
    "annonce le dépôt sous l'action d'une autre transaction",
    "dmp.action-matches-body",
    _action_d_enregistrement,
    couture=Couture.HTTP_TD21,
)


def _adresse_du_registre(envoi: Envoi) -> None:
    envoi.url = envoi.url.replace("/repository", "/registry")


_soap(
    "soap-adresse-du-registre",
    "envoie le dépôt à l'adresse du registre",
    "dmp.endpoint-matches-action",
    _adresse_du_registre,
    couture=Couture.HTTP_TD21,
)


_soap(
    "soap-autre-corps",
    "envoie le message d'une autre transaction sous l'action du test d'existence",
    "dmp.action-matches-body",
    renommer("//hl7:PRPA_IN201307UV02", "PRPA_IN201309UV02"),
    couture=Couture.TD02,
)

_PRPA = "//hl7:PRPA_IN201307UV02"
_soap(
    "td02-mode-de-traitement",
    "emploie un autre mode de traitement dans le test d'existence",
    "dmp.td02.interaction",
    attribuer(f"{_PRPA}/hl7:processingModeCode", "code", "A"),
    couture=Couture.TD02,
)
_soap(
    "td02-sans-date",
    "omet la date de création du test d'existence",
    "dmp.td02.identified",
    retirer(f"{_PRPA}/hl7:creationTime"),
    couture=Couture.TD02,
)
_soap(
    "td02-autre-destinataire",
    "adresse le test d'existence à un autre système que le DMP",
    "dmp.td02.devices",
    attribuer(f"{_PRPA}/hl7:receiver/hl7:device/hl7:id", "root", "1.2.250.1.999.1.1"),
    couture=Couture.TD02,
)
_soap(
    "td02-autre-motif",
    "code le motif du test d'existence dans une autre nomenclature",
    "dmp.td02.reason",
    attribuer("//hl7:reasonCode", "codeSystem", "1.2.250.1.213.1.1.4.12"),
    couture=Couture.TD02,
)
_soap(
    "td02-matricule-sans-cle",
    "désigne l'usager par un matricule sans sa clé",
    "dmp.td02.patient",
    attribuer("//hl7:patientIdentifier/hl7:value", "extension", lambda texte: texte[:13]),
    couture=Couture.TD02,
)


def _en_ligne(paquet: Paquet) -> None:
    """The first document inside the envelope, in base64, instead of a reference to an attachment."""
    piece = paquet.parties.pop(1)
    inclus = re.compile(rb"<xop:Include[^>]*" + re.escape(piece.cid.encode()) + rb"[^>]*/>")
    paquet.parties[0].contenu = inclus.sub(base64.b64encode(piece.contenu), paquet.parties[0].contenu, count=1)


def _sans_start_info(paquet: Paquet) -> None:
    del paquet.parametres["start-info"]


def _enveloppe_a_la_fin(paquet: Paquet) -> None:
    paquet.parties.append(paquet.parties.pop(0))


def _racine_en_texte(paquet: Paquet) -> None:
    paquet.parties[0].type = "text/xml; charset=UTF-8"


def _piece_renommee(paquet: Paquet) -> None:
    paquet.parties[1].cid = f"autre-{paquet.parties[1].cid}"


def _piece_en_trop(paquet: Paquet) -> None:
    paquet.parties.append(Partie("annexe@dui", "text/plain", b"annexe"))


def _mtom(nom: str, description: str, check: str, alteration: Alteration, effet: str = NON_CONFORME) -> None:
    _soap(nom, description, f"dmp.mtom.{check}", alteration, couture=Couture.MTOM, effet=effet)


_mtom("mtom-document-en-ligne", "écrit le document en base64 dans l'enveloppe", "used", _en_ligne)
_mtom("mtom-sans-start-info", "omet start-info dans le Content-Type", "content-type-complete", _sans_start_info)
_mtom(
    "mtom-enveloppe-a-la-fin",
    "place l'enveloppe après les documents",
    "start-designates-root",
    _enveloppe_a_la_fin,
    AVERTISSEMENT,
)
_mtom("mtom-racine-en-texte", "type l'enveloppe text/xml au lieu de application/xop+xml", "root-part-typed", _racine_en_texte)
_mtom("mtom-reference-perdue", "référence une pièce jointe absente", "references-resolve", _piece_renommee)
_mtom("mtom-piece-en-trop", "joint une pièce que rien ne référence", "no-stray-part", _piece_en_trop)

_REQUETE = "//xds:ProvideAndRegisterDocumentSetRequest"


def _sans_signature_jointe(paquet: Paquet) -> None:
    paquet.parties.pop()


defaut(
    "depot-fiche-sans-document",
    "dépose la fiche de la signature sans la signature",
    (Couture.TD21, retirer(f"{_REQUETE}/xds:Document[@id='Signature01']")),
    (Couture.MTOM, _sans_signature_jointe),
    check="dmp.depot.one-document-per-entry",
    exigences=("DMP-ALIM-18",),
)


def _casse(enveloppe: etree._Element) -> None:
    attribuer(f"{_REQUETE}/xds:Document[@id='Doc01']", "id", "doc01")(enveloppe)


_soap(
    "depot-identifiant-autre-casse",
    "écrit l'identifiant du document avec une autre casse que sa fiche",
    "dmp.depot.same-case-identifiers",
    _casse,
    effet=AVERTISSEMENT,
    exigences=("DMP-ALIM-18",),
)
