"""What the assertion of a professional says to INSi: who he is, his profession, when and by which card it was made."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.ins.request import CPS, PSC, AssertionPs, InsRequest
from ..validation.saml.signature import SignatureReport, embedded_certificates
from ..validation.saml.vihf import Vihf, instant
from .registry import check

_DOCTORS = ("10", "40")
_SPECIALITY = ("codeSpecialiteAMO", "codeSpecialite")


@check("insi.assertion-of-the-user", covers=("INS-17",), source="SEL-MP-043 §3.2 ; INS-17", confidence="secondaire")
def assertion_names_the_connected_professional(request: InsRequest, person: Professionnel) -> Evidence:
    """L'assertion désigne le professionnel connecté par Pro Santé Connect, et lui seul."""
    assertion = _of(request, PSC)
    named = {person.id_nat, person.id_nat[1:]}
    if assertion.name_id not in named:
        raise CheckFailed(
            "Assertion au nom d'un autre que l'utilisateur connecté",
            expected=f"{person.id_nat} (NameID)",
            received=assertion.name_id or "vide",
            at=f"{assertion.at}/saml2:Subject/saml2:NameID",
            hint="Construire l'assertion à chaque appel avec l'identité de la session ouverte.",
        )
    return Evidence(at=assertion.at)


@check("insi.assertion-profession", covers=("INS-17",), source="SEL-MP-043 (attributs de l'assertion)", confidence="vu")
def psc_assertion_says_the_profession(request: InsRequest, person: Professionnel) -> Evidence:
    """En mode Pro Santé Connect, l'assertion porte la profession du professionnel (gipProfessionCode)."""
    assertion = _of(request, PSC)
    code = assertion.attributes.get("gipProfessionCode", "")
    if not person.profession:
        raise Inconclusive("ce professionnel n'a pas de code de profession")
    if code != person.profession:
        raise CheckFailed(
            "Profession absente de l'assertion, ou autre que celle de l'utilisateur",
            expected=f'gipProfessionCode="{person.profession}"',
            received=code or "absent",
            at=f'{assertion.at}//saml2:Attribute[@Name="gipProfessionCode"]',
            hint="Recopier le code de profession rendu par Pro Santé Connect (userinfo).",
        )
    return Evidence(at=assertion.at)


@check("insi.assertion-speciality", covers=("INS-16", "INS-17"), source="SEL-MP-043 (codeSpecialiteAMO)", confidence="vu")
def only_doctors_declare_a_speciality(request: InsRequest, person: Professionnel) -> Evidence:
    """Seuls les médecins, et ceux en formation, déclarent une spécialité AMO dans l'assertion."""
    assertion = request.assertion
    if assertion is None:
        raise Inconclusive("aucune assertion dans cet appel")
    declared = next((name for name in _SPECIALITY if name in assertion.attributes), "")
    if declared and person.profession not in _DOCTORS:
        raise CheckFailed(
            "Spécialité déclarée pour un professionnel qui n'est pas médecin",
            expected="aucun attribut de spécialité",
            received=f'{declared}="{assertion.attributes[declared]}"',
            at=f'{assertion.at}//saml2:Attribute[@Name="{declared}"]',
            hint="N'écrire codeSpecialiteAMO que pour un médecin ou un médecin en formation.",
        )
    return Evidence(at=assertion.at)


@check("insi.assertion-id-unique", covers=("INS-16",), source="SAML 2.0 core §1.3.4 (identifiants uniques)", confidence="vu")
def each_assertion_has_its_own_id(requests: Sequence[InsRequest]) -> Evidence:
    """Chaque assertion a son propre identifiant, tiré à chaque appel."""
    assertions = [r.assertion for r in requests if r.assertion is not None]
    if len(assertions) < 2:
        raise Inconclusive("il faut deux appels avec une assertion pour comparer leurs identifiants")
    ids = [a.element.get("ID", "") for a in assertions]
    repeated = next((i for i in ids if ids.count(i) > 1 or not i), None)
    if repeated is not None:
        raise CheckFailed(
            "Identifiant d'assertion absent ou repris d'un appel à l'autre",
            expected="un attribut ID neuf à chaque assertion",
            received=repeated or "absent",
            at=f"{assertions[0].at}/@ID",
            hint="Tirer un identifiant à chaque assertion : deux appels ne partagent ni assertion, ni identifiant.",
        )
    return Evidence(at=assertions[0].at, fired=len(ids))


