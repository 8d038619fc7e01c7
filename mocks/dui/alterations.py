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


class Couture(StrEnum):
    """The seams, in the order in which a campaign meets them. The comment says what is handed over."""

    TLS = "tls"  # transport.ReglagesTls, before a connection
    PSC_AUTORISATION = "psc.autorisation"  # dict: parameters of the authorization request
    PSC_JETON = "psc.jeton"  # psc.AppelJeton: form and headers of a token request
    PSC_USERINFO = "psc.userinfo"  # dict: headers of the userinfo request
    PSC_DECONNEXION = "psc.deconnexion"  # dict: parameters of the end of session
    INSI_ENVELOPPE = "insi.enveloppe"  # the SOAP envelope, before it is sent
    INSI_CORPS = "insi.corps"  # the body of the request
    INSI_ASSERTION = "insi.assertion"  # the assertion, before it is signed (if it is)
    INSI_APPEL = "insi.appel"  # insi.Appel: certificate and headers of a call
    VIHF = "vihf"  # the assertion, before it is signed
    VIHF_SIGNATAIRE = "vihf.signataire"  # signature.Signataire: key, certificate, algorithms
    VIHF_SIGNE = "vihf.signe"  # the assertion, signed
    SOAP = "soap"  # an envelope to the DMP, before it is sent
    SOAP_TD02 = "soap.td0.2"  # the TD0.2 envelope only
    HTTP_DMP = "http.dmp"  # dict: HTTP headers of a call to the DMP
    MTOM = "mtom"  # mtom.Paquet: parts and content type of a deposit
    CDA = "cda"  # the ClinicalDocument, before it is serialized
    XDS = "xds"  # the SubmitObjectsRequest, before it is packed
    LOT = "lot"  # the XAdES signature of the submission set


class Alterations:
    """What the active faults change, by seam."""

    def __init__(self, actives: Iterable[tuple[Couture, Alteration]] = ()) -> None:
        self._par_couture: dict[Couture, list[Alteration]] = {}
        for couture, alteration in actives:
            self._par_couture.setdefault(couture, []).append(alteration)

    def passer(self, couture: Couture, valeur: T) -> T:
        """``valeur``, as the active faults leave it: each one changes it in place, or gives another."""
        for alteration in self._par_couture.get(couture, ()):
            autre = alteration(valeur)
            valeur = valeur if autre is None else autre
        return valeur
