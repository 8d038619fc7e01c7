"""The two CDA documents that ViaTrajectoire carries, made up and clearly fictional: « Individu et décision », « Évaluation ».

The header and the elements are those of the samples that the guide describes; their XSD (``urn:cnsaSDO``) was not read.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from ...core.people import Usager
from .state import Decision

V3 = "urn:hl7-org:v3"
SDO = "urn:cnsaSDO"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_E = ElementMaker(namespace=V3, nsmap={None: V3, "cnsaSDO": SDO, "xsi": _XSI})
_S = ElementMaker(namespace=SDO, nsmap={None: V3, "cnsaSDO": SDO})
_CODES = "1.2.250.1.213.3.3"
_VIATRAJECTOIRE = "1.2.250.1.213.8.1"
_WARNING = "DOCUMENT FICTIF produit par un banc d'essai : aucune personne réelle n'est concernée."
_OBSERVATIONS = (
    ("230", "177", "Lieu de vie fictif", "1", "Domicile personnel"),
    ("231", "182", "Besoin de soins fictif", "2", "Soins réguliers"),
    ("232", "190", "Parcours scolaire ou professionnel fictif", "3", "Milieu adapté"),
)


def decision_document(decision: Decision) -> bytes:
    """The document « Individu et décision »."""
    entry = _E.section(
        _E.templateId(root="1.2.250.1.213.1.1.2.235"),
        _E.title("Décision d'orientation (fictive)"),
        _E.text(_WARNING),
        _E.entry(_decision(decision)),
    )
    header = (
        _E.templateId(root="1.2.250.1.213.1.1.1.4.8"),
        _E.templateId(root="2.16.840.1.113883.10.12.2"),
        _E.id(root=_VIATRAJECTOIRE, extension=decision.id_decision),
        _E.code(code="18825-0", codeSystem="2.16.840.1.113883.4.642.3.240"),
        _E.title("Individu et décision (fictif)"),
    )
    return _document(decision, header, entry, replaced=decision.remplace)


def evaluation_document(decision: Decision) -> bytes:
    """The document « Évaluation »."""
    section = _E.section(
        _E.templateId(root="1.2.250.1.213.1.1.2.229"), _E.title("Évaluation (fictive)"), _E.text(_WARNING), *_parts()
    )
    header = (
        _E.templateId(root="1.2.250.1.213.1.1.1.4.9"),
        _E.id(root=_VIATRAJECTOIRE, extension=f"EVAL-{decision.id_nat}"),
        _E.code(code="51848-0", codeSystem="2.16.840.1.113883.6.1"),
        _E.title("Évaluation (fictive)"),
    )
    return _document(decision, header, section)


def _document(decision: Decision, header: tuple[etree._Element, ...], section: etree._Element, *, replaced: str = "") -> bytes:
    assert decision.modifie is not None
    *identity, title = header
    previous = [_E.relatedDocument(_E.parentDocument(_E.id(root=f"{_VIATRAJECTOIRE}.235", extension=replaced)), typeCode="RPLC")]
    root = _E.ClinicalDocument(
        _E.realmCode(code="FR"),
        _E.typeId(root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        *identity,
        title,
        _E.effectiveTime(value=_time(decision.modifie)),
        _E.confidentialityCode(code="N", codeSystem="2.16.840.1.113883.5.25"),
        _E.languageCode(code="fr-FR"),
        _E.setId(root=f"{_VIATRAJECTOIRE}.235", extension=decision.id_nat),
        _E.versionNumber(value="1"),
        _E.recordTarget(_patient(decision.usager, ins=not decision.sans_ins)),
        _author(decision.modifie),
        _E.custodian(
            _E.assignedCustodian(
                _E.representedCustodianOrganization(_E.id(root=_VIATRAJECTOIRE, extension="ViaTrajectoire"), _E.name(_WARNING))
            )
        ),
        *(previous if replaced else ()),
        _E.component(_E.structuredBody(_E.component(section))),
    )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _author(moment: datetime) -> etree._Element:
    organisation = _E.representedOrganization(_E.id(root=_VIATRAJECTOIRE, extension="ViaTrajectoire"))
    return _E.author(
        _E.time(value=_time(moment)),
        _E.assignedAuthor(_E.id(root=_VIATRAJECTOIRE, extension="ViaTrajectoire"), organisation),
    )


def _patient(usager: Usager, *, ins: bool) -> etree._Element:
    matricule = usager.ins or usager.matricule_insi + usager.cle_insi
    ids = [_E.id(root="1.2.250.1.213.7.14", extension=f"DI-{usager.id}")]
    if ins and matricule:
        ids.insert(0, _E.id(root=usager.oid or usager.oid_insi, extension=matricule))
    return _E.patientRole(
        *ids,
        _S.dateTransfertDossier(value=usager.date_naissance.replace("-", "")),
        _S.idMDPHResponsable(root="1.2.250.1.213.7.99", extension="MDPH-FICTIVE"),
        _E.patient(
            _E.name(
                _E.family(usager.nom_naissance, qualifier="BR"),
                *(_E.given(prenom, qualifier="BR") for prenom in usager.prenoms[:1]),
            ),
            _E.administrativeGenderCode(code=usager.sexe, codeSystem="2.16.840.1.113883.5.1"),
            _E.birthTime(value=usager.date_naissance.replace("-", "")),
            _E.birthplace(_E.place(_E.addr(_E.county(usager.lieu_naissance)))),
        ),
    )


def _decision(decision: Decision) -> etree._Element:
    right = _S.droitPrestation(
        _code("typeDroitOuPrestation", "204", decision.type_droit),
        _code("natureDroit", "151", decision.nature),
        _S.dateOuvertureDuDroit(value=decision.ouverture.replace("-", "")),
        _S.dateEcheanceDuDroit(value=decision.echeance.replace("-", "")),
        _code("qualification", "171", "1"),
        _S.amendementCreton(value="false"),
        _S.existencePAG(value="false"),
        _S.caracterisation(_code("niveau", "98", decision.urgence), _code("motif", "141", "1")),
        _S.detailTypeDroitPrestation(
            _code("temporaliteAccueil", "31", "01"),
            _S.accueilSequentiel(value="false"),
            _code("categorieOrganisation", "39", "01"),
            _S.priseEnCharge(_code("modePriseEnCharge", "13", decision.modalite)),
        ),
    )
    return _S.decision(
        _S.identifiantDecision(value=decision.id_decision),
        _code("typeDeDecision", "202", "1"),
        _S.dateDeDecision(value=decision.ouverture.replace("-", "")),
        _code("motivation", "148", "1"),
        right,
    )


def _parts() -> list[etree._Element]:
    return [
        _E.component(
            _E.section(
                _E.templateId(root=f"1.2.250.1.213.1.1.2.{section}"),
                _E.text(label),
                _E.entry(
                    _E.observation(
                        _E.templateId(root=f"1.2.250.1.213.1.1.3.{template}"),
                        _E.code(_E.originalText(label), nullFlavor="OTH"),
                        _E.value({f"{{{_XSI}}}type": "CE"}, code=code, codeSystem=f"{_CODES}.{template}", displayName=display),
                        classCode="OBS",
                        moodCode="EVN",
                    )
                ),
            )
        )
        for section, template, label, code, display in _OBSERVATIONS
    ]


def _code(name: str, system: str, code: str) -> etree._Element:
    return _S(name, code=code, codeSystem=f"{_CODES}.{system}")


def _time(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S%z")