@check("insi.assertion-fresh", covers=("INS-16",), source="SAML 2.0, IssueInstant (déduit)", confidence="infere")
def assertion_is_made_for_the_call(request: InsRequest, settings: Settings) -> Evidence:
    """L'assertion est émise au moment de l'appel."""
    assertion = request.assertion
    if assertion is None or request.received is None:
        raise Inconclusive("aucune assertion, ou heure de réception inconnue")
    written = assertion.element.get("IssueInstant", "")
    issued = instant(written)
    if issued is None or abs((issued - request.received).total_seconds()) > settings.services.tolerance_horloge:
        raise CheckFailed(
            "Assertion émise à un autre moment que l'appel",
            expected=f"{request.received:%Y-%m-%dT%H:%M:%SZ} à {settings.services.tolerance_horloge:.0f} s près",
            received=written or "absent",
            at=f"{assertion.at}/@IssueInstant",
            hint="Émettre l'assertion à chaque appel ; celle de la carte Vitale est périmée au bout de vingt minutes.",
        )
    return Evidence(at=assertion.at)


@check("insi.cps-algorithm", covers=("INS-16",), source="SEL-MP-043 §3.2 (rsa-sha256)", confidence="vu")
def card_signs_with_sha_256(request: InsRequest, signature: SignatureReport) -> Evidence:
    """L'assertion d'une carte CPx est signée en rsa-sha256."""
    assertion = _of(request, CPS)
    if not signature.count:
        raise Inconclusive("l'assertion n'est pas signée")
    if not signature.signature_method.endswith("#rsa-sha256"):
        raise CheckFailed(
            "Algorithme de signature de l'assertion",
            expected="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            received=signature.signature_method or "absent",
            at=f"{assertion.at}/ds:Signature/ds:SignedInfo/ds:SignatureMethod",
            hint="Signer avec SHA-256 : les cartes et les bibliothèques actuelles le savent.",
        )
    return Evidence(at=signature.at)


@check("insi.cps-certificate", covers=("INS-16",), source="SEL-MP-043 §3.2 (assertion signée par la carte)", confidence="vu")
def card_signature_is_of_the_professional(request: InsRequest, vihf: Vihf) -> Evidence:
    """L'assertion est signée par la carte du professionnel qu'elle désigne, et non par un certificat de l'organisation."""
    assertion = _of(request, CPS)
    certificates = embedded_certificates(vihf)
    if not certificates:
        raise Inconclusive("aucun certificat dans la signature de l'assertion")
    subject = certificates[0].x509.subject.rfc4514_string()
    number = assertion.name_id[1:] if len(assertion.name_id) == 12 else assertion.name_id
    if not number or number not in subject:
        raise CheckFailed(
            "Assertion signée par un autre certificat que la carte du professionnel",
            expected=f"un certificat au nom de {assertion.name_id}",
            received=subject,
            at=f"{assertion.at}/ds:Signature/ds:KeyInfo/ds:X509Data",
            hint="En mode CPx, la clé de la carte signe l'assertion ; le certificat de l'organisation sert au TLS mutuel.",
        )
    return Evidence(at=assertion.at)


def _of(request: InsRequest, mode: str) -> AssertionPs:
    if request.assertion is None or request.mode != mode:
        raise Inconclusive(f"cet appel n'est pas authentifié par {'Pro Santé Connect' if mode == PSC else 'carte CPx'}")
    return request.assertion
