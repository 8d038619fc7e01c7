"""What arrives at INSi and what leaves it: kinds and keys of requests, RESULTAT, faults.

The answers of the verification, unit or of a lot, are provisoire: no public WSDL says them. Ours say so themselves (attribute
``Provisoire``, HTTP header ``X-Operation-Provisoire``); their elements are in ``schemas/lot.xsd`` and ``verification.xsd``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ...core.errors import Inconclusive
from ...core.exchange import Body, Description, Key, Reply, Request
from ...core.matcher import traits_key
from ...fixtures.test_persons import Ins
from ...validation.ins.lot import InsLot, LotAnswer, read_lot
from ...validation.ins.request import (
    ACTION_PREFIX,
    ACTIONS,
    DEPOT_LOT,
    LOTS,
    NS_LOT,
    PROVISOIRES,
    RECHERCHE_TRAITS,
    RECHERCHE_VITALE,
    RESULTAT_LOT,
    VERIFICATION,
    InsRequest,
    read_request,
)
from ...validation.ins.response import NS_RESULTAT, NS_SIRAM, NS_VERIFICATION
from ...validation.soap import SOAP12, WSA, SoapError, parse_soap
from ...validation.tls import ClientCertificate
from .state import Comportement, Identite, Registre

KINDS = {
    RECHERCHE_TRAITS: "insi.recherche-traits",
    RECHERCHE_VITALE: "insi.recherche-vitale",
    VERIFICATION: "insi.verification",
    DEPOT_LOT: "insi.lot.depot",
    RESULTAT_LOT: "insi.lot.resultat",
}
PATH = "/lps"
LIBELLES = {"00": "OK", "01": "Aucune identite trouvee", "02": "Plusieurs identites trouvees"}
_SUMMARIES = {
    RECHERCHE_TRAITS: "recherche de l'INS par traits",
    RECHERCHE_VITALE: "recherche de l'INS par carte Vitale",
    VERIFICATION: "vérification d'une INS (opération provisoire)",
    DEPOT_LOT: "dépôt d'un lot d'INS à vérifier (opération provisoire)",
    RESULTAT_LOT: "demande du résultat d'un lot d'INS (opération provisoire)",
}
_SOAP_TYPE = "application/soap+xml; charset=utf-8"


def read(request: Request) -> InsRequest:
    """The request to INSi; raises ``SoapError`` or ``Inconclusive`` (both with a French message)."""
    certificate = None
    if request.connection.client_der is not None:
        certificate = ClientCertificate.from_der(request.connection.client_der)
    return read_request(parse_soap(request), certificate, tls=request.connection.exercised)


def lot_of(request: Request) -> InsLot:
    """The lot of a request that is known to carry one."""
    return read_lot(parse_soap(request))


def describe(request: Request, registre: Registre) -> Description:
    """Kind, keys (traits, matricule, professional) and summary; never raises."""
    try:
        message = read(request)
    except (SoapError, Inconclusive):
        return Description(kind="insi.inconnu", summary="appel non prévu")
    if request.path.rstrip("/") != PATH:
        return Description(kind="insi.inconnu", summary="appel à une autre adresse qu'INSi")
    persons = _lot_keys(lot_of(request)) if message.operation in LOTS else _person_keys(message, registre)
    return Description(
        kind=kind_of(message),
        keys=tuple(dict.fromkeys((*persons, *_professional_keys(message)))),
        summary=f"{_SUMMARIES[message.operation]}, mode {message.mode}",
    )


def kind_of(message: InsRequest) -> str:
    """The kind: the operation, then ``cps`` or ``psc`` for a search that carries an assertion (other rules apply to it)."""
    kind = KINDS[message.operation]
    return f"{kind}.{message.mode}" if message.assertions and message.operation not in PROVISOIRES else kind


def _lot_keys(lot: InsLot) -> Iterable[Key]:
    """Each person of a deposit; the number of the lot, which its answer gave, for a result."""
    if lot.id_lot:
        yield Key("uid", lot.id_lot)
    for row in lot.rows:
        if row.ins is not None and row.ins.matricule:
            yield Key("ins", row.ins.matricule[:13])
        if row.nom and row.date:
            yield traits_key(row.nom, row.date, row.sexe)


def _person_keys(message: InsRequest, registre: Registre) -> Iterable[Key]:
    if message.ins is not None and message.ins.matricule:
        yield Key("ins", message.ins.matricule[:13])
    if message.nom and message.date:
        yield traits_key(message.nom, message.date, message.sexe)
    for usager in registre.resembling(message.nom, message.prenoms, message.date):
        yield traits_key(usager.nom_naissance, usager.date_naissance, usager.sexe)


def _professional_keys(message: InsRequest) -> Iterable[Key]:
    name = message.assertion.name_id if message.assertion is not None else ""
    if name:
        yield Key("ps", name)
    if len(name) == 11:
        yield Key("ps", f"8{name}")


def resultat(
    cr: str, operation: str, identite: Identite | None = None, *, registre: Registre, vide: str = "", relates_to: str = ""
) -> Reply:
    """A RESULTAT. ``identite`` comes with CR 00 only; ``vide`` names the TIQ element left empty."""
    individual = _individual(identite, registre, vide) if identite is not None else ""
    code = f"<CR><CodeCR>{cr}</CodeCR><LibelleCR>{LIBELLES[cr]}</LibelleCR></CR>"
    return _soap(f'<RESULTAT xmlns="{NS_RESULTAT}">{code}{individual}</RESULTAT>', operation, relates_to)


def verification(answer: str, relates_to: str = "") -> Reply:
    """OK or KO (provisoire)."""
    inner = f"<Reponse>{answer}</Reponse>"
    return _provisional("RESULTATVERIFICATION", NS_VERIFICATION, inner, VERIFICATION, relates_to)


def lot_deposited(answer: LotAnswer, count: int, relates_to: str) -> Reply:
    """The number of a lot (provisoire), a key of the calls that will ask for its result."""
    inner = f"<IdLot>{answer.id_lot}</IdLot><Nombre>{count}</Nombre>"
    reply = _provisional("DEPOTLOT", NS_LOT, inner, DEPOT_LOT, relates_to)
    return replace(reply, keys=(Key("uid", answer.id_lot),))


def lot_result(answer: LotAnswer, relates_to: str) -> Reply:
    """The state of a lot and, once it is done, OK or KO for each reference (provisoire)."""
    rows = "".join(
        f"<Individu Reference={quoteattr(reference)}><Reponse>{said}</Reponse></Individu>"
        for reference, said in answer.reponses.items()
    )
    inner = f"<IdLot>{answer.id_lot}</IdLot><Etat>{answer.etat}</Etat>{rows}"
    return _provisional("RESULTATLOT", NS_LOT, inner, RESULTAT_LOT, relates_to)


def _provisional(name: str, namespace: str, inner: str, operation: str, relates_to: str) -> Reply:
    reply = _soap(f'<{name} xmlns="{namespace}" Provisoire="true">{inner}</{name}>', operation, relates_to)
    headers = (*reply.headers, ("X-Operation-Provisoire", "messages du simulateur, WSDL officiel non lu"))
    return with_facts(replace(reply, headers=headers), provisoire=True)


def fault(
    reason: str,
    *,
    subcode: str = "",
    error: str = "",
    detail: str = "",
    code: str = "Receiver",
    status: int = 500,
    message_id: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Reply:
    """A SOAP 1.2 fault; ``subcode`` is the siram code, ``error`` the insi or desir code of its Detail."""
    inner = f'<S:Subcode><S:Value xmlns:siram="{NS_SIRAM}">siram:{subcode}</S:Value></S:Subcode>' if subcode else ""
    about = f'code="{error}"' + (f" messageID={quoteattr(message_id)}" if message_id else "")
    erreur = f'<siram:Erreur xmlns:siram="{NS_SIRAM}" severite="fatale" {about}>{escape(detail)}</siram:Erreur>'
    more = f"<S:Detail>{erreur}</S:Detail>" if error else ""
    body = (
        f"<S:Fault><S:Code><S:Value>S:{code}</S:Value>{inner}</S:Code>"
        f'<S:Reason><S:Text xml:lang="fr">{escape(reason)}</S:Text></S:Reason>{more}</S:Fault>'
    )
    codes = [c for c in (subcode, error) if c] or [code]
    return Reply(
        status=status,
        headers=(("Content-Type", _SOAP_TYPE),),
        body=Body(_envelope(body)),
        facts={"cr": "", "fautes": codes, **(facts or {})},
    )


def with_facts(reply: Reply, **facts: Any) -> Reply:
    """The same reply with more facts."""
    return replace(reply, facts={**reply.facts, **facts})


def _soap(payload: str, operation: str, relates_to: str = "") -> Reply:
    action = ACTIONS.get(operation, ACTION_PREFIX) + "Response"
    headers = (("Content-Type", f'{_SOAP_TYPE}; action="{action}"'),)
    return Reply(headers=headers, body=Body(_envelope(payload, _addressing(action, relates_to))))


def _addressing(action: str, relates_to: str) -> str:
    """WS-Addressing of an answer: what it is, to what it answers; the same request gets the same MessageID."""
    if not relates_to:
        return ""
    made = uuid.uuid5(uuid.NAMESPACE_URL, relates_to)
    return (
        f'<S:Header xmlns:wsa="{WSA}"><wsa:Action>{action}</wsa:Action><wsa:MessageID>uuid:{made}</wsa:MessageID>'
        f"<wsa:RelatesTo>{escape(relates_to)}</wsa:RelatesTo></S:Header>"
    )


def _envelope(payload: str, header: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="{SOAP12}">{header}<S:Body>{payload}</S:Body></S:Envelope>'
    ).encode()


def lunar(date: str, forme: str) -> str:
    """A birth date of which the month, the day, or both are unknown."""
    year, month, day = date.split("-")
    return "-".join((year, "00" if forme != "jour" else month, "00" if forme != "mois" else day))


def _individual(identite: Identite, registre: Registre, vide: str) -> str:
    assert identite.ins is not None
    active = f"<INSACTIF>{_identifier(registre.answered_ins(identite.ins))}</INSACTIF>"
    dates = "<DateDeb>2006-01-01</DateDeb><DateFin>2020-12-31</DateFin>" if identite.usager is not None else ""
    past = "".join(f"<INSHISTO>{_identifier(registre.answered_ins(ins))}{dates}</INSHISTO>" for ins in identite.historique)
    return f"<INDIVIDU>{active}{past}{_tiq(identite, registre.forme_lunaire, vide)}</INDIVIDU>"


def _identifier(ins: Ins) -> str:
    return f"<IdIndividu><NumIdentifiant>{ins.matricule}</NumIdentifiant><Cle>{ins.cle}</Cle></IdIndividu><OID>{ins.oid}</OID>"


def _tiq(identite: Identite, forme: str, vide: str) -> str:
    names: Sequence[str] = [p for p in identite.prenoms if p not in identite.prenoms_inconnus]
    date = identite.date
    if identite.comportement is Comportement.LUNAIRE:
        date = lunar(date, forme)
    values = {
        "NomNaissance": identite.nom,
        "ListePrenom": " ".join(names),
        "Sexe": identite.sexe,
        "DateNaissance": date,
        "LieuNaissance": identite.lieu,
    }
    if vide:
        values[vide] = ""
    return "<TIQ>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items()) + "</TIQ>"
