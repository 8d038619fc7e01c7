"""What several calls to INSi have in common, or must not have."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.ins.request import CERTIFICAT, CPS, PSC, InsRequest
from ..validation.ins.tolerances import TOLERANCES, tolerated
from ..validation.software import SoftwareIdentity, plain_name
from .ins_envelope import instance_of
from .registry import check


@check("insi.identifiers-unique", covers=("INS-01",), source="WS_INS2 : Id et MessageID propres à chaque appel", confidence="vu")
def identifiers_differ_from_call_to_call(requests: Sequence[InsRequest]) -> Evidence:
    """MessageID et Id des contextes changent à chaque appel."""
    if len(requests) < 2:
        raise Inconclusive("il faut deux appels à INSi pour comparer leurs identifiants")
    for name, read in (
        ("wsa:MessageID", lambda r: r.message_id),
        ("ContexteBAM/Id", lambda r: r.contexte_bam.id if r.contexte_bam else ""),
        ("ContexteLPS/Id", lambda r: r.contexte_lps.id if r.contexte_lps else ""),
    ):
        values = [value for value in map(read, requests) if value]
        repeated = next((v for v in values if values.count(v) > 1), None)
        if repeated is not None:
            raise CheckFailed(
                f"{name} repris d'un appel à l'autre",
                expected="un UUID neuf à chaque appel",
                received=f"{repeated}, {values.count(repeated)} fois",
                at=name,
                hint="Tirer un nouvel UUID à chaque appel, y compris quand on réessaie.",
            )
    return Evidence(note=f"{len(requests)} appels, identifiants tous différents", fired=len(requests))


@check("insi.instance-stable", covers=("INS-01",), source="WS_INS2, LPS/Instance", confidence="vu")
def instance_is_the_same_in_every_call(requests: Sequence[InsRequest]) -> Evidence:
    """L'Instance du logiciel est la même dans tous les appels d'une installation."""
    values = {instance_of(r.contexte_lps): r for r in requests if r.contexte_lps is not None}
    if len(requests) < 2 or "" in values:
        raise Inconclusive("il faut deux appels portant une Instance pour les comparer")
    if len(values) > 1:
        raise CheckFailed(
            "Instance du logiciel différente d'un appel à l'autre",
            expected="une seule Instance par installation",
            received=", ".join(values),
            at="ContexteLPS/LPS/Instance",
            hint="Tirer l'Instance à l'installation et la garder.",
        )
    return Evidence(at="ContexteLPS/LPS/Instance", fired=len(requests))


@check("insi.tolerated-spellings", covers=("INS-01",), source="graphies de logiciels réels (dmp_insi §13, §14)", confidence="vu")
def call_needs_no_tolerance(request: InsRequest) -> Evidence:
    """L'appel s'écrit sans graphie qu'INSi ne fait que tolérer."""
    found = tolerated(request)
    if found:
        raise CheckFailed(
            "Graphie tolérée, employée par des logiciels réels",
            expected="la graphie de la documentation d'INSi",
            received=" ; ".join(TOLERANCES[name] for name in found),
            at=f"{request.at}, {found[0]}",
            hint="Rien n'est refusé pour cela : à corriger si la plateforme venait à ne plus l'accepter.",
        )
    return Evidence(at=request.at)


@check("insi.both-modes", covers=("INS-16",), source="INS-16 ; SEL-MP-043 §3.2", confidence="vu")
def card_and_certificate_are_both_used(requests: Sequence[InsRequest]) -> Evidence:
    """Le DUI sait appeler INSi avec une carte CPx et avec un certificat logiciel d'organisation."""
    seen = {r.mode for r in requests}
    missing = [label for mode, label in ((CERTIFICAT, "certificat d'organisation"), (CPS, "carte CPx")) if mode not in seen]
    if missing:
        raise CheckFailed(
            "Un mode d'authentification n'a pas été utilisé",
            expected="un appel par certificat d'organisation et un appel par carte CPx",
            received=f"modes vus : {', '.join(sorted(seen))}",
            at="suite des appels",
            hint=f"Manque : {', '.join(missing)}. Les deux modes sont exigés du logiciel.",
        )
    return Evidence(note="certificat d'organisation et carte CPx", fired=len(requests))


@check("insi.psc-mode", covers=("INS-17", "PSC-07"), source="INS-17 ; SEL-MP-043 §3.2 (mode Pro Santé Connect)", confidence="vu")
def call_is_made_by_means_of_psc(request: InsRequest) -> Evidence:
    """Quand l'utilisateur est authentifié par Pro Santé Connect, l'appel à INSi porte une assertion qualifiée « PSC »."""
    if request.mode != PSC:
        raise CheckFailed(
            "Appel d'un utilisateur de Pro Santé Connect fait par un autre moyen",
            expected='une assertion avec NameQualifier="PSC"',
            received={CERTIFICAT: "certificat d'organisation", CPS: "assertion d'un autre qualifieur"}.get(
                request.mode, "aucune"
            ),
            at="/soap:Envelope/soap:Header",
            hint="Construire l'assertion à partir de l'identité rendue par Pro Santé Connect (userinfo).",
        )
    return Evidence(note="mode Pro Santé Connect")


@check("gen.same-software-in-flows", covers=("GEN-02",), source="SC.MSS/CONF.16", confidence="secondaire")
def software_is_named_alike_in_every_flow(identities: Sequence[SoftwareIdentity]) -> Evidence:
    """Le nom et la version du logiciel sont identiques dans tous les flux émis (INSi, DMP, MSSanté)."""
    if len({i.flux for i in identities}) < 2:
        raise Inconclusive("il faut deux flux différents pour comparer l'identité du logiciel")
    first = identities[0]
    for other in identities[1:]:
        if (plain_name(first.nom), first.version) != (plain_name(other.nom), other.version):
            raise CheckFailed(
                "Nom ou version du logiciel différents d'un flux à l'autre",
                expected=f"{first.flux} : {first.nom} {first.version}",
                received=f"{other.flux} : {other.nom} {other.version}",
                at=other.at,
                hint="Prendre le nom et la version d'un seul endroit du paramétrage pour tous les flux.",
            )
    return Evidence(note=f"{first.nom} {first.version} dans {len(identities)} échanges", fired=len(identities))
