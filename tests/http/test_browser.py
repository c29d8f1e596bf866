"""In a real browser: nothing leaves the host, nothing overflows a phone, the keyboard suffices."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, Request, async_playwright

from tests.cast import new_key, peer
from tests.http.conftest import Served
from tests.http.test_pages import HUB_PAGES

pytestmark = [
    pytest.mark.skipif(
        "chromium" in os.environ.get("PECFED_WITHOUT", ""),
        reason="no Chromium on this machine: apt-get install chromium",
    ),
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),  # a browser can't tell
]

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
PHONE = {"width": 360, "height": 740}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Elements that stick out of the page, for the message of a failed test.
CULPRITS = """[...document.querySelectorAll('main *')].filter(
    e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .filter(e => e.checkVisibility())
    .map(e => {
      const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
      return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), e.outerHTML.slice(0, 90)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium: the system's, else the one that Playwright installed."""
    system = shutil.which("chromium") or shutil.which("chromium-browser")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield opened
        await opened.close()


class Watch:
    """What a page asked for, and what the browser complained about."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        """A request that failed; one that leaving the page cut off doesn't count."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.failure}: {request.url}")


async def open_page(
    browser: Browser, width: int = PHONE["width"], scheme: str = "light", **more: bool
) -> Page:
    """A fresh page in a browser of its own."""
    context = await browser.new_context(
        viewport={"width": width, "height": PHONE["height"]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="fr-FR",
        **more,  # type: ignore[arg-type]
    )
    return await context.new_page()


async def test_every_page_fits_a_phone_and_stays_at_home(browser: Browser, hub: Served) -> None:
    """At 360 px without sideways scrolling; no request to elsewhere, no complaint."""
    page = await open_page(browser)
    watch = Watch(page)
    for path in HUB_PAGES:
        for language in ("fr", "en"):
            answer = await page.goto(f"{hub.settings.url}/{language}{path}")
            assert answer is not None
            assert answer.status == 200
            wider = await page.evaluate(WIDER)
            assert wider <= 0, (path, wider, await page.evaluate(CULPRITS))
    assert watch.complaints == []
    assert watch.requests
    assert [url for url in watch.requests if not url.startswith(hub.settings.url + "/")] == []
    assert any(url.endswith(".css") for url in watch.requests)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_its_ground(browser: Browser, hub: Served, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3), in light and in dark."""
    page = await open_page(browser, 1280, scheme)
    for path in HUB_PAGES:
        await page.goto(f"{hub.settings.url}/fr{path}")
        assert await page.evaluate(CONTRAST) == [], path


async def test_pages_work_without_javascript(browser: Browser, hub: Served) -> None:
    """Search, filter, go on, change the language: links and forms do it all."""
    page = await open_page(browser, java_script_enabled=False)
    await page.goto(hub.settings.url)
    await page.get_by_label("Chercher une plateforme").fill("vélo")
    await page.get_by_role("button", name="Chercher").click()
    assert page.url.startswith(f"{hub.settings.url}/members?q=v")
    assert await page.get_by_role("status").text_content() == "1 fiche"
    await page.get_by_role("link", name="Lilas").click()
    await page.get_by_role("link", name="English").click()
    assert page.url.endswith("/en/members/lilas@lilas.example")
    await page.get_by_role("link", name="Events", exact=True).click()
    await page.get_by_label("Kind").select_option("call")
    await page.get_by_role("button", name="Show").click()
    assert "kind=call" in page.url
    assert await page.get_by_role("heading", level=3).count() == 1


async def test_the_keyboard_suffices(browser: Browser, hub: Served) -> None:
    """The first stop skips to the content; every stop can be seen, and comes in order."""
    page = await open_page(browser, 1280)
    await page.goto(f"{hub.settings.url}/en/members")
    await page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert await focused.text_content() == "Skip to the content"
    box = await focused.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.locator(":focus").get_attribute("name") == "q"
    style = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    for _ in range(12):
        assert await page.locator(":focus").evaluate(style) == "solid3px"
        await page.keyboard.press("Tab")


async def test_the_handle_can_be_copied(browser: Browser, hub: Served) -> None:
    """The field holds the handle whole, and can't be changed."""
    page = await open_page(browser)
    await page.goto(f"{hub.settings.url}/en/")
    field = page.get_by_label("Address to follow")
    assert await field.input_value() == "@ruche@ruche.example"
    assert await field.evaluate("e => e.readOnly && e.scrollWidth <= e.clientWidth")


async def test_an_injected_script_does_not_run(browser: Browser, hub: Served) -> None:
    """Escaping keeps it out; should it ever fail, the policy still refuses it."""
    page = await open_page(browser)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await page.goto(f"{hub.settings.url}/en/members/corbeau@corbeau.example")
    assert await page.locator("script").count() == 0
    watch = Watch(page)
    await page.evaluate(
        "() => { const e = document.createElement('script'); e.textContent = 'alert(1)';"
        "document.body.append(e); }"
    )
    assert dialogs == []
    assert any("Content Security Policy" in text for text in watch.complaints)


async def test_following_from_ones_own_server(browser: Browser, node: Served) -> None:
    """Without JavaScript: the form, an error in words, then a link that leads where it says."""
    async with peer("marie", new_key()) as home:
        host = home.url.removeprefix("http://")
        page = await open_page(browser, java_script_enabled=False)
        watch = Watch(page)
        await page.goto(f"{node.settings.url}/fr/@lilas")
        await page.get_by_label("Votre adresse dans le Fédivers").fill("marie")
        await page.get_by_role("button", name="Suivre depuis mon serveur").click()
        assert "pas une adresse du Fédivers" in (await page.get_by_role("alert").inner_text())
        said = {
            "subject": f"acct:marie@{host}",
            "links": [
                {"rel": "self", "type": "application/activity+json", "href": home.uri},
                {
                    "rel": "http://ostatus.org/schema/1.0/subscribe",
                    "template": f"{home.url}/authorize?uri={{uri}}",
                },
            ],
        }
        where = f"/.well-known/webfinger?resource=acct:marie@{host}"
        home.serve(said, where, media="application/jrd+json")
        mine = f"{node.settings.url}/actors/lilas"
        dialogue = f"/authorize?uri={quote(mine, safe='')}"
        icon = (
            b'<link rel="icon" href="data:,">'  # else the browser asks for one, which isn't there
        )
        home.serve(icon + b"<title>Suivre ?</title>", dialogue, media="text/html")
        await page.get_by_label("Votre adresse dans le Fédivers").fill(f"@marie@{host}")
        await page.get_by_role("button", name="Suivre depuis mon serveur").click()
        assert [url for url in watch.requests if not url.startswith(node.settings.url)] == []
        assert await page.get_by_role("link", name=f"Continuer sur {host}").is_visible()
        await page.get_by_role("link", name=f"Continuer sur {host}").click()
        await page.wait_for_url(home.url + dialogue)
        # a form that is refused answers 400, and the browser notes that
        assert [each for each in watch.complaints if "status of 400" not in each] == []
