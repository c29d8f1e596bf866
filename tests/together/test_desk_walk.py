"""In a real browser, from a member's Join to the label on its page; then a change; then lapse.

The pictures in the docs come from this walk: `PECFED_PICTURES=1` writes them anew.
"""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image
from playwright.async_api import Browser, Locator, Page

from pecfed import clock
from pecfed.language.charter import charter
from pecfed.store import queue
from tests.admin import enter
from tests.conftest import MakeServer
from tests.http.test_browser import CONTRAST, CULPRITS, PHONE, WIDER, Watch, browser
from tests.servers import Server, eventually

__all__ = ["browser"]  # a fixture

pytestmark = [
    pytest.mark.skipif(
        "chromium" in os.environ.get("PECFED_WITHOUT", ""),
        reason="no Chromium on this machine: apt-get install chromium",
    ),
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),  # a browser can't tell
]
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
COLOURS = 48
CHANGED = "Les membres dirigent : inscrit dans nos statuts, et relu chaque mois au conseil."
MOST_CLICKS = 6
"""From the start page of the admin to the label, the reviewer's own reading apart."""


def a_file(node: Server, changed: str = "") -> str:
    """Lilas' apply file with a statement on every commitment, or with one that has changed."""
    lines = [
        "[actor]", 'username = "lilas"', 'name = "Les Jardins du Lilas"',
        f'url = "{node.url}"', '[actor.summary]',
        'fr = "Des jardins partagés que leurs habitants dirigent et entretiennent."',
        "[charter]", 'version = "2018"', "declared = 2026-11-23",
        f"valid_until = {(clock.now() + timedelta(days=700)).date()}",
    ]  # fmt: skip
    for each in charter().commitments:
        text = f"{each.title['fr']} : inscrit dans nos statuts, et relu chaque année en assemblée."
        level, evidence = "practised", f"{node.url}/healthz"
        if each.id == "governance-1" and changed:
            text, level, evidence = changed, "in-progress", f"{node.url}/statuts-2027"
        lines += [
            f"[charter.commitments.{each.id}]", f'level = "{level}"',
            f'evidence = ["{evidence}"]', f"explanation.fr = '''{text}'''",
        ]  # fmt: skip
    return "\n".join(lines)


class Walk:
    """A reviewer at the browser, whose clicks are counted."""

    def __init__(self, page: Page, hub: Server) -> None:
        self.page, self.hub = page, hub
        self.clicks = 0

    async def click(self, what: Locator) -> None:
        """One press of the mouse."""
        self.clicks += 1
        await what.click()

    async def sign_in(self) -> None:
        """Let the browser hold the session of somebody who has just signed in."""
        ana = await enter(self.hub.node.database, self.hub.settings, "reviewer", "ana")
        name, value = next(iter(ana.cookies.items()))
        await self.page.context.add_cookies([{"name": name, "value": value, "url": self.hub.url,
                                              "sameSite": "Strict", "httpOnly": True}])  # fmt: skip

    async def picture(self, name: str, height: int = 620) -> None:
        """A small picture of what the reviewer sees, where pictures are asked for."""
        if not os.environ.get("PECFED_PICTURES"):
            return
        await self.page.set_viewport_size({"width": 1080, "height": height})
        shot = Image.open(io.BytesIO(await self.page.screenshot()))
        PICTURES.mkdir(exist_ok=True)
        small = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(PICTURES / f"{name}.png", optimize=True)


async def nothing_decided(hub: Server) -> bool:
    """Whether every decision has taken effect."""
    page = await hub.read(lambda s: queue.listing(s, states=("decided", "open"), limit=9))
    return page.total == 0


async def waiting(hub: Server, kind: str) -> bool:
    """Whether something of that kind waits."""
    page = await hub.read(lambda s: queue.listing(s, states=("open",), kind=kind, limit=9))
    return page.total == 1


async def standing(walk: Walk, lilas: Server, word: str) -> None:
    """The member's public page says so."""
    await walk.page.goto(f"{walk.hub.url}/fr/members/{lilas.handle}")
    await walk.page.locator(f".badge.{word}").first.wait_for(timeout=10_000)


async def the_browser_says(walk: Walk, lilas: Server, outcome: str) -> None:
    """The label's page: whether the credential is about what the member declares now."""
    await walk.page.goto(f"{walk.hub.url}/fr/label/{lilas.handle}")
    await walk.page.locator(f"[data-verdict][data-outcome={outcome}]").wait_for(timeout=15_000)


