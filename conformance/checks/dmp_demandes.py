"""A search, an emergency access or a change of the DMP says what the user asked for."""

from __future__ import annotations

from datetime import date

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..validation.dmp.modification import ARCHIVED, DELETED, UPDATE_STATUS, UpdateRequest
from ..validation.dmp.requete import APPROVED, AT, ENTRY, StoredQuery
from ..validation.saml.vihf import PURPOSE, Vihf
from ..validation.xds import vocabulary as v
from .registry import check

_STATUSES = {"archive": ARCHIVED, "remplace": "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"}
_NEW_STATUS = {"archiver": ARCHIVED, "desarchiver": APPROVED, "supprimer": DELETED}
_INVISIBLE = frozenset({"INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_REP_LEGAUX"})
_WEBINAIRE = "webinaire ANS du 31/03/2026, consultation du DMP"


@check("dmp.recherche.filters-applied", covers=("DMP-CONS-16",), source=f"{_WEBINAIRE} ; SC.DMP/UX.27", confidence="vu")
def search_applies_the_filters(geste: Geste, query: StoredQuery) -> Evidence:
    """Chaque critère choisi par l'utilisateur est un paramètre de la recherche."""
    asked = {name: str(value) for name, value in geste.gesture.arguments().items() if value}
    wanted: list[tuple[str, str, bool]] = []
    if "type" in asked:
        found = query.literals(f"{ENTRY}TypeCode")
        wanted.append(("TypeCode", asked["type"], any(text.partition("^")[0] == asked["type"] for text in found)))
    for name, end in (("depuis", "From"), ("jusqu_a", "To")):
        if name in asked:
            wanted.append((f"CreationTime{end}", asked[name], _bounded(query, end, asked[name])))
    if "auteur" in asked:
        found = query.literals(f"{ENTRY}AuthorPerson")
        wanted.append(("AuthorPerson", asked["auteur"], any(asked["auteur"].casefold() in text.casefold() for text in found)))
    if "statut" in asked:
        status = _STATUSES[asked["statut"]]
        wanted.append(("Status", status, status in query.literals(f"{ENTRY}Status")))
    if not wanted:
        raise Inconclusive("recherche sans filtre")
    for parameter, value, held in wanted:
        if not held:
            raise CheckFailed(
                f"Filtre de l'utilisateur absent de la recherche : {parameter}",
                expected=f"{ENTRY}{parameter} selon {value}",
                received=", ".join(query.literals(f"{ENTRY}{parameter}")) or "absent",
                at=f"{AT}/rim:AdhocQuery/rim:Slot[@name='{ENTRY}{parameter}']",
                hint="Traduire chaque critère de l'écran en un paramètre de FindDocuments.",
            )
    return Evidence(at=AT, note=", ".join(parameter for parameter, _, _ in wanted), fired=len(wanted))


def _bounded(query: StoredQuery, end: str, day: str) -> bool:
    """True when a time of creation or of service is bounded at that day, or the next one for an end that it includes."""
    start = date.fromisoformat(day)
    days = {
        f"{start:%Y%m%d}",
        f"{date.fromordinal(start.toordinal() + 1):%Y%m%d}",
        f"{date.fromordinal(start.toordinal() - 1):%Y%m%d}",
    }
    texts = (
        text for name in ("CreationTime", "ServiceStartTime", "ServiceStopTime") for text in query.literals(f"{ENTRY}{name}{end}")
    )
    return any(text[:8] in days for text in texts)


@check(
    "dmp.recherche.incremental", covers=("DMP-CONS-21",), source="exemples d'usage PDSM ; EX_3.1-1020", confidence="secondaire"
)
def later_search_is_incremental(query: StoredQuery, former: Exchange) -> Evidence:
    """Une recherche automatique qui suit une première ne redemande que ce qui a été déposé depuis."""
    names = ("$XDSSubmissionSetSubmissionTimeFrom", f"{ENTRY}CreationTimeFrom", f"{ENTRY}ServiceStartTimeFrom")
    starts = [text for name in names for text in query.literals(name)]
    oldest = f"{former.times.logical:%Y%m%d}"
    if not any(text[:8] >= oldest for text in starts):
        raise CheckFailed(
            "Recherche automatique qui redemande tout",
            expected=f"FindSubmissionSets, SubmissionTimeFrom depuis {former.id}",
            received=", ".join(starts) or "aucune date de début",
            at=f"{AT}/rim:AdhocQuery",
            hint="Garder la date de la dernière recherche de l'usager, et ne chercher que les lots déposés depuis.",
        )
    return Evidence(at=AT, note=starts[0])


