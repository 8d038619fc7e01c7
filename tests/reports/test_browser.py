"""rapport.html and pv.pdf as pictures: in a real Chromium, at desk and telephone widths, and on A4."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from samples.axe import violations
from samples.pictures import CLIPPED, chromium

pytestmark = pytest.mark.browser

EXPECTED = (
    "Rapport de conformité du DUI",
    "Répétition hors ligne",
    "Ce qui n'a pas été testé, et pourquoi",
    "◀ non conforme : dmp.vihf.role",
    "Échanges hors scénario",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as opened:
        yield opened


@pytest.fixture(params=[1280, 390])
def view(request: pytest.FixtureRequest, browser: object, campagne: Path) -> Iterator[object]:
    """The page opened from disk, at one width; any message on the console is kept."""
    context = browser.new_context(viewport={"width": request.param, "height": 1200})  # type: ignore[attr-defined]
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("requestfailed", lambda request: page.said.append(request.url))
    page.goto((campagne / "rapport.html").as_uri())
    yield page
    context.close()


def unfold(page: object) -> None:
    """Open every fold, as a reader would (the page's policy forbids it any script of its own)."""
    page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")  # type: ignore[attr-defined]


def test_page_is_rendered_whole_and_nothing_is_clipped(view: object, tmp_path: Path) -> None:
    page = view
    picture = page.screenshot(path=str(tmp_path / "rapport.png"))  # type: ignore[attr-defined]
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 40_000
    for fold in (lambda p: None, unfold):
        fold(page)
        width, available = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")  # type: ignore[attr-defined]
        assert width <= available
        assert page.evaluate(CLIPPED) == []  # type: ignore[attr-defined]
    text = page.inner_text("body").replace("\u00a0", " ")  # type: ignore[attr-defined]
    assert [expected for expected in EXPECTED if expected not in text] == []
    assert page.said == []  # type: ignore[attr-defined]


def test_following_a_link_opens_the_fold_that_hides_its_target(view: object) -> None:
    page = view
    hidden = page.locator("details:not([open]) tr[id^=verdict-]").first  # type: ignore[attr-defined]
    name = hidden.get_attribute("id")
    assert not hidden.is_visible()
    page.goto(f"{page.url.partition('#')[0]}#{name}")  # type: ignore[attr-defined]
    page.wait_for_selector(f"#{name}", state="visible")  # type: ignore[attr-defined]


def test_keyboard_reaches_the_report(view: object) -> None:
    page = view
    page.keyboard.press("Tab")  # type: ignore[attr-defined]
    assert page.evaluate("() => document.activeElement.textContent") == "Aller au bilan"  # type: ignore[attr-defined]


def test_axe_finds_nothing_wrong_folded_and_unfolded(view: object) -> None:
    assert violations(view) == []
    unfold(view)
    assert violations(view) == []


def visible(page: object, rows: str) -> list[str]:
    return page.evaluate(  # type: ignore[attr-defined, no-any-return]
        "rows => [...document.querySelectorAll(rows)].filter(e => e.checkVisibility()).map(e => e.dataset.v.trim())", rows
    )


def test_filters_work_without_script_and_never_hide_where_a_link_leads(view: object) -> None:
    page = view
    rows = "#matrice tbody tr"
    whole = visible(page, rows)
    page.check("#fv-non-conforme")  # type: ignore[attr-defined]
    assert visible(page, rows) == [v for v in whole if v == "non-conforme"] != []
    page.check("#fs-psc")  # type: ignore[attr-defined]
    assert visible(page, rows) == []
    page.goto(f"{page.url.partition('#')[0]}#exigence-DMP-ALIM-04")  # type: ignore[attr-defined]
    assert visible(page, rows) == ["conforme"]
    page.check("#fs")  # type: ignore[attr-defined]
    page.check("#fv")  # type: ignore[attr-defined]
    assert visible(page, rows) == whole
    page.check("#fw-erreur-du-harnais")  # type: ignore[attr-defined]
    assert visible(page, "#liste-scenarios tbody tr") == ["erreur-du-harnais"]
    assert visible(page, ".famille .scenario") == ["erreur-du-harnais"]
    assert len(visible(page, ".famille")) == 1
    page.emulate_media(media="print")  # type: ignore[attr-defined]
    assert visible(page, rows) == whole


def test_printed_on_a4_no_page_is_blank(browser: object, campagne: Path, tmp_path: Path) -> None:
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto((campagne / "rapport.html").as_uri())
    page.pdf(path=str(tmp_path / "rapport.pdf"), prefer_css_page_size=True, print_background=True)
    context.close()
    pdf = pypdfium2.PdfDocument(tmp_path / "rapport.pdf")
    try:
        assert len(pdf) >= 5
        text = ""
        for sheet in pdf:
            assert [round(side) for side in sheet.get_size()] in ([595, 842], [594, 842], [595, 841])
            text += (told := sheet.get_textpage().get_text_bounded())
            bitmap = sheet.render(scale=0.5, grayscale=True)
            assert len(told.split()) > 3
            assert sum(value < 200 for value in bytes(bitmap.buffer)) > 100
        assert "Répétition hors ligne" in text
        assert "Rôle inconnu" in text
    finally:
        pdf.close()
