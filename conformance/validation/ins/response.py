"""What INSi answered: return code, faults, the individual found with active and past matricules and qualified traits."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from ..soap import SOAP12
from ..xml import XmlError, local_name, parse
from .key import MatriculeIns
from .traits import has_unknown_part

NS_RESULTAT = "http://www.cnamts.fr/INSiResultat"
NS_VERIFICATION = "http://www.cnamts.fr/INSiLot2/REPUnitaire"
NS_SIRAM = "urn:siram"


@dataclass(frozen=True, slots=True)
class Tiq:
    """Traits d'identité qualifiés as INSi returns them; ``""`` when empty or absent."""

    nom: str
    prenom: str
    liste_prenoms: str
    sexe: str
    date: str
    lieu: str

    @property
    def unusable(self) -> str:
        """Why these traits may not be stored (RNIV), in French; ``""`` when they may."""
        if has_unknown_part(self.date):
            parts = [what for what, value in (("jour", self.date[8:]), ("mois", self.date[5:7])) if value == "00"]
            return f"la date de naissance rendue a un {' et un '.join(parts)} « 00 »"
        missing = [
            label
            for label, value in (("nom", self.nom), ("prénoms", self.liste_prenoms or self.prenom), ("sexe", self.sexe))
            if not value
        ]
        return f"INSi a rendu un trait vide : {', '.join(missing)}" if missing else ""


@dataclass(frozen=True, slots=True)
class InsResponse:
    """An answer of INSi. ``cr`` is the return code of a search, ``verification`` OK or KO, ``lot`` the state of a lot (or
    ``depose``), ``faults`` the siram and desir codes of a SOAP fault (empty when none); ``ins`` and ``tiq`` only with CR 00."""

    status: int
    cr: str = ""
    verification: str = ""
    lot: str = ""
    faults: tuple[str, ...] = ()
    reason: str = ""
    ins: MatriculeIns | None = None
    history: tuple[MatriculeIns, ...] = ()
    tiq: Tiq | None = None

    @property
    def label(self) -> str:
        """The answer in a few words, without personal value."""
        if self.faults or self.reason:
            return f"erreur {' / '.join(self.faults)}".strip()
        return f"lot {self.lot}" if self.lot else f"code {self.cr or self.verification}"

    @property
    def found(self) -> bool:
        """True for CR 00."""
        return self.cr == "00"


def read_response(status: int, data: bytes) -> InsResponse:
    """The answer that bytes hold; raises ``Inconclusive`` when they are not an answer of INSi."""
    try:
        root = parse(data)
    except XmlError as error:
        raise Inconclusive(f"réponse illisible : {error}") from error
    fault = root.find(f"{{{SOAP12}}}Body/{{{SOAP12}}}Fault")
    if fault is not None:
        return InsResponse(status=status, faults=_codes(fault), reason=_value(fault, "Text"))
    result = _first(root, "RESULTAT")
    if result is not None:
        return _result(status, result)
    if _first(root, "DEPOTLOT") is not None or _first(root, "RESULTATLOT") is not None:
        return InsResponse(status=status, lot=_value(root, "Etat") or "depose")
    answer = _value(root, "Reponse")
    if answer:
        return InsResponse(status=status, verification=answer)
    raise Inconclusive("la réponse ne porte ni résultat ni erreur d'INSi")


def _result(status: int, result: etree._Element) -> InsResponse:
    person = _first(result, "INDIVIDU")
    if person is None:
        return InsResponse(status=status, cr=_value(result, "CodeCR"))
    active = _first(person, "INSACTIF")
    tiq = _first(person, "TIQ")
    return InsResponse(
        status=status,
        cr=_value(result, "CodeCR"),
        ins=None if active is None else _matricule(active),
        history=tuple(_matricule(e) for e in person.iter(f"{{{NS_RESULTAT}}}INSHISTO")),
        tiq=None if tiq is None else _tiq(tiq),
    )


def _tiq(element: etree._Element) -> Tiq:
    return Tiq(
        nom=_value(element, "NomNaissance"),
        prenom=_value(element, "Prenom"),
        liste_prenoms=_value(element, "ListePrenom"),
        sexe=_value(element, "Sexe"),
        date=_value(element, "DateNaissance"),
        lieu=_value(element, "LieuNaissance"),
    )


def _matricule(element: etree._Element) -> MatriculeIns:
    return MatriculeIns(_value(element, "NumIdentifiant"), _value(element, "Cle"), _value(element, "OID"))


def _codes(fault: etree._Element) -> tuple[str, ...]:
    codes = [(v.text or "").rpartition(":")[2] for v in fault.iterfind(f"{{{SOAP12}}}Code/{{{SOAP12}}}Subcode/{{{SOAP12}}}Value")]
    codes += [e.get("code", "") for e in fault.iter(f"{{{NS_SIRAM}}}Erreur")]
    return tuple(code.strip() for code in codes if code.strip())


def _first(element: etree._Element, name: str) -> etree._Element | None:
    return next((e for e in element.iter() if isinstance(e.tag, str) and local_name(e) == name), None)


def _value(element: etree._Element, name: str) -> str:
    found = _first(element, name)
    return "" if found is None else (found.text or "").strip()


@provider
def _response_of(exchange: Exchange) -> InsResponse:
    if exchange.service != "insi" or exchange.reply is None:
        raise Inconclusive("aucune réponse d'INSi dans cet échange")
    return read_response(exchange.reply.status, exchange.reply.body.read())