@check("dmp.urgence.coded", covers=("DMP-CONS-22",), source=f"{_WEBINAIRE} ; SEL-MP-037 (bris de glace)", confidence="secondaire")
def emergency_is_declared(vihf: Vihf) -> Evidence:
    """L'accès en urgence est déclaré comme tel dans le VIHF : le mode d'accès n'y est pas « normal »."""
    code = next((value.code for value in vihf.coded.get(PURPOSE, ())), "")
    if "glace" not in code.lower().replace("_", ""):
        raise CheckFailed(
            "Bris de glace non déclaré",
            expected="bris_de_glace",
            received=code or "absent",
            at=vihf.attribute_xpath(PURPOSE),
            hint="PurposeOfUse prend le code du bris de glace pour les appels de cet accès, et pour eux seuls.",
        )
    return Evidence(at=vihf.attribute_xpath(PURPOSE), note=code)


@check("dmp.urgence.ended", covers=("DMP-CONS-22",), source=_WEBINAIRE, confidence="vu")
def ordinary_access_is_declared_normal(vihf: Vihf) -> Evidence:
    """Hors d'une urgence, le mode d'accès déclaré dans le VIHF est « normal »."""
    code = next((value.code for value in vihf.coded.get(PURPOSE, ())), "")
    if code != "normal":
        raise CheckFailed(
            "Accès ordinaire déclaré comme une urgence",
            expected="normal",
            received=code or "absent",
            at=vihf.attribute_xpath(PURPOSE),
            hint="Le bris de glace ne vaut que pour l'accès demandé : le mode revient à « normal » ensuite.",
        )
    return Evidence(at=vihf.attribute_xpath(PURPOSE), note=code)


@check(
    "dmp.gestion.as-asked", covers=("DMP-ALIM-10",), source="exemples officiels de messages DMP 02.05.00 (TD3.3)", confidence="vu"
)
def change_is_the_one_asked(geste: Geste, request: UpdateRequest, exchange: Exchange) -> Evidence:
    """La modification envoyée est celle que l'utilisateur a demandée : même document, même action, rien d'autre."""
    action = str(geste.gesture.arguments().get("action", "supprimer"))
    wanted, received, at = _NEW_STATUS.get(action, ""), "", ""
    if wanted:
        for each in request.associated(UPDATE_STATUS):
            received, at = next(iter(each.slots.get("NewStatus", ())), ""), each.at
        held = received == wanted
    else:
        codes = [{code.code for code in entry.codes.get(v.CONFIDENTIALITY, ())} for entry in request.entries]
        received = " ; ".join(", ".join(sorted(each)) for each in codes)
        at = request.entries[0].code_xpath(v.CONFIDENTIALITY) if request.entries else ""
        wanted = {
            "masquer": "MASQUE_PS ajouté",
            "demasquer": "MASQUE_PS retiré",
            "rendre_visible": "codes d'invisibilité retirés, les autres gardés",
        }[action]
        held = len(codes) == 1 and _visibility_as_asked(action, codes[0])
    if not held:
        raise CheckFailed(
            f"Modification autre que celle demandée : {action}",
            expected=wanted,
            received=received or "rien",
            at=at or exchange.id,
            hint="Partir de la fiche relue par TD3.1, et n'y changer que ce que l'utilisateur a demandé.",
        )
    return Evidence(at=at, note=action)


def _visibility_as_asked(action: str, codes: set[str]) -> bool:
    if action == "masquer":
        return "MASQUE_PS" in codes
    if action == "demasquer":
        return "MASQUE_PS" not in codes
    return not codes & _INVISIBLE
