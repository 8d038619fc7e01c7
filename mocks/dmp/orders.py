"""The orders that a scenario gives to the DMP: state of a dossier, rights of a professional, documents of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.errors import HarnessError
from ...validation.xml import XmlError, parse
from .deposit import Incoming, Submission, record
from .dossier import AUTORISATIONS, OPPOSITIONS, Authorisation, Dossier
from .objects import RPLC, attributes_of
from .seeds import Author, Seed, metadata_of, package_of, types
from .state import APPROVED, ARCHIVED, DELETED, DEPRECATED, Entry

if TYPE_CHECKING:
    from .app import Dmp

STATUSES = {"actif": APPROVED, "archive": ARCHIVED, "supprime": DELETED, "remplace": DEPRECATED}
VISIBILITIES = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")
_HL7 = "{urn:hl7-org:v3}"
_OID = re.compile(r"[0-2](\.\d+)+")
_MAX_SLOW = 120.0

Arguments = Mapping[str, Any]


def execute(service: Dmp, nom: str, arguments: Arguments) -> bool:
    """Execute an order; False when the DMP has none of that name. Raises ``HarnessError`` for a wrong argument."""
    if nom == "reponse-lente":
        _slow(service, arguments)
        return True
    order = _ORDERS.get(nom)
    if order is None:
        return False
    matricule = str(arguments.get("matricule", ""))[:13]
    dossier = service.store.dossiers.get(matricule)
    if dossier is None:
        raise HarnessError("ordre au DMP pour un usager qui n'y a pas de dossier")
    changed = order(service, dossier, arguments)
    if changed is not None:
        service.store.keep(changed)
    return True


def _slow(service: Dmp, arguments: Arguments) -> None:
    target, seconds = str(arguments.get("transaction", "dmp")), arguments.get("secondes", 0)
    if not isinstance(seconds, int | float) or not 0 <= seconds <= _MAX_SLOW:
        raise HarnessError(f"réponse lente de {seconds} s : un nombre de 0 à {_MAX_SLOW:.0f} est attendu")
    if seconds:
        service.delays[target] = float(seconds)
    else:
        service.delays.pop(target, None)


def _close(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    return replace(dossier, actif=False)


def _open(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    return replace(dossier, actif=True)


def _authorise(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    state = _one_of(arguments, "valeur", AUTORISATIONS, "autorisation")
    user = str(arguments.get("professionnel", ""))
    if not user:
        return replace(dossier, autorisation=state, autorisations={})
    return dossier.authorising(user, Authorisation(state, str(arguments.get("structure", "")), str(arguments.get("depuis", ""))))


def _block(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    return replace(dossier, bloques=dossier.bloques | {_text(arguments, "professionnel")})


def _unblock(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    return replace(dossier, bloques=dossier.bloques - {_text(arguments, "professionnel")})


def _oppose(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    what = _one_of(arguments, "quoi", OPPOSITIONS, "opposition")
    opposed = dossier.oppositions | {what} if arguments.get("valeur", True) else dossier.oppositions - {what}
    return replace(dossier, oppositions=opposed)


def _emergency(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    return replace(dossier, masques_en_urgence=bool(arguments.get("valeur", True)))


def _attending(service: Dmp, dossier: Dossier, arguments: Arguments) -> Dossier:
    return replace(dossier, medecin_traitant=str(arguments.get("professionnel", "")))


def _add(service: Dmp, dossier: Dossier, arguments: Arguments) -> None:
    known = types()
    kind = known[_one_of(arguments, "type", tuple(known), "type de document")]
    seed = Seed(
        dossier=dossier,
        unique_id=_new_uid(service, arguments),
        type=kind,
        date=_date(arguments),
        titre=str(arguments.get("titre", kind.libelle)),
        auteur=_author(arguments),
        visibilite=_visibility(arguments),
    )
    entry = _place(service, seed)
    status = _one_of({"statut": "actif", **arguments}, "statut", tuple(STATUSES), "statut")
    service.store.set_status(entry, STATUSES[status])


def _new_version(service: Dmp, dossier: Dossier, arguments: Arguments) -> None:
    """A new version of a document, by its author or another: RPLC, same setId, next versionNumber."""
    old = _entry(service, dossier, arguments)
    codes = {name: values[0].partition("^^") for name, values in old.attributes.codes.items() if values}
    kind = next((t for t in types().values() if t.code == codes.get("TypeCode", ("", "", ""))[0]), None)
    if kind is None:
        raise HarnessError(f"le document {old.unique_id} n'est d'aucun type que le simulateur sait écrire")
    set_id, version = _lineage(service, old)
    seed = Seed(
        dossier=dossier,
        unique_id=_new_uid(service, {"unique_id": arguments.get("nouveau", "")}),
        type=kind,
        date=_date(arguments),
        titre=str(arguments.get("titre", old.attributes.title or kind.libelle)),
        auteur=_author(arguments),
        visibilite=_visibility(arguments) or tuple(sorted(old.attributes.visibility & set(VISIBILITIES))),
        set_id=set_id,
        version=version + 1,
        remplace=old.unique_id,
    )
    entry = _place(service, seed)
    service.store.link(RPLC, entry.entry_uuid, old.entry_uuid)
    service.store.deprecate(old)


def _change_status(service: Dmp, dossier: Dossier, arguments: Arguments) -> None:
    status = _one_of(arguments, "statut", tuple(STATUSES), "statut")
    service.store.set_status(_entry(service, dossier, arguments), STATUSES[status])


def _delete(service: Dmp, dossier: Dossier, arguments: Arguments) -> None:
    service.store.set_status(_entry(service, dossier, arguments), DELETED)


_ORDERS: dict[str, Callable[[Dmp, Dossier, Arguments], Dossier | None]] = {
    "fermer-dmp": _close,
    "ouvrir-dmp": _open,
    "autorisation": _authorise,
    "bloquer": _block,
    "debloquer": _unblock,
    "opposition": _oppose,
    "masques-en-urgence": _emergency,
    "medecin-traitant": _attending,
    "ajouter-document": _add,
    "nouvelle-version": _new_version,
    "changer-statut": _change_status,
    "supprimer-document": _delete,
}


def _place(service: Dmp, seed: Seed) -> Entry:
    """Register a document as its author's deposit would have."""
    node, lot = parse(metadata_of(seed).encode()), f"{seed.unique_id}.1"
    document = Incoming("Doc", seed.unique_id, seed.patient, service.content(seed), node, attributes_of(node))
    package = parse(package_of(seed, lot).encode())
    (entry,) = record(service.store, Submission(lot, seed.patient, (document,), (), package))
    return entry


