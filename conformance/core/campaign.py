"""Campaign: what a scenario holds. Gestures, waits, faults and the application of checks, all recorded."""

from __future__ import annotations

import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from .check import Application, Check, apply
from .errors import HarnessError, Inconclusive, NotTested
from .exchange import Exchange
from .formulaire import Attestation, Formulaire, Question
from .gestures import Etat, Gesture, Piece, Resultat
from .matcher import Matcher
from .people import Professionnel, Usager
from .problem import Evidence, Finding
from .settings import Settings
from .stage import Stage
from .verdict import Basis, Confidence, Severity, Verdict

RunProfile = Callable[..., list[Application]]


class Stop(Exception):
    """Ends a scenario early; what led there is already recorded."""


@dataclass(slots=True)
class Geste:
    """A gesture asked of the DUI. ``resultat`` is None until it ended; ``fin`` is the logical time of its end."""

    id: str
    gesture: Gesture
    resultat: Resultat | None = None
    fin: datetime | None = None

    @property
    def fait(self) -> bool:
        """True when the driver confirmed that it was done."""
        return self.resultat is not None and self.resultat.etat is Etat.FAIT

    def observation(self, nom: str) -> Any:
        """What the DUI declared under that name, or None."""
        return self.resultat.observation(nom) if self.resultat else None

    def listed(self, nom: str) -> list[Any] | None:
        """The same for a list, which a tester types one after the other; None when it was not declared as one."""
        value = self.observation(nom)
        if isinstance(value, str) and value.strip():
            return value.replace(",", " ").replace(";", " ").split()
        return value if isinstance(value, list) else None

    def piece(self) -> Piece:
        """The file that the DUI gave at the end of this gesture; raises ``Inconclusive`` when it gave none."""
        if self.resultat is None or not self.resultat.pieces:
            raise Inconclusive(f"le geste « {self.gesture.nom} » n'a pas rendu de fichier ({', '.join(self.gesture.rend)})")
        return self.resultat.pieces[0]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a campaign judges with: profiles by id, extra context values for checks, the day that selects rule versions."""

    profile: Callable[[str], Any]
    run_profile: RunProfile
    context: tuple[Any, ...] = ()
    day: date | None = None
    provisional: frozenset[str] = frozenset()


@dataclass(slots=True)
class _State:
    scenario: str = ""
    attempt: int = 0
    rank: int = 0
    gestes: int = 0
    usagers: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    fallback: tuple[str, ...] = ()
    consumed: set[str] = field(default_factory=set)
    applications: list[Application] = field(default_factory=list)
    attested: list[Application] = field(default_factory=list)


class ServiceView:
    """A service as a scenario sees it: exchanges to wait for, faults to arm, orders to give."""

    def __init__(self, campaign: Campaign, nom: str) -> None:
        self._campaign = campaign
        self.nom = nom

    def wait_for(
        self, matcher: Matcher, *, after: Geste | None = None, within: float | None = None, pour: Sequence[str] = ()
    ) -> Exchange:
        """The next matching exchange of this scenario, each given once.

        Nothing by the deadline ends the scenario: *non conforme* when the gesture was confirmed, *non concluant* when
        it was not, *non teste* when it could not be made.
        """
        return self._campaign._wait(self.nom, matcher, after, within, tuple(pour))

    def seen(self, matcher: Matcher, *, least: int = 0) -> list[Exchange]:
        """All the matching exchanges of this scenario so far, consumed or not.

        ``least`` gives those still on their way the time of an absence window: a service learns of a refused handshake
        after the DUI.
        """
        campaign = self._campaign
        within = campaign.settings.delais.absence if least else 0
        return campaign._stage.seen(campaign._rank(), self.nom, matcher, least=least, within=within)

    def absent(
        self,
        matcher: Matcher,
        *,
        control: Exchange | Geste,
        during: Geste | None = None,
        pour: Sequence[str],
        within: float | None = None,
    ) -> bool:
        """Expect that nothing matches during a closed window; ``control`` shows that the DUI does reach this service."""
        return self._campaign._absent(self.nom, matcher, control, during, tuple(pour), within)

    def command(self, nom: str, **arguments: Any) -> None:
        """Order the service to do something (choose a persona, rotate its keys…)."""
        campaign = self._campaign
        campaign._stage.order(campaign._rank(), self.nom, nom, arguments)

    @contextmanager
    def panne(self, nom: str, *, times: int | None = None, target: str = "") -> Iterator[None]:
        """The service misbehaves while the block runs: for the next ``times`` requests whose kind starts with ``target``."""
        campaign = self._campaign
        campaign._stage.fault(campaign._rank(), self.nom, nom, times, target, True)
        try:
            yield
        finally:
            campaign._stage.fault(campaign._rank(), self.nom, nom, times, target, False)


class Campaign:
    """One run for one DUI. Scenarios get it as their only argument."""

    def __init__(self, settings: Settings, stage: Stage, rules: Rules) -> None:
        self.settings = settings
        self._stage = stage
        self._rules = rules
        self._state = _State()
        self.psc = ServiceView(self, "psc")
        self.insi = ServiceView(self, "insi")
        self.dmp = ServiceView(self, "dmp")
        self.edc = ServiceView(self, "edc")
        self.proxy_editeur = ServiceView(self, "proxy-editeur")
        self.fi = ServiceView(self, "fi")
        self.mss = ServiceView(self, "mss")
        self.mss_b = ServiceView(self, "mss-b")
        self.annuaire = ServiceView(self, "annuaire")
        self.viatrajectoire = ServiceView(self, "viatrajectoire")
        self.sidoba = ServiceView(self, "sidoba")

    def begin(self, scenario: str, exigences: Sequence[str] = ()) -> int:
        """Start an attempt of a scenario (runner only); ``exigences`` are cited when it ends before any check could."""
        attempt = self._stage.begin(scenario)
        self._state = _State(scenario=scenario, attempt=attempt, fallback=tuple(exigences))
        return attempt

    @property
    def applications(self) -> Sequence[Application]:
        """What this scenario applied so far."""
        return self._state.applications

    @property
    def attested(self) -> Sequence[Application]:
        """What this scenario asked a person to look at: never part of its automatic verdict."""
        return self._state.attested

    @property
    def delais(self) -> Any:
        """The waits of the settings."""
        return self.settings.delais

    def usager(self, profil: str) -> Usager:
        """A fresh fictional usager of that profile, known to the DUI and to the services."""
        self._state.usagers[profil] += 1
        graine = seed(self._state.scenario, profil, self._state.usagers[profil], self._state.attempt)
        return self._stage.usager(self._rank(), profil, graine)

    def professionnel(self, nom: str) -> Professionnel:
        """A professional, who will be the one of the next Pro Santé Connect logins."""
        return self._stage.professionnel(self._rank(), nom)

    def document(self, type: str, usager: Usager, variante: str = "") -> Piece:
        """A document of that type received about this usager; ``variante`` names what is wrong or particular in it."""
        self._state.documents += 1
        rank = self._state.documents
        nom = f"{self._state.scenario.replace('.', '-')}-{rank}{'-' + variante if variante else ''}.xml"
        graine = seed(self._state.scenario, type, rank, self._state.attempt)
        return self._stage.document(self._rank(), nom, type, usager, variante, graine)

    def start(self, gesture: Gesture) -> Geste:
        """Ask for a gesture without waiting for its end."""
        self._state.gestes += 1
        geste = Geste(f"G{self._state.gestes:02d}", gesture)
        self._stage.start(self._rank(), geste.id, gesture)
        return geste

    def finish(self, geste: Geste, within: float | None = None) -> Geste:
        """Wait for the end of a gesture; raises ``NotTested`` when it could not be made."""
        if geste.resultat is None:
            limit = self.settings.delais.geste if within is None else within
            geste.resultat, geste.fin = self._stage.result(self._rank(), geste.id, limit)
        result = geste.resultat
        if result is None:
            raise Inconclusive(f"le geste « {geste.gesture.nom} » n'était pas terminé au bout du délai")
        if result.etat in (Etat.IMPOSSIBLE, Etat.PASSE):
            raise NotTested(f"geste {result.etat} : {geste.gesture.nom}", said=result.message)
        if result.etat is Etat.ERREUR:
            raise Inconclusive(f"le pilote a rendu une erreur pour « {geste.gesture.nom} »", said=result.message)
        return geste

    def do(self, gesture: Gesture, within: float | None = None) -> Geste:
        """Ask for a gesture and wait for its end."""
        return self.finish(self.start(gesture), within)

    def require(self, check: Check, *subjects: Any, pour: Sequence[str] | None = None) -> bool:
        """Apply a check: a broken rule makes the scenario *non conforme*, and the scenario goes on."""
        return self._apply(check, subjects, Severity.ERREUR, pour)

    def advise(self, check: Check, *subjects: Any, pour: Sequence[str] | None = None) -> bool:
        """Apply a check whose breaking is only an *avertissement*."""
        return self._apply(check, subjects, Severity.AVERTISSEMENT, pour)

    def expect(self, profile: str, *subjects: Any, pour: Sequence[str] | None = None, severity: Severity | None = None) -> bool:
        """Apply all the rules of a profile; *non teste* when it is not in force on the day that selects the rules."""
        chosen = self._rules.profile(profile)
        if self._rules.day is not None and not chosen.valid_on(self._rules.day):
            raise NotTested(f"le profil {profile} n'est pas en vigueur le {self._rules.day:%d/%m/%Y}")
        found = self._rules.run_profile(
            chosen,
            subjects,
            context=self._context(),
            severity=severity,
            exigences=pour,
            blocking=self._blocking(subjects),
            day=self._rules.day,
        )
        held = True
        with self._stage.together():
            for application in found:
                held = self._record(_based(application, subjects)) and held
        return held

    def refused(self, geste: Geste, *, control: Geste | Exchange, because: str, pour: Sequence[str]) -> bool:
        """Expect that the DUI refuses: the gesture ends *refusé*, or without a session; ``control`` had succeeded."""
        ident = f"refus.{geste.gesture.nom}"
        rule = f"Le DUI refuse : {because}."
        succeeded = control.fait if isinstance(control, Geste) else control.reply is not None
        if not succeeded:
            return self._note(ident, rule, Verdict.NON_CONCLUANT, pour, (geste,), reason="le témoin positif n'a pas réussi")
        result = geste.resultat
        if result is None:
            return self._note(ident, rule, Verdict.NON_CONCLUANT, pour, (geste,), reason="geste non terminé")
        session = result.observation("session")
        if result.etat is Etat.REFUSE or session is False:
            return self._note(ident, rule, Verdict.CONFORME, pour, (geste,), note=result.message or "refus constaté")
        if result.etat is Etat.FAIT and session is True:
            finding = Finding(ident, f"Le DUI a accepté : {because}", "un refus, sans session", "une session ouverte", geste.id)
            return self._note(ident, rule, Verdict.NON_CONFORME, pour, (geste,), finding=finding)
        return self._note(
            ident, rule, Verdict.NON_CONCLUANT, pour, (geste,), reason="le DUI n'a pas dit s'il a ouvert une session"
        )

    def observed(self, geste: Geste, nom: str, *, equals: Any, pour: Sequence[str]) -> bool:
        """Compare an observation that the DUI declares with what is expected; not declared: *à examiner*."""
        ident = f"observe.{nom}"
        rule = f"Le DUI déclare {nom} = {equals}."
        value = geste.observation(nom)
        if value is None:
            reason = f"le DUI ne déclare pas « {nom} » : à constater à l'écran"
            return self._note(ident, rule, Verdict.A_EXAMINER, pour, (geste,), reason=reason, basis=Basis.ATTESTE)
        if _same(value, equals):
            return self._note(ident, rule, Verdict.CONFORME, pour, (geste,), note=f"{nom} = {value}", basis=Basis.ATTESTE)
        finding = Finding(ident, f"L'observation « {nom} » n'est pas celle attendue", str(equals), str(value), geste.id)
        return self._note(ident, rule, Verdict.NON_CONFORME, pour, (geste,), finding=finding, basis=Basis.ATTESTE)

    def attest(
        self,
        constat: str,
        *,
        pour: Sequence[str],
        piece: str = "",
        formats: tuple[str, ...] = (),
        obligatoire: bool = False,
        atteste: str = "",
        service: str = "",
    ) -> Attestation:
        """Put a form to a person (:class:`Formulaire` says what each part means). Unanswered: *à examiner*, or *non testé* when
        the ``service`` is not simulated. Never part of the verdict of a scenario that has automatic parts."""
        form = Formulaire(constat, piece, formats, obligatoire, atteste, service)
        given = self._stage.attestation(self._rank(), Question(self._state.scenario, tuple(pour), form))
        answer = given or Attestation(form.sans_reponse, manque=form.pourquoi_ouvert)
        reason = answer.manque or answer.note
        self._note(
            "attestation", constat, answer.verdict, pour, (), reason=reason, note=reason, basis=Basis.ATTESTE, automatic=False
        )
        return answer

    def advance(self, *, minutes: float = 0, seconds: float = 0, hours: float = 0) -> None:
        """Move the logical clock of the services and of the DUI; *non teste* when the DUI cannot follow."""
        self._stage.advance(self._rank(), timedelta(minutes=minutes, seconds=seconds, hours=hours))

    def skip(self, reason: str) -> None:
        """End the scenario as *non teste*, with its reason."""
        raise NotTested(reason)

    def _rank(self) -> int:
        self._state.rank += 1
        return self._state.rank

    def _context(self) -> tuple[Any, ...]:
        return (self.settings, *self._rules.context)

    def _blocking(self, subjects: Sequence[Any]) -> bool:
        return not any(isinstance(s, Exchange) and s.kind in self._rules.provisional for s in subjects)

    def _apply(self, check: Check, subjects: Sequence[Any], severity: Severity, pour: Sequence[str] | None) -> bool:
        application = apply(
            check,
            subjects,
            context=self._context(),
            severity=severity,
            exigences=pour,
            blocking=self._blocking(subjects),
        )
        return self._record(_based(application, subjects))

    def _wait(self, service: str, matcher: Matcher, after: Geste | None, within: float | None, pour: tuple[str, ...]) -> Exchange:
        grace = limit = self.settings.delais.echange if within is None else within
        pending = after.id if after is not None and after.resultat is None else ""
        if pending:
            limit = max(limit, self.settings.delais.geste + grace)
        exchange = self._stage.wait(self._rank(), service, matcher, limit, self._state.consumed, pending=pending, grace=grace)
        if exchange is not None:
            self._state.consumed.add(exchange.id)
            return exchange
        self._nothing_came(service, matcher, after, limit, pour)
        raise Stop

    def _nothing_came(self, service: str, matcher: Matcher, after: Geste | None, limit: float, pour: tuple[str, ...]) -> None:
        cited = pour or self._state.fallback
        ident, rule = f"attendu.{service}", f"Échange attendu : {matcher.label}."
        subjects = (after,) if after is not None else ()
        if after is not None and after.resultat is None:
            after.resultat, after.fin = self._stage.result(self._rank(), after.id, 0)
        etat = after.resultat.etat if after is not None and after.resultat is not None else None
        shown = after.resultat.message if after is not None and after.resultat is not None else ""
        if etat in (Etat.IMPOSSIBLE, Etat.PASSE):
            raise NotTested(f"geste {etat} : {after.gesture.nom if after else ''}", said=shown)
        if matcher.kinds and all(k in self._rules.provisional for k in matcher.kinds):
            raise NotTested(f"{matcher.label} : opération provisoire, aucun appel reconnu parmi ceux que le DUI a faits")
        if etat in (Etat.FAIT, Etat.REFUSE):
            finding = Finding(
                check=ident,
                message=f"Aucun échange reçu : {matcher.label}",
                expected=f"{matcher.label}, dans les {limit:g} s",
                received=f"rien ; geste {etat}{' (« ' + shown + ' »)' if shown else ''}",
                at=service,
                hint="Vérifier que le DUI est réglé sur les adresses de services.json et que le geste déclenche bien cet appel.",
            )
            self._note(ident, rule, Verdict.NON_CONFORME, cited, subjects, finding=finding)
            return
        self._note(
            ident, rule, Verdict.NON_CONCLUANT, cited, subjects, reason=f"rien reçu ({matcher.label}) et geste non confirmé"
        )

    def _absent(
        self,
        service: str,
        matcher: Matcher,
        control: Exchange | Geste,
        during: Geste | None,
        pour: tuple[str, ...],
        within: float | None,
    ) -> bool:
        ident, rule = f"absent.{service}", f"Aucun échange : {matcher.label}."
        if isinstance(control, Exchange) and (control.service, control.scenario) not in (
            (service, self._state.scenario),
            (service, ""),
        ):
            raise HarnessError("le témoin d'une absence est un échange du même service dans le même scénario")
        limit = self.settings.delais.absence if within is None else within
        started = time.monotonic()
        exchange = self._stage.wait(self._rank(), service, matcher, limit, self._state.consumed)
        subjects = tuple(s for s in (exchange, during, control) if s is not None)
        if exchange is not None:
            self._state.consumed.add(exchange.id)
            finding = Finding(
                check=ident,
                message=f"Échange interdit reçu : {matcher.label}",
                expected="aucun échange de cette sorte",
                received=f"{exchange.id} ({exchange.kind})",
                at=exchange.id,
                hint="Retrouver ce qui déclenche cet appel dans le DUI et le conditionner.",
            )
            return self._note(ident, rule, Verdict.NON_CONFORME, pour, subjects, finding=finding)
        self._stage.record("fenetre", attendu=matcher.label, secondes=round(max(limit, time.monotonic() - started), 3))
        if isinstance(control, Geste) and not control.fait:
            return self._note(ident, rule, Verdict.NON_CONCLUANT, pour, subjects, reason="le témoin positif n'a pas réussi")
        if during is not None and not during.fait and (during.resultat is None or during.resultat.etat is not Etat.REFUSE):
            return self._note(ident, rule, Verdict.NON_CONCLUANT, pour, subjects, reason="geste non confirmé")
        return self._note(
            ident, rule, Verdict.CONFORME, pour, subjects, note="fenêtre close sans échange ; témoin positif présent"
        )

    def _note(
        self,
        ident: str,
        rule: str,
        verdict: Verdict,
        pour: Sequence[str],
        subjects: Sequence[Any],
        *,
        reason: str = "",
        note: str = "",
        finding: Finding | None = None,
        basis: Basis = Basis.OBSERVE,
        automatic: bool = True,
    ) -> bool:
        application = Application(
            check=ident,
            rule=rule,
            verdict=verdict,
            severity=Severity.ERREUR,
            exigences=tuple(pour),
            subjects=tuple(str(s.id) for s in subjects),
            evidence=Evidence(note=note) if verdict is Verdict.CONFORME else None,
            finding=finding,
            reason=reason,
            basis=basis,
        )
        return self._record(application, automatic=automatic)

    def _record(self, application: Application, *, automatic: bool = True) -> bool:
        (self._state.applications if automatic else self._state.attested).append(application)
        self._stage.record("verdict", **verdict_row(application, self._stage.blob))
        return application.verdict is Verdict.CONFORME


def _same(declared: Any, wanted: Any) -> bool:
    """True for the same value, or the same word as a person types it: ``2`` for 2, ``Fermé`` for ``ferme``."""
    return bool(declared == wanted) or (not isinstance(declared, bool) and _folded(str(declared)) == _folded(str(wanted)))


def _folded(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def _based(application: Application, subjects: Sequence[Any]) -> Application:
    """What was judged on a file that the DUI gave rests on that file, not on an exchange that was seen."""
    given = any(isinstance(subject, Piece) for subject in subjects)
    return replace(application, basis=Basis.FICHIER) if given else application


def seed(scenario: str, profil: str, rank: int, attempt: int) -> str:
    """The seed of the ``rank``-th usager of that profile in an attempt: each attempt has its own people."""
    return f"{scenario}/{profil}/{rank}/{attempt}"


def verdict_row(application: Application, blob: Callable[[Any], str]) -> dict[str, Any]:
    """The journal's record of an application: no time, no path, no version. Texts that may quote data go to a blob."""
    detail: Mapping[str, Any] = {
        "regle": application.rule,
        "raison": application.reason,
        "preuve": application.evidence and {"ou": application.evidence.at, "note": application.evidence.note},
        "constat": application.finding and application.finding.as_dict(),
        "source": application.source,
    }
    return {
        "controle": application.check,
        "verdict": application.verdict,
        "gravite": application.severity,
        "exigences": list(application.exigences),
        "sujets": list(application.subjects),
        "profil": application.profile,
        "confiance": application.confidence if application.confidence is not Confidence.VU else "vu",
        "base": application.basis,
        "regles": application.evidence.fired if application.evidence else 0,
        "detail": blob(detail),
    }
