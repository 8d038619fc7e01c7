"""What happened in a scenario, in order: people, gestures, exchanges, faults, orders, clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dui_conformance.core.archive import Archive
from dui_conformance.core.gestures import GESTURES, from_wire
from dui_conformance.core.journal import Event

from .attestations import Jointe, given
from .masking import Masker
from .typography import clock, duration

STATES = {
    "fait": "fait",
    "refuse": "refusé",
    "impossible": "impossible",
    "passe": "passé par le testeur",
    "erreur": "erreur du pilote",
    "": "non terminé dans le délai",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One row: time of day, seconds since the start, who, what, the anchor that it leads to, and the files given."""

    time: str
    since: str
    who: str
    what: str
    href: str = ""
    link: str = ""
    broken: bool = False
    pieces: tuple[Jointe, ...] = ()


class Timeline:
    """Tells the events of one attempt."""

    def __init__(self, archive: Archive, masker: Masker) -> None:
        self._archive = archive
        self._masker = masker

    def steps(self, events: Iterable[Event]) -> tuple[Step, ...]:
        """The rows, in order; what belongs to the machinery only (waits that were fulfilled, verdicts) is left out."""
        rows = tuple(events)
        origin = rows[0].t["mono"] if rows else 0
        replies = {e.data["echange"]: e for e in rows if e.type == "reponse"}
        found = []
        for event in rows:
            told = self._tell(event, replies)
            if told is not None:
                who, what, more = told
                since = f"+{duration((event.t['mono'] - origin) / 1e9)}"
                found.append(Step(clock(event.t["logique"]), since, who, self._masker.mask(what), **more))
        return tuple(found)

    def _tell(self, event: Event, replies: Mapping[str, Event]) -> tuple[str, str, dict[str, Any]] | None:
        data = event.data
        match event.type:
            case "usager":
                return "Banc", f"usager fictif {data['id']} (profil {data['profil']}) connu du DUI et des services", {}
            case "professionnel":
                return "Banc", f"professionnel de la prochaine connexion : {data['id']}", {}
            case "geste":
                return "Geste", f"{data['geste']} — {self._instruction(data)}", {}
            case "geste.fin":
                return (
                    "DUI",
                    f"{data['geste']} — {self._ending(data)}",
                    {
                        "broken": data["etat"] not in ("fait", "refuse"),
                        "pieces": given(self._archive, data.get("pieces", {})),
                    },
                )
            case "geste.absent":
                return "Pilote", f"{data['geste']} — geste non offert par le pilote : {data['nom']}", {"broken": True}
            case "requete":
                return self._exchange(data, replies.get(data["echange"]))
            case "tls":
                why = data["connexion"].get("alert") or data["connexion"].get("error") or "aucune requête"
                return data["service"].upper(), f"connexion sans requête ({why})", _link(data)
            case "livraison":
                return "Banc", f"réponse de {data['echange']} : {data['issue']}", {}
            case "panne":
                return data["service"].upper(), _fault(data), {}
            case "ordre":
                return data["service"].upper(), f"ordre au simulateur : {data['nom']}", {}
            case "horloge":
                followed = "" if data["suivie"] else " (le DUI ne peut pas suivre)"
                return "Horloge", f"avancée de {duration(data['secondes'])}{followed}", {"broken": not data["suivie"]}
            case "attente" if not data["echange"]:
                return "Attente", f"rien reçu dans le délai : {data['attendu']}", {}
            case "fenetre":
                return "Attente", f"fenêtre close après {duration(data['secondes'])}, sans : {data['attendu']}", {}
            case "attestation":
                return "Attestation", data["question"], {"pieces": given(self._archive, data.get("pieces", {}))}
            case "avenant":
                return "Banc", "jugé de nouveau après la fin de la campagne, avec une attestation tardive", {}
            case "note":
                return "Banc", data["texte"], {}
            case "scenario.interrompu":
                return "Banc", "tentative interrompue", {"broken": True}
        return None

    def _instruction(self, data: Mapping[str, Any]) -> str:
        arguments = self._archive.blob_json(data["arguments"])
        if data["nom"] not in GESTURES:
            return str(data["nom"])
        try:
            gesture = from_wire(data["nom"], arguments)
            shown = {k: _plain(v) if isinstance(v, bool) else v for k, v in gesture.arguments().items()}
            return str(gesture.phrase.format(**shown))
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            return str(data["nom"])

    def _ending(self, data: Mapping[str, Any]) -> str:
        row = self._archive.blob_json(data["blob"]) or {}
        text = str(STATES.get(data["etat"], data["etat"]))
        if row.get("message"):
            text += f" : « {row['message']} »"
        seen = ", ".join(f"{name} = {_plain(value)}" for name, value in (row.get("observations") or {}).items() if value != "")
        return text + (f" ; déclare {seen}" if seen else "")

    def _exchange(self, data: Mapping[str, Any], reply: Event | None) -> tuple[str, str, dict[str, Any]]:
        status = f" → HTTP {reply.data['statut']}" if reply is not None else " → sans réponse"
        summary = f" ({data['resume']})" if data.get("resume") else ""
        window = ", rattaché par le moment" if data["attribution"] == "fenetre" else ""
        return data["service"].upper(), f"{data['genre']}{summary}{status}{window}", _link(data)


def _link(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"href": f"#echange-{data['echange']}", "link": data["echange"]}


def _fault(data: Mapping[str, Any]) -> str:
    if not data["armee"]:
        return f"fin de la panne « {data['nom']} »"
    times = f", {data['fois']} fois" if data["fois"] else ""
    target = f", sur {data['cible']}" if data["cible"] else ""
    return f"panne simulée « {data['nom']} »{times}{target}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
