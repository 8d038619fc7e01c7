"""pv.pdf: the draft PV d'installation pilote (or VA), from the journal and, when given, ``pv.toml``."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import typst
from dui_conformance.core.errors import HarnessError, InputError
from dui_conformance.core.settings import SECTEURS
from dui_conformance.core.verdict import Basis, Verdict

from .json_report import AVERTISSEMENT
from .masking import Masker
from .model import CampaignModel, ExigenceResult
from .pv_data import PvData, load_pv_data
from .pv_og import EtatOg, Pieces, walk
from .pv_rules import RECOUPED, Control, controls, draft_reasons, tranche_for
from .rem.enregistrement import RemCroise
from .rem.officiel import grouped
from .typography import BASES, date_time, day, paris, plural, spaced

GABARIT = "1"
TITLES = {"pilote": "Procès-verbal d'installation pilote", "va": "Vérification d'aptitude (VA)"}
TYPES = {"pilote": "PV_PILOTE", "va": "VA"}
POSTES = (
    "licence",
    "installation",
    "configuration",
    "qualification",
    "maintenance",
    "certificat organisation",
    "suivi",
    "documentation",
    "formation",
)
MODES = {"O": "automatique", "G": "après un geste", "N": "jugement humain"}
CONSTAT = (
    "Le fournisseur s'est acquitté de toutes les tâches, hors celles assurées par le client à sa demande, avec pour résultats : "
    "solution déployée ; tableau TBB.1 aux indicateurs DMP non nuls ; pour MSSanté, cas 1 ou cas 2."
)

_UNPRINTABLE = re.compile(
    "[^ -~\u00a0-\u00ac\u00ae-\u024f\u0391-\u03a1\u03a3-\u03ff\u0400-\u04ff\u1e00-\u1eff\u2010-\u2027\u202f-\u2040"
    "\u20a0-\u20bf\u2190-\u2199\u2200-\u22ff\u25a0-\u25cf]"
)
"""What the fonts carried by typst cannot draw."""


def render_pv(
    model: CampaignModel, masker: Masker, kind: str = "pilote", data: Path | None = None, pieces: Pieces | None = None
) -> bytes:
    """The PDF/A-3b, which carries what it says as ``pv.json``; the same journal and data give the same bytes. Raises
    ``InputError`` for a wrong ``pv.toml``."""
    return composed(model, pv_content(model, masker, kind, load_pv_data(data) if data is not None else PvData(), pieces))


def composed(model: CampaignModel, content: Mapping[str, Any]) -> bytes:
    """The PDF/A-3b of such a content."""
    ended = paris(datetime.fromisoformat(model.archive.events[-1].t["mur"]))
    template = (resources.files(__package__) / "gabarits" / "pv.typ").read_bytes()
    made = typst.compile(
        template,
        format="pdf",
        sys_inputs={"contenu": json.dumps(content, ensure_ascii=False)},
        pdf_standards="a-3b",
        ignore_system_fonts=True,
        timestamp=int(ended.timestamp()),
    )
    if not isinstance(made, bytes):
        raise HarnessError("le PV n'a pas pu être composé")
    return made


def pv_content(model: CampaignModel, masker: Masker, kind: str, data: PvData, pieces: Pieces | None = None) -> dict[str, Any]:
    """What the template prints: groups of labelled values (empty ones print « à compléter »), tables, controls, and why it is a
    draft (``brouillon``, empty when it can be signed). A VA walks the points of the OG, whose reserves become its own."""
    if kind not in TITLES:
        raise InputError(f"type de PV inconnu : {kind} (pilote ou va).")
    given = pieces or Pieces()
    held = controls(model, data, given.finess)
    ended_on = date.fromisoformat(model.archive.events[-1].t["mur"][:10])
    steps = walk(data, given, model.secteurs, ended_on) if kind == "va" else ()
    missing = [f"{step.point.id} à faire" for step in steps if step.etat is EtatOg.A_FAIRE]
    deadlines = {each.id: each.echeance for each in data.og}
    reserves = [(f"{s.point.id} : {s.detail}", deadlines.get(s.point.id)) for s in steps if s.etat is EtatOg.RESERVE]
    applicable = [e for e in model.exigences if e.verdict is not Verdict.SANS_OBJET]
    product = model.opening["produit"]
    ended = paris(datetime.fromisoformat(model.archive.events[-1].t["mur"]))
    content: dict[str, Any] = _printable(
        masker,
        {
            "titre": TITLES[kind],
            "date": [ended.year, ended.month, ended.day],
            "avertissement": AVERTISSEMENT,
            "produit": f"{product['nom']} {product['version']}",
            "groupes": _groups(model, kind, data),
            "esms": [_esms(e) for e in data.esms],
            "prestation": _services(data),
            "reserves": [[what, _text(when)] for what, when in (*((r.objet, r.echeance) for r in data.reserves), *reserves)],
            "og": [[step.point.id, step.point.point, step.etat.value, step.detail] for step in steps],
            "simulateur": [e.id for e in applicable if any(j.base is not Basis.ATTESTE for j in e.controles)],
            "brouillon": [*draft_reasons(model, held), *missing],
            "constat": CONSTAT,
            "synthese": _summary(applicable),
            "verdicts": [v.libelle for v in _SUMMARY],
            "conformite": [_line(model, e, held) for e in applicable],
            "hors": [e.id for e in model.exigences if e.verdict is Verdict.SANS_OBJET],
            "controles": [[c.id, c.rule, c.etat.value, c.detail] for c in held],
        },
    )
    return content


_SUMMARY = tuple(v for v in Verdict if v is not Verdict.SANS_OBJET)


def _groups(model: CampaignModel, kind: str, data: PvData) -> list[list[Any]]:
    opening, product = model.opening, model.opening["produit"]
    client, order, held, pilot = data.client, data.commande, data.indicateurs, data.pilote
    kept = sum(not e.hors_perimetre for e in data.esms)
    first = model.archive.opening.line_hash
    return [
        _group(
            "Document",
            ("Type", TYPES[kind]),
            ("Numéro", data.document.numero),
            ("Version du gabarit", GABARIT),
            ("Date d'édition", date_time(model.archive.events[-1].t["mur"])),
            ("Campagne", f"{opening['nonce']}, commencée le {date_time(model.archive.opening.t['mur'])}"),
            ("Empreinte du dossier de preuves", f"journal, SHA-256 du dernier événement : {model.archive.events[-1].line_hash}"),
            ("Empreinte d'ouverture", first),
            ("Référentiel d'exigences (REM)", _rem(model.rem)),
            ("Outil", f"dui-conformance {opening['outil']}, pilote {opening['pilote']}"),
        ),
        _group(
            "Client (organisme gestionnaire)",
            ("Raison sociale", client.raison_sociale),
            ("FINESS EJ", client.finess_ej),
            ("Adresse", client.adresse),
            ("Représentant légal ou délégataire", client.representant),
            ("Qualité", client.qualite),
            ("Délégation", client.delegation),
            ("Référent ViaTrajectoire (PHO)", client.referent_viatrajectoire),
            ("Interlocuteur", client.interlocuteur),
        ),
        _group(
            "Fournisseur",
            ("Raison sociale", data.fournisseur.raison_sociale or product["editeur"]),
            ("SIREN", data.fournisseur.siren),
            ("Signataire", data.fournisseur.signataire),
            ("Distributeur éventuel", data.fournisseur.distributeur),
            ("Hébergeur", data.fournisseur.hebergeur),
            ("Certificat HDS", data.fournisseur.certificat_hds),
        ),
        _group(
            "Solution",
            ("Nom", product["nom"]),
            ("Version", product["version"]),
            ("Référence produit (NIL)", product["nil"]),
            ("Numéro de référencement", data.solution.numero_referencement),
            ("Profils référencés", ", ".join(data.solution.profils)),
            ("Secteurs de la campagne", ", ".join(f"{s} ({SECTEURS.get(s, '')})" for s in model.secteurs)),
            ("Proxy e-santé", data.solution.proxy_esante),
            ("Opérateur MSSanté", data.solution.operateur_mssante),
            ("Base médicamenteuse", data.solution.base_medicamenteuse),
        ),
        _group(
            "Commande",
            ("Bon de commande", order.numero_bdc),
            ("Date du bon de commande", _text(order.date_bdc)),
            ("Devis", order.numero_devis),
            ("Régime", order.regime),
            ("Nombre d'ESMS retenus", str(kept) if kept else ""),
            ("Tranche", tranche_for(kept).nom if kept else ""),
            ("Prix unitaire HT", _text(order.prix_unitaire)),
            ("Total HT", _text(order.total_ht)),
            ("Avance reçue", _text(order.avance_recue)),
            ("Reste à charge", _text(order.reste_a_charge)),
        ),
        _group(
            "Dates",
            ("Début", _text(data.dates.debut)),
            ("Installation", _text(data.dates.installation)),
            ("Configuration", _text(data.dates.configuration)),
            ("Qualification", _text(data.dates.qualification)),
            ("Formation", _text(data.dates.formation)),
            ("Mise en ordre de marche (MOM)", _text(data.dates.mom)),
            ("MOM : signataire", data.mom.signataire),
            ("MOM : pièce", data.mom.piece),
            ("Vérification", _text(data.dates.verification)),
            ("Signature", _text(data.dates.signature)),
        ),
        _group(
            "Résultats d'indicateurs",
            ("DMP : valeur", _text(held.dmp_valeur)),
            ("DMP : période", held.dmp_periode),
            ("DMP : extrait joint", held.dmp_extrait),
            ("MSSanté professionnel", _text(held.mss_professionnel)),
            ("MSSanté usager", _text(held.mss_usager)),
            ("Cas", _text(held.cas)),
            ("Motif du cas 2", held.motif_cas_2),
            ("Engagement du cas 2", held.engagement_cas_2),
            ("Date prévue (cas 2)", _text(held.date_prevue_cas_2)),
        ),
        _group(
            "Pilote",
            ("Rang (1 à 3)", _text(pilot.rang)),
            ("Éléments attestant la réalisation complète", pilot.elements),
            ("Avis", pilot.avis),
        ),
    ]


def _rem(held: RemCroise | None) -> str:
    if held is None:
        return "aucun chargé ; les références rappelées sont celles que le catalogue du banc connaît"
    crossed = held.croisement
    late = " ; donné après la campagne" if held.apres else ""
    counts = (
        f"{len(crossed.couvertes)} couvertes, {len(crossed.sans_test)} sans scénario, {len(crossed.absentes)} des nôtres absentes"
    )
    return f"{held.nom}, SHA-256 {held.sha256} ; {counts} ; choix, SHA-256 {held.choix}{late}"


def _group(title: str, *rows: tuple[str, str]) -> list[Any]:
    return [title, [list(row) for row in rows]]


def _esms(row: Any) -> list[str]:
    out = row.hors_perimetre
    return [row.finess_eg, row.nom, row.categorie, row.secteur, row.adresse, _text(row.mise_en_service), out or "retenu"]


def _services(data: PvData) -> list[list[str]]:
    told = {p.poste: p for p in data.prestation}
    names = (*POSTES, *(name for name in told if name not in POSTES))
    return [[name, told[name].etat if name in told else "", told[name].piece if name in told else ""] for name in names]


def _summary(results: Iterable[ExigenceResult]) -> list[list[str]]:
    grouped: dict[str, Counter[Verdict]] = {}
    for result in results:
        for name in result.exigence.systeme:
            grouped.setdefault(name, Counter())[result.verdict] += 1
    return [[name, *(str(counts[v] or "–") for v in _SUMMARY), str(counts.total())] for name, counts in grouped.items()]


def _line(model: CampaignModel, result: ExigenceResult, held: Iterable[Control]) -> dict[str, str]:
    """One exigence: what an OG reads before signing. A verdict rests on a simulator unless it is attested, and says so."""
    observed = [j for j in result.controles if j.base is not Basis.ATTESTE]
    last = max((int(j.anchor.rpartition("-")[2]) for j in result.controles), default=None)
    seen = "simulateur" if observed else ("déclaré" if result.controles else "")
    scenarios = ", ".join(result.scenarios[:2]) + (
        f" et {plural(len(result.scenarios) - 2, 'autre')}" if len(result.scenarios) > 2 else ""
    )
    proof = f"{plural(len(result.controles), 'contrôle')} : {scenarios}" if result.controles else result.raison
    if result.controles and result.verdict is not Verdict.CONFORME and result.raison:
        proof = f"{result.raison} ({proof})"
    recouped = [f"{c.id} {c.etat.value}" for c in held if c.id in RECOUPED.get(result.id, ())]
    if recouped:
        proof = f"{proof} ; {', '.join(recouped)}"
    return {
        "id": result.id,
        "officiel": grouped(result.references),
        "mode": MODES.get(result.exigence.auto, ""),
        "verdict": result.verdict.libelle,
        "base": " + ".join(BASES[b] for b in result.parties),
        "vu": seen,
        "preuve": proof,
        "operateur": f"pilote {model.opening['pilote']}" if observed else "",
        "heure": date_time(model.archive.events[last].t["mur"]) if last is not None else "",
        "etat": {Verdict.CONFORME: "bon", Verdict.NON_CONFORME: "mauvais"}.get(result.verdict, "ouvert"),
    }


def _text(value: date | Decimal | int | None) -> str:
    if value is None:
        return ""
    return day(value.isoformat()) if isinstance(value, date) else str(value).replace(".", ",")


def _printable(masker: Masker, value: Any) -> Any:
    """The same value with secrets masked, French spaces, and nothing that PDF/A would refuse for want of a glyph."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("?", spaced(masker.mask(value)))
    if isinstance(value, Mapping):
        return {k: _printable(masker, v) for k, v in value.items()}
    return [_printable(masker, v) for v in value] if isinstance(value, list) else value
