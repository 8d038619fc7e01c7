"""The seams: each place where the DUI hands over what it has built, and where a fault may change it.

A correct DUI has none, and every call below gives back what it received. So the modules that build messages stay free of
defects, and a defect is a small function registered in :mod:`.defauts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")
Alteration = Callable[[Any], Any]
Active = tuple["Couture", Alteration, str]
"""An alteration at its seam, and the type of document (wire name) to which it is limited, or ``""``."""


class Couture(StrEnum):
    """The seams, in the order in which a campaign meets them. The comment says what is handed over."""

    TLS = "tls"  # transport.ReglagesTls, before a connection
    PSC_DECOUVERTE = "psc.decouverte"  # list of addresses of the discovery document
    PSC_DEMANDE = "psc.demande"  # psc.Demande: state, nonce and PKCE verifier
    PSC_AUTORISATION = "psc.autorisation"  # psc.Redirection: address and parameters of the authorization request
    PSC_JETON = "psc.jeton"  # psc.Appel: a token request
    PSC_CIBA = "psc.ciba"  # psc.Appel: a request to log someone in without browser
    PSC_USERINFO = "psc.userinfo"  # psc.Appel: the userinfo request
    PSC_DECONNEXION = "psc.deconnexion"  # psc.Redirection: the end of session
    PSC_TRACE = "psc.trace"  # a record of the traces of connections
    EDC_ECHANGE = "edc.echange"  # psc.Appel: a token exchange
    EDC_API = "edc.api"  # edc_session.AppelApi: a call to the API
    EDC_PROXY = "edc.proxy"  # edc_session.AppelApi: a call to a proxy of another
    SDO_JETON = "sdo.jeton"  # sdo_client.AppelSdo: a token request
    SDO_APPEL = "sdo.appel"  # sdo_client.AppelSdo: a business call
    SDO_EVENEMENT = "sdo.evenement"  # the Task of an event
    SDO_CONSENTEMENT = "sdo.consentement"  # the Consent of a user
    SDO_CORPS = "sdo.corps"  # the bytes of a Task or of a Consent
    EDC_TRACE = "edc.trace"  # a record of the traces of the DUI's own proxy
    SIDOBA_JETON = "sidoba.jeton"  # psc.Appel: a token request
    SIDOBA_ENVOI = "sidoba.envoi"  # transport.Envoi: the HTTP call of a deposit
    SETMIN = "setmin"  # the Bundle of a minimum set
    SSIAD = "ssiad"  # the Bundle that carries the export of a nursing service
    RAMA = "rama"  # the body of a deposit of the RAMA
    RAMA_FICHIER = "rama.fichier"  # the lines of the file of the RAMA
    EDC_REPONSE = "edc.reponse"  # edc_session.ReponseProxy: an answer of the DUI's own proxy
    INSI_CORPS = "insi.corps"  # the body of a request
    INSI_ASSERTION = "insi.assertion"  # the professional's assertion, before it is signed (if it is)
    INSI_SIGNATAIRE = "insi.signataire"  # signature.Signataire of the professional's assertion
    INSI_ASSERTION_SIGNEE = "insi.assertion.signee"  # the same, signed by a card
    INSI_ENVELOPPE = "insi.enveloppe"  # the SOAP envelope, before it is sent
    INSI_TRACE = "insi.trace"  # traces_ins.TraceIns: a trace of a call, or of an access
    INSI_APPEL = "insi.appel"  # transport.Envoi: the HTTP call to INSi
    VIHF_SIGNATAIRE = "vihf.signataire"  # signature.Signataire: key, certificate, algorithms
    VIHF = "vihf"  # the assertion, before it is signed
    VIHF_SIGNE = "vihf.signe"  # the assertion, signed
    TD02 = "td0.2"  # the envelope of the existence test
    TD03 = "td0.3"  # the body of a demand of authorisation
    TD04 = "td0.4"  # the body of a demand of the list of DMPs
    TD31 = "td3.1"  # the AdhocQueryRequest of a search
    TD32 = "td3.2"  # the RetrieveDocumentSetRequest of a consultation
    TD33 = "td3.3"  # the SubmitObjectsRequest of a change of metadata
    PAPIER = "papier"  # documents.pdf.Papier: what a document says on paper, before it is typeset
    PDF = "pdf"  # the bytes of that paper form
    CDA = "cda"  # the ClinicalDocument, before it is serialized
    DOCUMENT = "document"  # the bytes of a validated document
    LOT_PIECES = "lot.pieces"  # list of lot.Piece: the documents that the manifest cites
    LOT = "lot"  # the XAdES signature of the submission set
    XDS = "xds"  # the SubmitObjectsRequest, before it is packed
    TD21 = "td2.1"  # the envelope of a deposit
    MTOM = "mtom"  # mtom.Paquet: parts and content type of a deposit
    HTTP_TD02 = "http.td0.2"  # transport.Envoi: the HTTP call of the existence test
    MSS_SASL = "mss.sasl"  # mss_transport.Trame: mechanism and bytes of an authentication
    COURRIEL = "mss.courriel"  # the EmailMessage, before it is serialized
    MSS_ENVELOPPE = "mss.enveloppe"  # mss_transport.Enveloppe: sender, recipients, options of SMTP
    XDM = "mss.xdm"  # the archive: dict of paths to bytes, in order
    METADONNEES = "mss.metadonnees"  # the SubmitObjectsRequest of METADATA.XML
    REPONSE = "mss.reponse"  # the EmailMessage of an answer
    MDN = "mss.mdn"  # the EmailMessage of a read receipt
    MSS_TRACE = "mss.trace"  # mss_traces.TraceMss: a trace of mail
    ANNUAIRE = "annuaire"  # mss_annuaire.Demande: a call to the directory
    TABLEAU = "tableau"  # list of rows (list of str) of a dashboard
    HTTP_TD21 = "http.td2.1"  # transport.Envoi: the HTTP call of a deposit


class Alterations:
    """What the active faults change, by seam."""

    def __init__(self, actives: Iterable[Active] = ()) -> None:
        self._actives = tuple(actives)
        self._par_couture: dict[Couture, list[Alteration]] = {}
        for couture, alteration, _ in self._actives:
            self._par_couture.setdefault(couture, []).append(alteration)

    def pour(self, document: str) -> Alterations:
        """Those that a document of this type meets while it is written."""
        return Alterations(active for active in self._actives if active[2] in ("", document))

    def passer(self, couture: Couture, valeur: T) -> T:
        """``valeur``, as the active faults leave it: each one changes it in place, or gives another."""
        for alteration in self._par_couture.get(couture, ()):
            autre = alteration(valeur)
            valeur = valeur if autre is None else autre
        return valeur
