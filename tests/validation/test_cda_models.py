"""Which rules judge a document: the model that it declares first, then its type."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from dui_conformance.checks.declaratif import FOLDER
from dui_conformance.checks.registry import all_profiles
from dui_conformance.core.profile import best_for
from dui_conformance.validation.cda.models import LEVEL_1, MODELS, OTHER_MODELS, kind_of

DAY = date(2026, 11, 20)
DLU, IPS, NOTE, RECORD = (f"1.2.250.1.213.1.1.1.{number}" for number in (22, 51, 46, 37))
OF_MODEL = {
    "note-vaccination": "VAC-NOTE",
    "historique-vaccinations": "VAC",
    "trod": "TROD",
    "synthese-medicale": "IPS-FR",
    "fiche-transfert-su": "DLU-FT-SU",
    "fiche-retour-su": "DLU-FR-SU",
    "dlu-ehpad": "DLU-EHPAD",
    "fludt": "FLUDT",
    "fludr": "FLUDR",
    "lettre-liaison-entree-es": "LDL-EES",
    "lettre-liaison-sortie-es": "LDL-SES",
    "prescription-produits": "EP-MED-DM",
    "cr-biologie": "CR-BIO",
    "export-dui": "TDDUI",
}
AT_LEVEL_1 = {
    "88348-8": "LETTRE-LIAISON-ENTREE",
    "83981-1": "LETTRE-LIAISON-SORTIE",
    "74207-2": "SYNTHESE-ENVIRONNEMENTALE",
    "57832-8": "PRESCRIPTION-N1",
    "57828-6": "PRESCRIPTION-N1",
    "57833-6": "PRESCRIPTION-PRODUITS-N1",
    "89601-9": "CERTIFICAT-MEDICAL",
    "CERT_DECL": "CERT-DECL",
    "11506-3": "FICHE-SOINS",
    "11488-4": "CONSULTATION",
    "11502-2": "CDA-NIVEAU-1",
}


def profile_of(kind: str) -> str:
    found = best_for(kind, tuple(all_profiles().values()), DAY)
    assert found is not None
    return found.id


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_each_model_has_its_profile_under_each_type_that_it_serves(model) -> None:
    for code in model.codes:
        assert profile_of(kind_of({model.root}, code, "structure")) == OF_MODEL[model.name]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_wrong_type_does_not_escape_the_rules_of_the_model(model) -> None:
    assert profile_of(kind_of({model.root}, "34133-9", "structure")) == OF_MODEL[model.name]


@pytest.mark.parametrize(("code", "profile"), AT_LEVEL_1.items())
def test_encapsulated_file_is_judged_at_level_1_by_its_type(code: str, profile: str) -> None:
    assert profile_of(kind_of({LEVEL_1}, code, "niveau 1")) == profile


def test_type_alone_chooses_when_no_model_is_declared() -> None:
    assert profile_of(kind_of({"1.2.3"}, "96173-0", "structure")) == "TROD"
    assert profile_of(kind_of({"1.2.3"}, "74207-2", "structure")) == "DLU"
    assert profile_of(kind_of({"1.2.3"}, "28653-4", "structure")) == "CDA-ENTETE"
    assert profile_of(kind_of(set(), "", "")) == "CDA-ENTETE"


def test_parent_of_the_summary_stands_for_its_model() -> None:
    assert profile_of(kind_of({"2.16.840.1.113883.10.22.1.1"}, "74207-2", "structure")) == "IPS-FR"


def test_of_two_models_the_one_that_serves_the_type_wins() -> None:
    assert kind_of({DLU, IPS}, "60591-5", "structure") == "document.cda.60591-5.synthese-medicale"
    assert kind_of({NOTE, RECORD}, "11369-6", "structure") == "document.cda.11369-6.historique-vaccinations"


def test_document_without_body_is_told_by_its_template() -> None:
    assert kind_of({LEVEL_1}, "83981-1", "") == "document.cda.niveau-1.83981-1"
    assert kind_of({LEVEL_1, NOTE}, "87273-9", "") == "document.cda.87273-9.note-vaccination"


def test_note_de_vaccination_at_level_1_is_still_a_note() -> None:
    assert profile_of(kind_of({LEVEL_1}, "87273-9", "niveau 1")) == "VAC-NOTE"


def test_another_published_model_escapes_the_rules_of_the_type() -> None:
    for code in ("11490-0", "60591-5", "18761-7", "11369-6", "57833-6"):
        assert profile_of(kind_of({"1.2.250.1.213.1.1.1.38"}, code, "structure")) == "CDA-ENTETE"
    assert profile_of(kind_of({"1.2.250.1.213.1.1.1.60"}, "74207-2", "structure")) == "DLU"


def test_other_published_models_are_those_of_the_value_set() -> None:
    table = tomllib.loads((FOLDER / "valeurs" / "modeles.toml").read_text(encoding="utf-8"))["MODELE_DOCUMENT"]["codes"]
    published = {root for roots in table.values() for root in roots.split()}
    decisions = {"1.2.250.1.213.1.1.1.4.8", "1.2.250.1.213.1.1.1.4.9"}
    assert published - {model.root for model in MODELS} - decisions == OTHER_MODELS
