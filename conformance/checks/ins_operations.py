"""What a search by carte Vitale and a verification carry."""

from __future__ import annotations

from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.ins.request import NS_BAM, RECHERCHE_VITALE, VERIFICATION, InsRequest
from ..validation.ins.traits import folded, normalise
from ..validation.xml import local_name
from .registry import check


@check("insi.vitale-matricule", covers=("INS-02",), source="schéma INSi_RECVITALE_INS", confidence="vu")
def card_search_carries_number_and_rank(request: InsRequest) -> Evidence:
    """La recherche par carte Vitale transmet le matricule de l'individu, sa clé et le rang de naissance."""
    if request.operation != RECHERCHE_VITALE:
        raise Inconclusive("cet appel n'est pas une recherche par carte Vitale")
    found = {local_name(e): (e.text or "").strip() for e in request.payload.iter() if isinstance(e.tag, str)}
    missing = [name for name in ("NumIdentifiant", "Cle", "DateNaissance", "RangNaissance") if not found.get(name)]
    if missing:
        raise CheckFailed(
            "Recherche par carte Vitale incomplète",
            expected="MatriculeIndividu (NumIdentifiant, Cle), DateNaissance et RangNaissance",
            received=f"manque {', '.join(missing)}",
            at=request.at,
            hint="Recopier les données du bénéficiaire choisi dans la carte.",
        )
    return Evidence(at=request.at)


@check("insi.vitale-coherent", covers=("INS-02",), source="WS_INS1 : COUVERTURE et RECVITALE", confidence="vu")
def card_data_agree_in_header_and_body(request: InsRequest) -> Evidence:
    """Le matricule, la date et le rang lus dans la carte sont les mêmes dans la COUVERTURE et dans le corps."""
    if request.operation != RECHERCHE_VITALE or request.contexte_bam is None:
        raise Inconclusive("cet appel n'est pas une recherche par carte Vitale avec son contexte")
    coverage = request.contexte_bam.element.find(f"{{{NS_BAM}}}COUVERTURE")
    if coverage is None:
        raise Inconclusive("aucune COUVERTURE")

    def held(path: str) -> str:
        return (coverage.findtext("/".join(f"{{{NS_BAM}}}{step}" for step in path.split("/"))) or "").strip()

    rank = next((e.text or "" for e in request.payload.iter("{*}RangNaissance")), "").strip()
    pairs = (
        ("BENEFICIAIRE/Nir/Num", request.ins.matricule if request.ins else ""),
        ("BENEFICIAIRE/DateNai", request.date),
        ("BENEFICIAIRE/Rang", rank),
    )
    for path, body in pairs:
        if held(path) and body and held(path) != body:
            raise CheckFailed(
                "Donnée de la carte Vitale différente dans la COUVERTURE et dans le corps",
                expected=f"{body} (corps)",
                received=f"{held(path)} ({path})",
                at=f"{request.contexte_bam.at}/COUVERTURE/{path}",
                hint="Remplir l'un et l'autre du même bénéficiaire, lu une seule fois dans la carte.",
            )
    return Evidence(at=request.at, fired=len(pairs))


@check(
    "insi.verification-of-the-identity",
    covers=("INS-03",),
    source="vérification : traits stricts (opération provisoire)",
    confidence="vu",
)
def verification_sends_the_strict_traits(request: InsRequest, usager: Usager) -> Evidence:
    """La vérification transmet les traits stricts de l'identité, jamais le nom ou le prénom utilisés."""
    _only(request, VERIFICATION)
    pairs = (
        ("NomNaissance", usager.nom_naissance, request.nom),
        ("Prenom", usager.prenom, request.prenoms[0] if request.prenoms else ""),
        ("Sexe", usager.sexe, request.sexe),
        ("DateNaissance", usager.date_naissance, request.date),
        ("LieuNaissance", usager.lieu_naissance, request.lieu or ""),
    )
    for element, local, sent in pairs:
        if sent and folded(sent) != folded(local):
            raise CheckFailed(
                f"{element} vérifié différent du trait strict de l'identité",
                expected=normalise(local),
                received=sent,
                at=request.trait_at(element),
                hint="Vérifier l'INS avec les traits stricts enregistrés avec elle.",
            )
    return Evidence(at=request.at, fired=len(pairs))


@check(
    "insi.verification-complete", covers=("INS-03",), source="kit INSi, IndividuVerifie (opération provisoire)", confidence="vu"
)
def verification_carries_the_whole_identity(request: InsRequest) -> Evidence:
    """La vérification transmet le matricule, sa clé, son OID et les cinq traits d'identité."""
    _only(request, VERIFICATION)
    ins = request.ins
    values = {
        "NumIdentifiant": ins.matricule if ins else "",
        "Cle": ins.cle if ins else "",
        "OID": ins.oid if ins else "",
        "NomNaissance": request.nom,
        "Prenom": "".join(request.prenoms) or request.liste_prenoms,
        "Sexe": request.sexe,
        "DateNaissance": request.date,
        "LieuNaissance": request.lieu or "",
    }
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise CheckFailed(
            "Vérification incomplète",
            expected=", ".join(values),
            received=f"manque {', '.join(missing)}",
            at=request.at,
            hint="Ne jamais transmettre un matricule sans son OID et les cinq traits.",
        )
    return Evidence(at=request.at, fired=len(values))


def _only(request: InsRequest, operation: str) -> None:
    if request.operation != operation:
        raise Inconclusive("cet appel est d'une autre opération")
