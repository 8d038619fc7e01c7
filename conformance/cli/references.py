"""What the user has loaded beside the files: references for the checks, and packs that judge by themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..validation.cog import Cog, CogReference
from ..validation.fhir.context import FhirPackages, default_cache

if TYPE_CHECKING:
    from ..core.settings import Settings
    from ..validation.packs.store import Pack, PackStore

FOLDER = Path(".dui-conformance") / "packs"
INDEX = "packs.json"


@cache
def references(project: str, fhir_profile: str = "") -> tuple[Any, ...]:
    """The context of the checks for a project folder; a reference that is not there is said to be absent. ``fhir_profile``
    is the canonical of the profile that FHIR resources must follow, beside those that they declare."""
    store = _store(project)
    loaded = [store.open(pack.name).load() for pack in store.packs() if pack.kind == "cog"] if store is not None else []
    cog = CogReference(next((each for each in reversed(loaded) if isinstance(each, Cog)), None))
    return (cog, fhir_packages(project, fhir_profile))


@cache
def fhir_packages(project: str, asked: str = "") -> FhirPackages:
    """The FHIR packages of the project, then the user's standard cache, then ours."""
    store = _store(project)
    opened = [store.open(pack.name) for pack in store.packs() if pack.kind == "fhir"] if store is not None else []
    return FhirPackages(tuple((str(p.folder), p.sha256) for p in opened), (asked,) if asked else (), default_cache())


def loaded_references(project: Path, settings: Settings) -> tuple[Any, ...]:
    """What the user has given for a campaign: it applies the rules that need a reference only when it is there. Raises
    ``InputError`` for a file that cannot be read."""
    loaded: list[Any] = [r for r in references(str(project)) if getattr(r, "cog", r) is not None]
    if settings.pieces.ordonnance_qr:
        from ..validation.ordonnance_qr import load_lecture_qr

        loaded.append(load_lecture_qr(project / settings.pieces.ordonnance_qr))
    loaded.append(_correspondances(project, settings))
    loaded.append(rama_frame(project, settings))
    return tuple(loaded)


def rama_frame(project: Path, settings: Settings) -> Any:
    """The frame file of the RAMA: that of the user, else our fictional example."""
    from ..validation.sidoba.cadre import cadre_exemple, load_cadre

    named = settings.sidoba.fichier_cadre
    return load_cadre(project / named) if named else cadre_exemple()


def _correspondances(project: Path, settings: Settings) -> Any:
    """How the tester confirmed that the files of his DUI are read; nothing confirmed without ``[pieces] correspondances``."""
    from ..validation.correspondances.mapping import Correspondances, load_correspondances

    named = settings.pieces.correspondances
    return load_correspondances(project / named) if named else Correspondances()


@cache
def references_mark(project: str) -> str:
    """What changes when a pack is added, replaced or removed."""
    store = _store(project)
    return "" if store is None else " ".join(f"{pack.name}={pack.sha256}" for pack in store.packs())


def judging_packs(project: str) -> tuple[Pack, ...]:
    """The packs that judge documents, verified; raises ``InputError`` for one that has changed."""
    store = _store(project)
    return () if store is None else store.judging()


def _store(project: str) -> PackStore | None:
    """The packs of the project, without making their folder."""
    folder = Path(project) / FOLDER
    if not (folder / INDEX).is_file():
        return None
    from ..validation.packs.store import PackStore

    return PackStore(folder)
