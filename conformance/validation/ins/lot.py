"""The verification of many INS at once (provisoire): what a deposit lists, what its result says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from ..soap import SoapMessage
from ..xml import XmlError, local_name, parse, place_of
from .key import MatriculeIns
from .request import DEPOT_LOT, LOTS, operation_of

EN_COURS, TERMINE = "EN_COURS", "TERMINE"


@dataclass(frozen=True, slots=True)
class LotIdentity:
    """One identity of a lot: absent values are ``""``. ``reference`` is the caller's own name of the row."""

    reference: str
    ins: MatriculeIns | None
    nom: str
    prenoms: tuple[str, ...]
    sexe: str
    date: str
    lieu: str
    at: str


@dataclass(frozen=True, slots=True)
class InsLot:
    """A deposit (its rows), or the request of a result (its number)."""

    id: str
    operation: str
    rows: tuple[LotIdentity, ...]
    id_lot: str
    at: str


@dataclass(frozen=True, slots=True)
class LotAnswer:
    """The result of a lot: its number, its state, OK or KO by reference once it is done."""

    id_lot: str
    etat: str
    reponses: Mapping[str, str]


def read_lot(soap: SoapMessage, ident: str = "") -> InsLot:
    """The lot of a message; raises ``Inconclusive`` for another operation."""
    operation, payload = operation_of(soap), soap.payload
    if operation not in LOTS or payload is None:
        raise Inconclusive("cet appel n'est pas une vérification en masse")
    rows = tuple(_row(e) for e in payload.iter() if isinstance(e.tag, str) and local_name(e) == "IndividuVerifie")
    return InsLot(ident, operation, rows if operation == DEPOT_LOT else (), _text(payload, "IdLot"), place_of(payload))


def read_lot_answer(data: bytes) -> LotAnswer:
    """The result that bytes hold; raises ``Inconclusive`` when they hold none."""
    try:
        root = parse(data)
    except XmlError as error:
        raise Inconclusive(f"réponse illisible : {error}") from error
    answer = _first(root, "RESULTATLOT")
    if answer is None:
        raise Inconclusive("la réponse n'est pas le résultat d'un lot")
    rows = [e for e in answer.iter() if isinstance(e.tag, str) and local_name(e) == "Individu"]
    return LotAnswer(_text(answer, "IdLot"), _text(answer, "Etat"), {e.get("Reference", ""): _text(e, "Reponse") for e in rows})


def _row(element: etree._Element) -> LotIdentity:
    number = _first(element, "NumIdentifiant")
    ins = None
    if number is not None:
        ins = MatriculeIns((number.text or "").strip(), _text(element, "Cle"), _text(element, "OID"), at=place_of(number))
    first = tuple((e.text or "").strip() for e in element.iter() if isinstance(e.tag, str) and local_name(e) == "Prenom")
    return LotIdentity(
        reference=element.get("Reference", ""),
        ins=ins,
        nom=_text(element, "NomNaissance"),
        prenoms=tuple(filter(None, first)) or tuple(filter(None, (_text(element, "ListePrenom"),))),
        sexe=_text(element, "Sexe"),
        date=_text(element, "DateNaissance"),
        lieu=_text(element, "LieuNaissance"),
        at=place_of(element),
    )


def _first(element: etree._Element, name: str) -> etree._Element | None:
    return next((e for e in element.iter() if isinstance(e.tag, str) and local_name(e) == name), None)


def _text(element: etree._Element, name: str) -> str:
    found = _first(element, name)
    return "" if found is None else (found.text or "").strip()


@provider
def _lot_of(exchange: Exchange) -> InsLot:
    if exchange.service != "insi":
        raise Inconclusive("cet échange n'est pas adressé à INSi")
    return read_lot(exchange.view(SoapMessage), exchange.id)


@provider
def _answer_of(exchange: Exchange) -> LotAnswer:
    if exchange.service != "insi" or exchange.reply is None:
        raise Inconclusive("aucune réponse d'INSi dans cet échange")
    return read_lot_answer(exchange.reply.body.read())
