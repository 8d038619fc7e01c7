"""``exemple``: contracts, documents and ready-made messages for who connects a DUI."""

from __future__ import annotations

import inspect
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..core.errors import InputError
from ..core.gestures import GESTURES
from ..core.people import Usager
from ..core.plateforme import private_folder, write_private
from ..drivers.openapi import arguments_schema, command_schema, openapi, result_schema
from .exemple_documents import AUTEUR, Wanted, listing, one, unknown, write_lot, write_one

if TYPE_CHECKING:
    from ..mocks.dui.exemples import Message

CONTRATS = ("openapi", "commande", "schemas", "python", "gestes")
MESSAGES = ("variables", "depot", "recherche-ins")

PYTHON = '''"""Pilote python d'un DUI : une méthode par geste. Réglage : [pilote] nom = "python", cible = "mon_pilote:MonDui"."""


class MonDui:
    def __init__(self, services: dict) -> None:
        # services : le contenu de services.json (adresses, identifiants, certificats)
        self.services = services

    def creer_usager(self, usager: dict) -> dict:
        # … créer l'usager dans une instance de test du DUI …
        return {"etat": "fait"}

    def valider_document(self, usager: str, type: str, retenir: bool = False) -> dict:
        # … rédiger et valider le document, comme le ferait l'utilisateur …
        return {"etat": "fait", "observations": {"document": "DOC-1", "etat_envoi": "programme"}}

    def avancer_horloge(self, secondes: float) -> None:
        # … facultatif : avancer l'horloge du DUI …
        pass
'''


@dataclass(frozen=True, slots=True)
class Asked:
    """``exemple QUOI`` and its options, as given. ``paper``: the PDF form of the document."""

    quoi: str = ""
    sortie: Path | None = None
    services: Path | None = None
    usager: str = ""
    defauts: tuple[str, ...] = ()
    graine: int = 1
    paper: bool = False
    tous: bool = False
    nombre: int | None = None


def answer(asked: Asked) -> Iterator[str | bytes]:
    """What the command prints, once it has written what it had to; raises ``InputError``."""
    if asked.quoi in CONTRATS:
        yield example(asked.quoi)
    elif asked.quoi == "variables":
        yield shell_variables(read_services(asked.services))
    elif asked.quoi in MESSAGES:
        for path in write_message(asked.quoi, read_services(asked.services), asked.sortie or Path(asked.quoi), asked.usager):
            yield str(path)
    elif asked.quoi or asked.tous:
        yield from _documents(asked)
    else:
        yield f"Contrats : {', '.join(CONTRATS)}\nMessages (--services) : {', '.join(MESSAGES)}\nDocuments :\n{listing()}"


def _documents(asked: Asked) -> Iterator[str | bytes]:
    from ..mocks.dui.exemples import types

    if asked.quoi and asked.quoi not in types():
        raise unknown(asked.quoi, (*CONTRATS, *MESSAGES))
    services = read_services(asked.services) if asked.services is not None else None
    wanted = Wanted(asked.usager, asked.defauts, asked.graine, services)
    if asked.tous or asked.nombre is not None:
        yield from _lot(asked, wanted)
    elif asked.sortie is not None or asked.paper:
        target = asked.sortie or Path(f"{asked.quoi}.pdf")
        yield str(write_one(asked.quoi, wanted, paper=asked.paper, target=target))
    else:
        yield one(asked.quoi, wanted).octets


def _lot(asked: Asked, wanted: Wanted) -> Iterator[str]:
    if asked.sortie is None:
        raise InputError("exemple : donnez --sortie, le dossier du lot.")
    if asked.paper or (asked.tous and (asked.quoi or asked.defauts)):
        raise InputError("exemple : --tous écrit des documents justes de tous les types, au format xml.")
    kinds = (asked.quoi,) if asked.quoi else ()
    written = write_lot(kinds, wanted, asked.sortie, asked.nombre)
    yield f"{written} document{'s' if written > 1 else ''} dans {asked.sortie}"


def example(what: str) -> str:
    """The contract to show."""
    match what:
        case "openapi":
            return json.dumps(openapi(), ensure_ascii=False, indent=2)
        case "commande":
            return json.dumps({"entree": command_schema(), "sortie": result_schema()}, ensure_ascii=False, indent=2)
        case "schemas":
            from ..reports.schemas import SCHEMAS

            return json.dumps(SCHEMAS, ensure_ascii=False, indent=2)
        case "gestes":
            return gestures_table()
        case _:
            return PYTHON


