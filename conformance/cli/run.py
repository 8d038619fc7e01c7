"""``run``: a whole campaign, then its reports, its summary and its exit code."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

from ..catalogue import applicable
from ..core.errors import InputError
from ..core.settings import Settings
from ..core.verdict import Verdict
from ..drivers.manuel import Terminal
from ..reports.model import CampaignModel, load_campaign
from ..reports.tendance import EVENT, Reference, Sens, trend
from .console import Page, prepare
from .drivers import driver_maker
from .house import House, Plan
from .judge import Judge
from .preuves import announced, local, project_of_campaign
from .scenarios import Selection, select
from .serve import warn_of_exposure
from .session import play
from .terminal import Console

OK, NON_CONFORME, USAGE, HARNESS, INCONCLUSIVE = 0, 1, 2, 3, 4
CAMPAIGNS = "campagnes"
BLOCKING = (Verdict.ERREUR, Verdict.NON_CONFORME, Verdict.AVERTISSEMENT)


def default_folder(base: Path) -> Path:
    """``campagnes/<date-heure>`` under ``base``, never an existing one."""
    stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    folder, n = base / CAMPAIGNS / stamp, 1
    while folder.exists():
        n += 1
        folder = base / CAMPAIGNS / f"{stamp}-{n}"
    return folder


def newest_open(base: Path) -> Path:
    """The newest campaign under ``base`` that has no end; raises ``InputError``."""
    from ..core.journal import read_events

    for folder in sorted((base / CAMPAIGNS).glob("*/"), key=lambda f: f.name, reverse=True):
        if (folder / "journal.jsonl").is_file() and not any(e.type == "campagne.fin" for e in read_events(folder)):
            return folder
    raise InputError(f"--reprendre : aucune campagne interrompue sous {base / CAMPAIGNS}.")


def run_campaign(plan: Plan, console: Console, reference: Path | None = None, *, page: bool = False) -> int:
    """Play what is selected, write the reports, print the summary; gives the exit code. ``page``: with the live console."""
    selection = select(applicable(plan.settings.secteurs), plan.selection)
    if not selection.played:
        raise InputError("aucun scénario à jouer : vérifiez les secteurs de dui.toml et --seulement.")
    with nullcontext() if not page else prepare(plan.folder, _product(plan), console) as live:
        _play(plan, selection, console, live, reference)
        code = conclude(plan.folder, console, strict=plan.strict, reference=reference)
        if live is not None:
            live.linger()
    return code


def _play(plan: Plan, selection: Selection, console: Console, live: Page | None, reference: Path | None) -> None:
    terminal: Terminal = live.tableau if live is not None else console
    compared = _compared(reference)
    with House(plan, driver_maker(lambda: terminal), terminal.say) as house:
        console.mask = house.mask
        if live is not None:
            live.attach(house)
        if plan.resume:
            house.note_interruptions()
            selection = _remaining(selection, house)
        _announce(plan, house, selection, console)
        house.journal.append(
            "plan",
            joues=[{"id": s.id, "titre": s.title, "exigences": list(s.exigences)} for s in selection.played],
            laisses=[{"id": s.id, "titre": s.title, "raison": why, "exigences": list(s.exigences)} for s, why in selection.left],
        )
        if compared is not None:
            house.journal.append(EVENT, **compared.as_event())
        if selection.played:
            began = time.perf_counter()
            with Judge(house, wanted=lambda exchange: not exchange.scenario):
                play(house, selection, console.scenario, live.tableau if live is not None else None)
            spent = time.perf_counter() - began
            count = len(selection.played)
            console.say(f"\nDurée : {count} scénarios en {spent:.0f} s, {spent / count:.2f} s en moyenne")
        if house.recorder.stopped is not None:
            raise house.recorder.stopped
        house.journal.append("campagne.fin")


def conclude(folder: Path, console: Console, *, strict: bool = False, reference: Path | None = None) -> int:
    """Write the reports of a campaign folder, print the summary and the paths; gives the exit code."""
    from ..reports.build import build
    from ..reports.sceau.scelle import seal

    paths = build(folder)
    model = load_campaign(folder)
    console.say("")
    console.say(f"Bilan : {_counted(s.verdict for s in model.scenarios) or 'aucun scénario joué'}")
    strays = [j.verdict for j in model.strays]
    if strays:
        console.say(f"Hors scénario : {_counted(strays)} (contrôles d'échanges qu'aucun scénario n'attendait)")
    denied = [s for s in model.scenarios if s.attested and s.verdict is Verdict.NON_CONFORME]
    if denied:
        console.say(f"Attesté non conforme, sans effet sur le code de sortie : {', '.join(s.id for s in denied)}")
    told = [s for s in model.scenarios if s not in denied]
    counted = [s.verdict for s in told if s.verdict is not Verdict.NON_TESTE or lacks_gesture(s.raison)]
    code = exit_code([*counted, *(v for v in strays if v in BLOCKING)], strict=strict)
    if reference is not None:
        code = _against(reference, model, console, code)
    console.say(_next_step(code))
    sealer = local(project_of_campaign(folder))
    for line in announced(seal(folder, sealer), sealer):
        console.say(line)
    announce_reports(paths, console)
    return code


def announce_reports(paths: Mapping[str, Path], console: Console) -> None:
    """Say where the reports that people open are."""
    for label, name in (("Données", "rapport.json"), ("PV     ", "pv.pdf"), ("Rapport", "rapport.html")):
        if name in paths:
            console.say(f"{label} : {paths[name]}")


def lacks_gesture(reason: str) -> bool:
    """True when a scenario was not played for lack of a gesture: not offered, impossible, or passed by the tester."""
    return reason.startswith("geste ")


def exit_code(verdicts: list[Verdict], *, strict: bool = False) -> int:
    """3 harness error, 1 non conforme, 4 non concluant (strict: or not tested for lack of a gesture), else 0."""
    found = set(verdicts)
    if Verdict.ERREUR in found:
        return HARNESS
    if Verdict.NON_CONFORME in found or (strict and Verdict.AVERTISSEMENT in found):
        return NON_CONFORME
    if Verdict.NON_CONCLUANT in found or (strict and Verdict.NON_TESTE in found):
        return INCONCLUSIVE
    return OK


def _counted(verdicts: Iterable[Verdict]) -> str:
    counts = Counter(verdicts)
    return ", ".join(v.counted(counts[v]) for v in Verdict if counts[v])


def run_settings(settings: Settings, plan_secteurs: tuple[str, ...], pilote: str = "") -> Settings:
    """The settings with the sectors and the driver of the command line, when given."""
    from dataclasses import replace

    if pilote:
        settings = replace(settings, pilote=replace(settings.pilote, nom=pilote))
    return replace(settings, secteurs=plan_secteurs) if plan_secteurs else settings


def _remaining(selection: Selection, house: House) -> Selection:
    done = set(house.done)
    return Selection(tuple(s for s in selection.played if s.id not in done), selection.left)


def _product(plan: Plan) -> str:
    return f"« {plan.settings.produit.nom} » {plan.settings.produit.version}"


def _announce(plan: Plan, house: House, selection: Selection, console: Console) -> None:
    console.say(f"Campagne de {_product(plan)} — pilote {plan.pilote}, secteurs {', '.join(plan.settings.secteurs)}")
    if house.done:
        console.say(f"Reprise : {len(house.done)} scénarios déjà joués, {len(selection.played)} restent.")
    warn_of_exposure(plan.settings.services.adresse, console)
    console.say("Répétition hors ligne : ce banc simule les plateformes nationales et n'en remplace aucune.\n")


def _compared(reference: Path | None) -> Reference | None:
    return None if reference is None else Reference.of(load_campaign(reference))


def _against(reference: Path, model: CampaignModel, console: Console, code: int) -> int:
    compared = trend(model, load_campaign(reference))
    assert compared is not None
    worse = [change for change in compared.scenarios if change.sens is Sens.MOINS_BON]
    for change in worse:
        if change.avant is not None and change.apres is not None:
            console.say(f"moins bon qu'à la référence : {change.id} ({change.avant.libelle} → {change.apres.libelle})")
    if code in (USAGE, HARNESS):
        return code
    return NON_CONFORME if worse else OK


def _next_step(code: int) -> str:
    return {
        OK: "Aucune non-conformité dans ce qui a été joué ; le rapport dit les avertissements et ce qui n'a pas été testé.",
        NON_CONFORME: "À corriger : chaque constat du rapport dit où, ce qui était attendu et une piste.",
        HARNESS: "Le banc lui-même a échoué : voir « erreur du harnais » dans le rapport avant de conclure sur le DUI.",
        INCONCLUSIVE: "Trop peu a été observé pour conclure : vérifiez les adresses du DUI et son pilote (« doctor »).",
    }[code]
