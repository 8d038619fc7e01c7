"""The INS in identities: matricule, key, OID, integration of the answers of INSi, disclosure."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.people import Usager
from ..core.problem import Evidence, Problem
from ..core.settings import Settings
from ..validation.ins.identity import AVEC_INS, DeclaredIdentity
from ..validation.ins.key import OIDS, MatriculeIns, key_problem, oid_problem, shape_problem
from ..validation.ins.response import InsResponse, Tiq
from ..validation.ins.traits import folded
from .registry import check


@check("ins.matricule-shape", covers=("INS-03",), source="schéma INSi_RESULTAT_INS (NumIdentifiant, Cle)", confidence="vu")
def matricule_has_its_shape(ins: MatriculeIns) -> Evidence:
    """Un matricule INS a 13 caractères et une clé de 2 chiffres."""
    return _judge(ins, shape_problem(ins))


@check("ins.matricule-key", covers=("INS-03",), source="clé du NIR : 97 − (N mod 97), Corse 19/18", confidence="vu")
def matricule_key_is_right(ins: MatriculeIns) -> Evidence:
    """La clé correspond au matricule INS, sauf pour les personnes de test publiées."""
    return _judge(ins, key_problem(ins))


@check("ins.oid-known", covers=("INS-03",), source="OID de l'INS (NIR .8, NIA .9, test .10, démonstration .11)", confidence="vu")
def oid_is_one_of_the_ins(ins: MatriculeIns) -> Evidence:
    """L'OID qui accompagne le matricule est l'un des OID de l'INS."""
    return _judge(ins, oid_problem(ins))


@check("ins.oid-of-environment", covers=("INS-03",), source="OID par environnement (déduit)", confidence="infere")
def oid_is_the_one_of_the_environment(ins: MatriculeIns, settings: Settings) -> Evidence:
    """L'OID transmis est celui de l'environnement de test configuré."""
    if ins.oid != settings.insi.oid:
        raise CheckFailed(
            "OID d'un autre environnement",
            expected=settings.insi.oid,
            received=ins.oid or "absent",
            at=ins.at,
            hint="L'OID change avec l'environnement (test ou production), sans modifier les identités.",
        )
    return Evidence(at=ins.at)


@check("insi.lunar-not-integrated", covers=("INS-09",), source="RNIV, règles 11 et 12", confidence="secondaire")
def unusable_answer_is_not_integrated(response: InsResponse, identity: DeclaredIdentity) -> Evidence:
    """Un retour INSi au jour ou mois « 00 », ou dont le nom, les prénoms ou le sexe est vide, n'est pas intégré."""
    tiq = _unusable(response)
    if identity.statut in AVEC_INS or identity.matricule:
        raise CheckFailed(
            f"Retour inutilisable intégré dans l'identité ({tiq.unusable})",
            expected="identité inchangée, sans INS",
            received=f"statut {identity.statut or 'non déclaré'}, matricule {'présent' if identity.matricule else 'absent'}",
            at=identity.geste,
            hint="Contrôler la date et les traits rendus avant d'enregistrer ; alerter l'utilisateur.",
        )
    return Evidence(at=identity.geste, note=tiq.unusable)


@check("insi.traits-as-returned", covers=("INS-01",), source="RNIV, EXI REC 07 (retour enregistré tel que reçu)", confidence="vu")
def traits_are_stored_as_returned(response: InsResponse, identity: DeclaredIdentity) -> Evidence:
    """Après un code 00, l'identité locale porte le matricule, l'OID et les traits rendus par INSi, tels quels."""
    if not response.found or response.tiq is None or response.ins is None:
        raise Inconclusive("INSi n'a pas rendu d'identité")
    tiq, ins = response.tiq, response.ins
    pairs = (
        ("matricule", (ins.matricule + ins.cle)[: len(identity.matricule or "") or 15], identity.matricule),
        ("oid", ins.oid, identity.oid),
        ("nom_naissance", tiq.nom, identity.nom),
        ("prenoms", tiq.liste_prenoms or tiq.prenom, None if identity.prenoms is None else " ".join(identity.prenoms)),
        ("sexe", tiq.sexe, identity.sexe),
        ("date_naissance", tiq.date, identity.date),
        ("lieu_naissance", tiq.lieu, identity.lieu),
    )
    declared = [(name, expected, received) for name, expected, received in pairs if received is not None]
    if not declared:
        raise Inconclusive("le DUI ne déclare aucun trait de l'identité")
    for name, expected, received in declared:
        if expected != received:
            raise CheckFailed(
                f"Trait « {name} » différent de celui rendu par INSi",
                expected=expected,
                received=received or "vide",
                at=f"{identity.geste}, observation {name}",
                hint="Remplacer les traits stricts locaux par ceux d'INSi, sans les transformer.",
            )
    return Evidence(at=identity.geste, fired=len(declared))