def _lineage(service: Dmp, entry: Entry) -> tuple[str, int]:
    """setId and versionNumber of a registered CDA document; its uniqueId and 1 when it says none."""
    try:
        root = parse(service.store.read(entry.span))
    except XmlError:
        return entry.unique_id, 1
    set_id, version = root.find(f"{_HL7}setId"), root.find(f"{_HL7}versionNumber")
    number = "" if version is None else version.get("value", "")
    return (entry.unique_id if set_id is None else set_id.get("root", "")), int(number) if number.isdecimal() else 1


def _entry(service: Dmp, dossier: Dossier, arguments: Arguments) -> Entry:
    found = service.store.entries.get(str(arguments.get("unique_id", "")))
    if found is None or found.patient[:13] != dossier.ins[:13]:
        raise HarnessError(f"aucun document {arguments.get('unique_id', '')} dans le DMP de l'usager")
    return found


def _new_uid(service: Dmp, arguments: Arguments) -> str:
    given = str(arguments.get("unique_id", "") or f"2.25.{int(service.store.uuid()[9:].replace('-', ''), 16)}")
    if _OID.fullmatch(given) is None or given in service.store.entries:
        raise HarnessError(f"uniqueId « {given} » : un OID qu'aucun document ne porte est attendu")
    return given


def _date(arguments: Arguments) -> str:
    text = re.sub(r"[-:TZ ]", "", str(arguments.get("date", "")))
    try:
        return f"{datetime.strptime(text.ljust(14, '0'), '%Y%m%d%H%M%S'):%Y%m%d%H%M%S}"
    except ValueError as error:
        raise HarnessError(f"date « {arguments.get('date', '')} » : une date en UTC est attendue") from error


def _author(arguments: Arguments) -> Author:
    given = dict(arguments.get("auteur") or {})
    known = {each.name for each in fields(Author)}
    if set(given) - known:
        raise HarnessError(f"auteur : {', '.join(sorted(set(given) - known))} inconnu (connus : {', '.join(sorted(known))})")
    return Author(**{name: str(value) for name, value in given.items()})


def _visibility(arguments: Arguments) -> tuple[str, ...]:
    asked = tuple(str(code) for code in arguments.get("visibilite", ()))
    if set(asked) - set(VISIBILITIES):
        raise HarnessError(f"visibilité inconnue : {', '.join(asked)} (connues : {', '.join(VISIBILITIES)})")
    return asked


def _text(arguments: Arguments, name: str) -> str:
    value = str(arguments.get(name, ""))
    if not value:
        raise HarnessError(f"ordre au DMP sans « {name} »")
    return value


def _one_of(arguments: Arguments, name: str, known: tuple[str, ...], what: str) -> str:
    value = str(arguments.get(name, ""))
    if value not in known:
        raise HarnessError(f"{what} : « {value} » inconnu (connus : {', '.join(known)})")
    return value
