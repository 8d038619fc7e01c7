"""A secret never appears in any projection, in any form that it travels in."""

from __future__ import annotations

import base64
import json
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, quote_plus

import pypdfium2
import pytest
from dui_conformance.reports import masking
from dui_conformance.reports.masking import MASK, Masker, PassingMasker
from samples.report import SECRETS

TEXTS = ("rapport.html", "rapport.json", "junit.xml", "couverture.csv")


def forms(secret: str) -> set[str]:
    """The forms of a secret, made here on their own."""
    data = secret.encode()
    aligned = {base64.b64encode(b"x" * n + data + b"yyy")[-(-8 * n // 6) : 8 * (n + len(data)) // 6].decode() for n in (0, 1, 2)}
    encoded = {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode(), *aligned}
    return {secret, quote(secret, safe=""), quote_plus(secret), escape(secret), json.dumps(secret)[1:-1], *encoded}


def pdf_text(path: Path) -> str:
    pdf = pypdfium2.PdfDocument(path)
    return "".join(page.get_textpage().get_text_bounded() for page in pdf)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_projection_holds_a_secret(campagne: Path, secret: str) -> None:
    for name in TEXTS:
        text = (campagne / name).read_text(encoding="utf-8")
        for form in forms(secret):
            assert form not in text, f"{name} : {form}"
            assert form not in unescape(text), f"{name} : {form}"
    assert not any(form in pdf_text(campagne / "pv.pdf") for form in forms(secret))


def test_what_is_masked_shows_that_it_is(page: str) -> None:
    assert f"client_secret={MASK}" in page
    assert f"Authorization: Basic {MASK}" in page
    assert f"&#34;access_token&#34;: &#34;{MASK}&#34;" in page


@pytest.mark.parametrize("secret", ["s3cr3t-abc", "a+b/c=d&e f", "éàü-secret", "pa ss<wo>rd", "jeton.opaque-0123456789"])
def test_every_form_of_a_minted_secret_is_masked(secret: str) -> None:
    masker = Masker([secret])
    for form in forms(secret):
        assert form not in masker.mask(f"avant {form} après")
        assert masker.mask(f"avant {form} après").startswith("avant ")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer inconnu-du-banc",
        "authorization=Basic ZHVpOnNlY3JldA",
        "Cookie: SESSION=valeurdesession",
        "?code=jamaisvu&state=public",
        '{"refresh_token": "jamaisvu"}',
        "client_secret=jamaisvu",
        "jeton eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    ],
)
def test_a_secret_that_nobody_declared_is_masked_by_its_type(text: str) -> None:
    masked = Masker([]).mask(text)
    assert MASK in masked
    assert not any(
        value in masked for value in ("jamaisvu", "inconnu-du-banc", "ZHVpOnNlY3JldA", "valeurdesession", "c2lnbmF0dXJl")
    )


def test_what_is_not_secret_is_kept() -> None:
    text = "GET /auth?state=public&scope=openid HTTP 302, code de réponse 00, rôle 10"
    assert Masker(["autre-secret"]).mask(text) == text


def test_a_short_value_is_not_searched() -> None:
    assert Masker(["00"]).mask("code 00") == "code 00"


@pytest.mark.timeout(20)
def test_time_does_not_grow_with_the_number_of_secrets() -> None:
    text = "<Attribut Nom='urn:oasis:names'>valeur ordinaire</Attribut>\n" * 5_000
    assert Masker(f"jeton-numero-{n:06d}-aleatoire" for n in range(3_000)).mask(text) == text


def test_secrets_that_come_later_are_masked_whatever_came_before() -> None:
    recent = ["premier-secret"]
    masker = PassingMasker(lambda: recent)
    assert masker.mask("premier-secret, second & secret") == f"{MASK}, second & secret"
    recent.append("second & secret")
    assert masker.mask("premier-secret, second & secret, second &amp; secret") == f"{MASK}, {MASK}, {MASK}"
    recent.append("premier-secret-plus-long")
    assert masker.mask("premier-secret-plus-long") == MASK


def test_old_secrets_are_forgotten_and_the_recent_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "FORGOTTEN", 3)
    recent = ["ancien-secret"]
    masker = PassingMasker(lambda: recent)
    assert masker.mask("ancien-secret") == MASK
    recent[:] = ["nouveau-secret"]
    assert [masker.mask("ancien-secret nouveau-secret") for _ in range(4)] == [
        *[f"{MASK} {MASK}"] * 2,
        *[f"ancien-secret {MASK}"] * 2,
    ]