def gestures_table() -> str:
    """The gestures as a Markdown table: wire name, arguments, what the user does, what the DUI may declare."""
    rows = ["| geste | arguments | ce que fait l'utilisateur | observations |", "|---|---|---|---|"]
    for nom, gesture in GESTURES.items():
        text, _, _ = " ".join((inspect.getdoc(gesture) or "").split()).partition(" Observe : ")
        arguments = ", ".join(f"`{argument}`" for argument in arguments_schema(gesture)["properties"])
        observations = ", ".join(f"`{observation}`" for observation in gesture.observe)
        rows.append(f"| `{nom}` | {arguments or '—'} | {text.replace('``', '`')} | {observations or '—'} |")
    return "\n".join(rows)


def read_services(path: Path | None) -> dict[str, Any]:
    """The content of ``services.json``; raises ``InputError``."""
    if path is None:
        raise InputError("exemple : donnez --services, le services.json écrit par « serve » ou « run ».")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"--services {path} : lecture impossible ({error}).") from None
    if not isinstance(values, dict) or values.get("schema") != "dui-conformance/services/1":
        raise InputError(f"--services {path} : ce n'est pas le services.json écrit par « serve » ou « run ».")
    return values


def shell_variables(services: Mapping[str, Any]) -> str:
    """``services.json`` as lines to be sourced by a shell."""
    certificats, psc = services["certificats"], services["psc"]
    host = urlsplit(services["dmp"]["base"]).hostname or ""
    values = {
        "AC": services["ac"],
        "AUTH_CERT": certificats["auth_cli"]["certificat"],
        "AUTH_CLE": certificats["auth_cli"]["cle"],
        "INSI_CERT": certificats["insi_manu"]["certificat"],
        "INSI_CLE": certificats["insi_manu"]["cle"],
        "PSC_DECOUVERTE": psc["decouverte"],
        "CLIENT_ID": psc["client_id"],
        "CLIENT_SECRET": psc["client_secret"],
        "REDIRECT_URI": psc["redirect_uris"][0],
        "INSI_URL": services["insi"]["url"],
        "DMP_BASE": services["dmp"]["base"],
        **_viatrajectoire(services.get("viatrajectoire", {})),
        **{f"PORT_{name.upper().replace('-', '_')}": str(port) for name, port in services["ports"].items()},
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join([*lines, f"export NO_PROXY={shlex.quote(host)} no_proxy={shlex.quote(host)}"])


def _viatrajectoire(entry: Mapping[str, Any]) -> dict[str, str]:
    """What is needed to call ViaTrajectoire."""
    names = {"VT_JETON": "jeton", "VT_FHIR": "fhir", "VT_CLIENT_ID": "client_id", "VT_CLIENT_SECRET": "client_secret"}
    return {name: str(entry[key]) for name, key in names.items()} | {"VT_STRUCT": f"1{entry['finess_eg']}"} if entry else {}


def write_message(what: str, services: Mapping[str, Any], folder: Path, usager: str = "") -> list[Path]:
    """Write one correct message as files: ``corps`` and ``entetes.txt`` as they go on the wire, and its readable parts."""
    message = _search(services) if what == "recherche-ins" else _deposit(services, usager)
    private_folder(folder)
    certificat = services["certificats"][message.role]
    headers = "".join(f"{name}: {value}\n" for name, value in message.entetes.items())
    call = {"url": message.url, "ac": services["ac"], **certificat, "entetes": dict(message.entetes)}
    files = {
        "corps": message.contenu,
        "entetes.txt": headers.encode(),
        "appel.json": json.dumps(call, ensure_ascii=False, indent=2).encode(),
        **message.pieces,
    }
    for name, content in files.items():
        write_private(folder / name, content)
    return [folder / name for name in files]


def _deposit(services: Mapping[str, Any], usager: str) -> Message:
    from ..fixtures.professionals import professionals
    from ..mocks.dui.exemples import depot

    return depot(services, _qualified(usager).as_dict(), professionals()[AUTEUR], "note-vaccination")


def _search(services: Mapping[str, Any]) -> Message:
    """ADRUN ZOE, a published test person."""
    from ..fixtures.test_persons import published_test_persons
    from ..mocks.dui.dossier import Traits
    from ..mocks.dui.exemples import recherche_ins

    person = next(p for p in published_test_persons() if p.nom_naissance == "ADRUN")
    traits = Traits(person.nom_naissance, person.prenoms, person.sexe, person.date_naissance, person.lieu_naissance)
    return recherche_ins(services, traits)


def _qualified(id: str) -> Usager:
    """The usager of ``jeu-d-essai.csv`` with this id, or its first qualified one; raises ``InputError``."""
    from .init import first_usagers

    for _, usager in first_usagers():
        if usager.id == id or (not id and usager.profil == "qualifie"):
            if usager.statut != "qualifiee" or not usager.matricule:
                raise InputError(f"--usager {id} : seule une identité qualifiée alimente le DMP (statut : {usager.statut}).")
            return usager
    raise InputError(f"--usager {id} : inconnu. Prenez un « id » de jeu-d-essai.csv (écrit par « init »).")