@check(
    "insi.no-ins-without-00",
    covers=("INS-07",),
    source="RNIV : récupérée seulement après un retour INSi",
    confidence="secondaire",
)
def nothing_is_stored_without_code_00(response: InsResponse, identity: DeclaredIdentity) -> Evidence:
    """Sans code 00 (01, 02, erreur), l'identité ne reçoit ni INS, ni statut « récupérée » ou « qualifiée »."""
    if response.found or response.verification:
        raise Inconclusive("INSi a rendu une identité")
    if identity.statut in AVEC_INS or identity.matricule:
        raise CheckFailed(
            "Identité modifiée sans retour positif d'INSi",
            expected=f"statut et matricule inchangés ({response.label})",
            received=f"statut {identity.statut or 'non déclaré'}, matricule {'présent' if identity.matricule else 'absent'}",
            at=identity.geste,
            hint="N'enregistrer une INS qu'au code 00, après confirmation de l'utilisateur.",
        )
    return Evidence(at=identity.geste, note=response.label)


@check("insi.fault-shown", covers=("INS-01",), source="comportement sur erreur (déduit)", confidence="infere")
def fault_is_shown_to_the_user(response: InsResponse, identity: DeclaredIdentity) -> Evidence:
    """Le motif d'une erreur d'INSi est montré à l'utilisateur."""
    if not response.reason:
        raise Inconclusive("INSi n'a rendu aucune erreur avec un motif")
    words = {w for w in folded(response.reason).split() if len(w) > 4}
    if not words & set(folded(identity.alerte).split()):
        raise CheckFailed(
            "Motif de l'erreur non montré",
            expected=response.reason,
            received=identity.alerte or "aucun message",
            at=identity.geste,
            hint="Afficher le texte de Reason et proposer de réessayer.",
        )
    return Evidence(at=identity.geste, note="motif montré")


@check("ins.declared-with-oid", covers=("INS-07",), source="EXI REC 07 : matricule jamais sans OID", confidence="vu")
def matricule_is_kept_with_its_oid(identity: DeclaredIdentity) -> Evidence:
    """L'identité locale ne garde jamais un matricule sans son OID, et n'a d'INS qu'au statut récupérée ou qualifiée."""
    if not identity.matricule:
        if identity.statut in AVEC_INS and identity.matricule is not None:
            raise CheckFailed(
                "Statut qui suppose une INS, sans matricule",
                expected="un matricule et son OID, ou le statut provisoire ou validée",
                received=f"statut {identity.statut}, matricule vide",
                at=identity.geste,
                hint="Rétrograder le statut quand l'INS est retirée.",
            )
        return Evidence(at=identity.geste, note="aucun matricule")
    if identity.oid == "":
        raise CheckFailed(
            "Matricule gardé sans OID",
            expected="le matricule avec l'OID rendu par INSi",
            received="OID vide",
            at=identity.geste,
            hint="Enregistrer l'OID avec le matricule : il en dit la nature (NIR, NIA).",
        )
    if identity.statut is not None and identity.statut not in AVEC_INS:
        raise CheckFailed(
            "Matricule gardé sous un statut sans INS",
            expected="statut récupérée ou qualifiée",
            received=f"statut {identity.statut}",
            at=identity.geste,
            hint="Une identité provisoire ou validée n'a ni matricule ni OID.",
        )
    return Evidence(at=identity.geste)