async def test_from_join_to_label_and_beyond(browser: Browser, make_server: MakeServer) -> None:
    """Two items to read; then what was attested is outdated by a change, and over by its date."""
    hub = await make_server(role="hub", username="ruche", name="La Ruche", undo_seconds=1)
    lilas = await make_server(username="lilas", name="Les Jardins du Lilas")
    await lilas.apply(a_file(lilas))
    context = await browser.new_context(viewport={"width": 1080, "height": 620}, locale="fr-FR")
    page = await context.new_page()
    watch, walk = Watch(page), Walk(page, hub)
    await walk.sign_in()

    await lilas.join(hub)
    await eventually(lambda: waiting(hub, "join"), 20)
    await eventually(lambda: waiting(hub, "statement"), 20)
    began = monotonic()
    await page.goto(f"{hub.url}/admin")
    await walk.click(page.get_by_role("link", name="attendent une décision"))
    row = page.locator("[data-queue] > li")
    assert await row.count() == 2
    await walk.click(row.filter(has_text="demande à entrer").get_by_role("link"))
    await page.get_by_text("Des jardins partagés").wait_for()
    await walk.click(page.locator(".act[open]").get_by_role("button", name="Publier"))
    await walk.click(row.filter(has_text="déclaration").get_by_role("link"))

    async def all_links_looked_at() -> bool:
        if await page.get_by_text("répond (200)").count() == 17:
            return True
        await page.reload()
        return False

    await eventually(all_links_looked_at, 20)
    await walk.click(page.get_by_label("Donner aussi le label"))
    await walk.click(page.locator(".act[open]").get_by_role("button", name="Publier"))
    await (
        page.get_by_role("heading", name="Prend effet bientôt")
        .or_(page.get_by_text("Rien n’attend ici"))
        .first.wait_for()
    )
    took = monotonic() - began
    assert walk.clicks <= MOST_CLICKS
    print(f"from Join to label: {walk.clicks} clicks, {took:.1f} s beside the reading")
    await eventually(lambda: nothing_decided(hub), 20)
    await standing(walk, lilas, "labelled")
    await the_browser_says(walk, lilas, "yes")
    await page.locator("#verification").evaluate("each => each.scrollIntoView()")
    await walk.picture("label")

    # the statement changes: outdated at once, and the desk shows how
    await lilas.apply(a_file(lilas, CHANGED))
    await eventually(lambda: waiting(hub, "statement"), 20)
    await standing(walk, lilas, "outdated")
    await the_browser_says(walk, lilas, "no")
    await page.goto(f"{hub.url}/admin/queue")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.locator("ins", has_text="mois au conseil").wait_for()
    assert await page.locator(".diff.changed").count() == 1
    await eventually(lambda: looked(page), 20)
    await walk.picture("difference", 980)
    await fits(page)
    await page.keyboard.press("a")
    await page.locator("#t-ask").type("Où lire les nouveaux statuts ?")
    await page.get_by_label("Les membres dirigent").check()
    await page.get_by_role("button", name="Envoyer la question").click()
    await eventually(lambda: asked(lilas), 20)

    # a year later nobody has looked again
    with clock.running_ahead(timedelta(days=366)):
        await lilas_again(walk)
        await standing(walk, lilas, "lapsed")
    # the one page that is refused, to whoever has been away for a year
    assert [each for each in watch.complaints if "401" not in each] == []
    assert {url for url in watch.requests if not url.startswith((hub.url, lilas.url))} == set()


async def fits(page: Page) -> None:
    """The item can be read on a telephone, by day and by night; the window is as it was then."""
    before = page.viewport_size
    assert before is not None
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    for act in await page.locator("details.act").all():
        await act.evaluate("each => { each.open = true }")
    assert await page.evaluate(WIDER) <= 0, await page.evaluate(CULPRITS)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert await page.evaluate(CONTRAST) == []
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(before)


async def looked(page: Page) -> bool:
    """Whether the link that is new was looked at; the page is asked for anew until then."""
    found = await page.get_by_text("n’existe plus (404)").count()
    if not found:
        await page.reload()
    return bool(found)


async def asked(lilas: Server) -> bool:
    """Whether the question has reached the member's node."""
    return bool(await lilas.rows("SELECT id FROM reviews WHERE act = 'ask'"))


async def lilas_again(walk: Walk) -> None:
    """The reviewer's session is over by then."""
    await walk.page.goto(f"{walk.hub.url}/admin/queue")
    assert await walk.page.get_by_role("button", name="Se connecter").count()
