"""dui.toml: what is accepted, and what a wrong one says."""

import pytest
from dui_conformance.cli.init import TEMPLATE
from dui_conformance.core.errors import InputError
from dui_conformance.core.settings import Settings, parse_settings, settings_from_row, settings_row


def test_defaults_survive_a_round_trip() -> None:
    settings = parse_settings('secteurs = ["PA"]\n[services.ports]\npsc = 8443\n')
    assert settings_from_row(settings_row(settings)) == settings


def test_the_template_of_init_is_accepted() -> None:
    settings = parse_settings(TEMPLATE)
    assert settings.secteurs == ("PA",)
    assert settings.pilote.nom == "manuel"


def test_an_empty_file_describes_the_reference_dui() -> None:
    assert parse_settings("") == Settings()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[produit]\nnom = 'x'\nversoin = '1'\n", 3, ("produit.versoin", "Vouliez-vous dire « version »")),
        ("secteur = ['PA']\n", 1, ("secteur", "secteurs")),
        ("secteurs = ['EHPAD']\n", 1, ("EHPAD", "PA, PHO")),
        ("\n\n[dmp]\nmode = 'DIRECT'\n", 4, ("dmp.mode", "INDIRECTE_RENFORCEE")),
        ("[structure]\nfiness_ej = '12'\n", 2, ("finess_ej", "9 caractères")),
        ("[delais]\ngeste = 'vite'\n", 2, ("delais.geste", "un nombre")),
        ("[delais]\ngeste = -1\n", 2, ("delais.geste", "positif")),
        ("[services.ports]\npsc = 70000\n", 2, ("services.ports.psc", "65535")),
        ("[insi]\nmodes = ['carte']\n", 2, ("insi.modes", "certificat, cps, psc")),
        ("[psc]\nredirect_uris = 'https://x'\n", 2, ("psc.redirect_uris", "liste de textes")),
        ("produit = 'x'\n", 1, ("produit", "[produit]")),
    ],
)
def test_a_wrong_key_or_value_names_itself_its_line_and_what_is_accepted(text: str, line: int, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(text)
    message = str(caught.value)
    assert f"ligne {line}" in message
    for word in words:
        assert word in message


def test_broken_toml_is_said_in_french() -> None:
    with pytest.raises(InputError, match="syntaxe TOML invalide"):
        parse_settings("secteurs = [")
