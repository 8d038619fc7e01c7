"""rapport.json: the campaign for machines. Same journal, same bytes."""

from __future__ import annotations

import json
from typing import Any

from .attestations import Attestation, attestations
from .masking import Masker
from .model import CampaignModel, ExigenceResult, Judged, ScenarioResult
from .rem.croisement import Ligne
from .rem.enregistrement import RemCroise
from .tendance import Tendance

SCHEMA = "dui-conformance/rapport/1"
AVERTISSEMENT = (
    "Répétition hors ligne : ce banc simule les plateformes nationales et n'en remplace aucune. "
    "Un comportement conforme au catalogue du harnais n'est pas une conformité au REM."
)


def report(model: CampaignModel, masker: Masker, compared: Tendance | None = None) -> dict[str, Any]:
    """The whole report as a JSON object (see ``schemas.SCHEMAS``)."""
    return {
        "schema": SCHEMA,
        "avertissement": AVERTISSEMENT,
        "outil": model.opening["outil"],
        "nonce": model.opening["nonce"],
        "jour": model.contexte.get("jour", ""),
        "terminee": model.finished,
        "produit": dict(model.opening["produit"]),
        "secteurs": list(model.secteurs),
        "pilote": model.opening["pilote"],
        "regles": list(model.contexte.get("jeux", ())),
        "exigences": [_exigence(e, masker) for e in model.exigences],
        "scenarios": [_scenario(s, masker) for s in model.scenarios],
        "hors_scenario": [_check(j, masker) for j in model.strays],
        "attestations": [_attestation(a, masker) for a in attestations(model)],
        **({"rem": _rem(model.rem, masker)} if model.rem is not None else {}),
        **({"tendance": compared.as_json()} if compared is not None else {}),
    }


def write(model: CampaignModel, masker: Masker, compared: Tendance | None = None) -> str:
    """The same as text."""
    return json.dumps(report(model, masker, compared), ensure_ascii=False, indent=1) + "\n"


def _exigence(result: ExigenceResult, masker: Masker) -> dict[str, Any]:
    return {
        "id": result.id,
        "verdict": result.verdict.value,
        "base": result.base,
        "raison": masker.mask(result.raison),
        "parties": {base.value: verdict.value for base, verdict in result.parties.items()},
        "scenarios": list(result.scenarios),
        "officiel": [{"ref": masker.mask(o.ref), "base": o.base, "confiance": o.confiance.value} for o in result.references],
        "preuves": [
            {
                "scenario": j.scenario,
                "controle": j.controle,
                "verdict": j.verdict.value,
                "echanges": list(j.echanges),
                "ancre": j.anchor,
            }
            for j in result.controles
        ],
    }


def _rem(held: RemCroise, masker: Masker) -> dict[str, Any]:
    """The REM and its three lists; the statements are left to the page."""
    crossed = held.croisement
    return {
        "nom": masker.mask(held.nom),
        "sha256": held.sha256,
        "choix": held.choix,
        "apres": held.apres,
        "couvertes": [_of_rem(ligne, masker) for ligne in crossed.couvertes],
        "sans_test": [_of_rem(ligne, masker) for ligne in crossed.sans_test],
        "absentes": list(crossed.absentes),
    }


def _of_rem(ligne: Ligne, masker: Masker) -> dict[str, Any]:
    return {
        "ref": masker.mask(ligne.rem.reference.brute),
        "exigences": list(ligne.ours),
        "confirmees": list(ligne.confirmees),
        "proposees": [name for name, _ in ligne.proposees],
    }


def _scenario(result: ScenarioResult, masker: Masker) -> dict[str, Any]:
    return {
        "id": result.id,
        "titre": result.titre,
        "verdict": result.verdict.value,
        "raison": masker.mask(result.raison),
        "tentatives": result.tentatives,
        "exigences": list(result.exigences),
        "echanges": list(result.echanges),
        "checks": [_check(j, masker) for j in result.controles],
    }


def _attestation(row: Attestation, masker: Masker) -> dict[str, Any]:
    return {
        "scenario": row.scenario,
        "question": masker.mask(row.question),
        "verdict": row.verdict.value,
        "note": masker.mask(row.note),
        "par": masker.mask(row.par),
        "date": row.date,
        "manque": masker.mask(row.manque),
        **({"formulaire": row.formulaire.as_row()} if row.formulaire is not None else {}),
        "exigences": list(row.exigences),
        "pieces": [{"nom": masker.mask(p.nom), "chemin": p.href, "sha256": p.sha256} for p in row.pieces],
        "ancre": row.anchor,
    }


def _check(judged: Judged, masker: Masker) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": judged.controle,
        "verdict": judged.verdict.value,
        "base": judged.base.value,
        "exigences": list(judged.exigences),
        "sujets": list(judged.sujets),
        "profil": judged.profil,
        "confiance": judged.confiance,
        "source": judged.source,
        "regles": judged.regles,
        "ancre": judged.anchor,
    }
    if judged.raison:
        row["raison"] = masker.mask(judged.raison)
    if judged.constat is not None:
        finding = judged.constat
        row["constat"] = {
            "message": masker.mask(finding.message),
            "attendu": masker.mask(finding.expected),
            "recu": masker.mask(finding.received),
            "ou": masker.mask(finding.at),
            "piste": masker.mask(finding.hint),
            "endroits": [{"ou": masker.mask(p.at), "recu": masker.mask(p.received)} for p in finding.problems],
        }
    return row