@check("insi.verification-understood", covers=("INS-03",), source="vérification unitaire : réponse OK ou KO", confidence="vu")
def answer_of_the_verification_is_understood(response: InsResponse, geste: Geste) -> Evidence:
    """Le DUI montre la réponse de la vérification telle qu'INSi l'a donnée."""
    shown = geste.observation("reponse")
    if not response.verification or shown is None:
        raise Inconclusive("réponse de la vérification non rendue ou non déclarée par le DUI")
    if shown != response.verification:
        raise CheckFailed(
            "Réponse de la vérification mal lue",
            expected=response.verification,
            received=str(shown) or "vide",
            at=f"{geste.id}, observation reponse",
            hint="Un KO ne se montre ni ne s'enregistre comme un OK.",
        )
    return Evidence(at=geste.id, note=response.verification)


@check("insi.ko-invalidates", covers=("INS-11",), source="RNIV, règle 49", confidence="secondaire")
def denied_ins_is_invalidated(response: InsResponse, identity: DeclaredIdentity) -> Evidence:
    """Après un KO de la vérification, l'identité perd son matricule, son OID et le statut qui les suppose."""
    if response.verification != "KO":
        raise Inconclusive("la vérification n'a pas répondu KO")
    if identity.statut in AVEC_INS or identity.matricule or identity.oid:
        raise CheckFailed(
            "INS conservée après un KO",
            expected="statut provisoire ou validée, matricule et OID vides",
            received=f"statut {identity.statut or 'non déclaré'}, matricule {'présent' if identity.matricule else 'absent'}",
            at=identity.geste,
            hint="Invalider le matricule et l'OID, rétrograder le statut et alerter l'utilisateur.",
        )
    return Evidence(at=identity.geste, note="INS invalidée")


@check("ins.no-matricule-for-unqualified", covers=("INS-13",), source="RNIV, règle 28 ; EXI ID 29", confidence="vu")
def no_matricule_leaves_for_an_unqualified_identity(exchange: Exchange, usager: Usager) -> Evidence:
    """Pour une identité non qualifiée, ni le matricule ni l'OID d'INS ne sont transmis, seulement les traits."""
    if exchange.service == "insi":
        raise Inconclusive("INSi est le service qui délivre et vérifie l'INS")
    text = unquote(exchange.http.target) + exchange.http.body.read().decode("utf-8", errors="replace")
    borne = {m for m in (usager.matricule, usager.matricule_insi) if m}
    found = next((m for m in borne if m in text), None)
    if found is not None:
        raise CheckFailed(
            f"Matricule INS d'une identité {'qui n’est plus' if usager.statut == 'qualifiee' else 'non'} qualifiée transmis",
            expected="les traits seuls, sans matricule ni OID",
            received=f"le matricule de l'usager {usager.id} (statut {usager.statut} au départ)",
            at=f"{exchange.kind}, caractère {text.index(found)}",
            hint="Tester le statut « qualifiée » avant tout envoi de l'INS, y compris le test d'existence du DMP.",
        )
    if _bears_traits(text, usager) and any(f"{oid}{end}" in text for oid in OIDS for end in ('"', "'", "&", "<")):
        raise CheckFailed(
            "OID d'INS transmis pour une identité non qualifiée",
            expected="les traits seuls, sans matricule ni OID",
            received="un OID d'INS dans le message qui porte les traits de l'usager",
            at=exchange.kind,
            hint="Sans identité qualifiée, n'écrire dans le message que l'identifiant local et les traits.",
        )
    return Evidence(note=f"aucun matricule ni OID de l'usager {usager.id}")


def _bears_traits(text: str, usager: Usager) -> bool:
    """True when the message names this usager: birth name as a whole word, and birth date. A name alone may be another's."""
    dates = (usager.date_naissance, usager.date_naissance.replace("-", ""))
    named = re.search(rf"(?<![\w'-]){re.escape(usager.nom_naissance)}(?![\w'-])", text)
    return named is not None and any(d in text for d in dates)


def _judge(ins: MatriculeIns, problem: Problem | None) -> Evidence:
    if problem is not None:
        raise CheckFailed(problem.message, expected=problem.expected, received=problem.received, at=problem.at, hint=problem.hint)
    return Evidence(at=ins.at)


def _unusable(response: InsResponse) -> Tiq:
    if not response.found or response.tiq is None:
        raise Inconclusive("INSi n'a pas rendu d'identité")
    if not response.tiq.unusable:
        raise Inconclusive("l'identité rendue par INSi est utilisable")
    return response.tiq
