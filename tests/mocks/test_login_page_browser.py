"""The login page in a real Chromium: chosen by hand, by keyboard, searched, on a desk and on a telephone."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from dui_conformance.core.clock import Clock
from dui_conformance.core.settings import Psc
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.psc.messages import APPROVAL, OIDC
from dui_conformance.mocks.runtime import Runtime
from samples.pictures import chromium
from samples.psc import DEMAND
from samples.runtime import MemoryRecorder

pytestmark = pytest.mark.browser
CLIPPED = """() => [...document.querySelectorAll('main *, header *')]
  .filter(e => e.getClientRects().length && (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'
    || e.getBoundingClientRect().right > innerWidth + 1)).map(e => e.tagName + ' ' + e.textContent.slice(0, 60))"""


class Callback:
    """The server of a DUI, reduced to what the browser brings back."""

    def __init__(self) -> None:
        self.returns: queue.Queue[tuple[str, dict[str, str]]] = queue.Queue()
        returns = self.returns

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._note(urlsplit(self.path).query)

            def do_POST(self) -> None:
                self._note(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _note(self, text: str) -> None:
                if urlsplit(self.path).path == "/retour":
                    returns.put((self.command, dict(parse_qsl(text))))
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.end_headers()
                self.wfile.write(b"session ouverte")

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/retour"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class World:
    """The provider on the network, and the callback of its client."""

    def __init__(self, pki: Pki) -> None:
        self.callback = Callback()
        self.ac = pki.ac
        self.psc = ProSanteConnect(Psc(client_secret="secret-de-test", redirect_uris=(self.callback.address,)), seed=1)
        self.runtime = Runtime(MemoryRecorder(), Clock(), pki)
        self.runtime.start([self.psc])
        self.psc.configure({nom: self.runtime.url(nom) for nom in ("psc", "psc-portefeuille")})

    def demand(self, **more: str) -> str:
        return f"{self.psc.wallet}?{urlencode(DEMAND | {'redirect_uri': self.callback.address} | more)}"

    def back(self) -> tuple[str, dict[str, str]]:
        return self.callback.returns.get(timeout=20)

    def post(self, path: str, **form: str) -> Any:
        auth = (self.psc.client.id, self.psc.client.secret)
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.runtime.url("psc") + path, form, auth=auth, verify=str(self.ac), timeout=20).json()

    def who(self, code: str) -> str:
        tokens = self.post(f"{OIDC}/token", grant_type="authorization_code", code=code, redirect_uri=self.callback.address)
        assert tokens["id_token"]
        return next(reversed(self.psc.store.sessions.values())).persona

    def close(self) -> None:
        self.runtime.stop()
        self.callback.close()


@pytest.fixture(scope="module")
def world(pki: Pki) -> Iterator[World]:
    made = World(pki)
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@contextmanager
def page_of(browser: Any, width: int = 1280, *, script: bool = False, dark: bool = False) -> Iterator[Any]:
    scheme = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": width, "height": 900}, ignore_https_errors=True, java_script_enabled=script, color_scheme=scheme
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def test_professional_chosen_by_hand_reaches_the_callback_of_the_dui(browser: Any, world: World) -> None:
    with page_of(browser) as page:
        page.goto(world.demand())
        assert "Ceci est un simulateur" in page.inner_text("header")
        page.click("text=Camille TESTEUR-SOIN")
        method, returned = world.back()
        assert page.inner_text("body") == "session ouverte"
    assert (method, returned["state"]) == ("GET", DEMAND["state"])
    assert world.who(returned["code"]) == "infirmiere-ehpad"


def test_search_and_refusal_work_without_script(browser: Any, world: World) -> None:
    with page_of(browser) as page:
        page.goto(world.demand())
        page.get_by_label("Rechercher").fill("heredia")
        page.keyboard.press("Enter")
        page.wait_for_url("**/auth/connexion?**")
        assert page.locator("button[name=identite]:not(.secondaire)").count() == 1
        page.click("text=Refuser la connexion")
        _, returned = world.back()
    assert returned["error"] == "access_denied"


def test_keyboard_alone_is_enough(browser: Any, world: World) -> None:
    with page_of(browser) as page:
        page.goto(world.demand())
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        _, returned = world.back()
    assert returned["code"]


def test_form_post_brings_the_code_in_a_body(browser: Any, world: World) -> None:
    with page_of(browser) as page:
        page.goto(world.demand(response_mode="form_post"))
        page.click("text=Malo TESTEUR-EDUCATION")
        page.click("text=Revenir au logiciel")
        method, returned = world.back()
    assert method == "POST"
    assert world.who(returned["code"]) == "educateur"


def test_second_login_is_silent_in_the_same_browser(browser: Any, world: World) -> None:
    with page_of(browser) as page:
        page.goto(world.demand())
        page.click("text=Bao TESTEUR-NOMADE")
        world.back()
        page.goto(world.demand())
        _, returned = world.back()
        page.goto(world.demand(prompt="login"))
        assert "Qui se connecte" in page.inner_text("h1")
    assert world.who(returned["code"]) == "trois-lieux"


def test_telephone_page_approves_a_request(browser: Any, world: World) -> None:
    world.psc.command("ciba", {"decision": "page"})
    asked = world.post(
        f"{OIDC}/ext/ciba/auth", scope="openid scope_all", login_hint="899700000004", binding_message="42", channel="MOBILE"
    )
    with page_of(browser, 390) as page:
        page.goto(world.runtime.url("psc-portefeuille") + APPROVAL)
        assert "42" in page.inner_text("main")
        page.click("text=Approuver")
        assert "n’attend" in page.inner_text("main")
    given = world.post(f"{OIDC}/token", grant_type="urn:openid:params:grant-type:ciba", auth_req_id=asked["auth_req_id"])
    assert given["id_token"]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_clipped_and_everything_is_labelled(
    browser: Any, world: World, width: int, dark: bool, tmp_path: Path
) -> None:
    with page_of(browser, width, script=True, dark=dark) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(world.demand())
        picture = page.screenshot(path=str(tmp_path / "connexion.png"), full_page=True)
        assert len(picture) > 30_000
        assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.evaluate(CLIPPED) == []
        assert page.get_by_role("searchbox", name="Rechercher").count() == 1
        assert page.get_by_role("button").count() == 26
        assert page.locator("h1").count() == 1
        unseen = [text for text in said if "favicon" not in text]
        assert unseen == []
