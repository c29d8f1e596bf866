"""In a real browser, between real nodes: from the first answer to an endorsement.

On a telephone, without JavaScript: forms and links do it all.
"""

from __future__ import annotations

import os
import re
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from pecfed import clock
from pecfed.domain.review import Review
from pecfed.services import review as sending
from pecfed.services import reviews
from pecfed.store import objects, remotes, standings
from pecfed.store import reviews as letters
from tests.admin import enter
from tests.conftest import MakeServer
from tests.federation.conftest import let_in_node
from tests.http.test_browser import CONTRAST, CULPRITS, WIDER, Watch, browser, open_page
from tests.servers import Server, eventually
from tests.together.files import statement

__all__ = ["browser"]  # a fixture

pytestmark = [
    pytest.mark.skipif(
        "chromium" in os.environ.get("PECFED_WITHOUT", ""),
        reason="no Chromium on this machine: apt-get install chromium",
    ),
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),  # a browser can't tell
]


async def open_admin(browser: Browser, node: Server, **how: Any) -> Page:
    """A telephone's browser in which somebody is signed in at that node."""
    who = await enter(node.node.database, node.settings)
    page = await open_page(browser, **how)
    name, value = next(iter(who.cookies.items()))
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": node.url, "sameSite": "Strict", "httpOnly": True}]
    )
    await page.goto(f"{node.url}/admin")
    return page


async def fits(page: Page) -> None:
    """The page is no wider than a telephone, and its text stands out."""
    assert await page.evaluate(WIDER) <= 0, (page.url, await page.evaluate(CULPRITS))
    assert await page.evaluate(CONTRAST) == [], page.url


async def write(hub: Server, to_uri: str, said: Review) -> None:
    """A reviewer of the hub writes to a member."""
    me = await hub.me()
    to = await hub.read(lambda session: remotes.get(session, to_uri))
    assert to is not None
    await hub.write(lambda session: sending.send(session, hub.node.uris, me, to, said))


async def got(node: Server, act: str) -> list[letters.Letter]:
    """The letters with that act that a node was sent."""
    me = await node.me()
    found = await node.read(lambda s: letters.of_actor(s, me.id, 50, acts=(act,)))
    return [each for each in found if not each.is_sent]


async def test_from_the_first_answer_to_an_endorsement(
    browser: Browser, ruche: Server, lilas: Server, make_server: MakeServer
) -> None:
    """Examples, a draft that is gone on with, publishing, a question, a member that vouches."""
    orme = await make_server(username="orme", name="Orme")
    for node in (lilas, orme):
        await let_in_node(ruche, node)
    await orme.apply(statement())
    await eventually(lambda: ruche.value("SELECT 1 FROM objects WHERE kind = 'statement'"))
    page = await open_admin(browser, lilas, java_script_enabled=False)
    watch = Watch(page)
    await fits(page)
    await page.get_by_role("link", name="Lilas n’a pas encore dit où elle en est").click()
    await fits(page)
    await page.get_by_role("link", name="Commencer").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Les membres dirigent"
    await page.get_by_role("link", name="Voir des exemples").click()
    await page.get_by_role("link", name="Orme", exact=True).wait_for()
    assert await page.get_by_text("Une personne, une voix.").is_visible()
    await fits(page)
    await page.get_by_label("pratiqué", exact=True).check()
    await page.get_by_label("Explication (français)").fill("Tous les membres votent.")
    await page.get_by_label("Adresse 1").fill("https://lilas.example/statuts")
    await page.get_by_role("button", name="Enregistrer et passer au suivant").click()
    heading = page.get_by_role("heading", level=1)
    assert await heading.inner_text() == "Parties prenantes nommées"
    await page.get_by_label("en cours", exact=True).check()
    await page.get_by_role("button", name="Enregistrer et continuer plus tard").click()
    assert await page.get_by_role("progressbar").get_attribute("value") == "1"
    await page.get_by_role("link", name="Ce qui change, et publier").click()
    await fits(page)
    assert await page.get_by_role("button", name="Publier la déclaration").count() == 0
    await page.get_by_role("link", name="Parties prenantes nommées").first.click()
    await page.get_by_label("pas encore de réponse").check()
    await page.get_by_role("button", name="Enregistrer et continuer plus tard").click()
    await page.get_by_role("link", name="Ce qui change, et publier").click()
    assert await page.get_by_text("Tous les membres votent.").is_visible()
    await page.get_by_role("button", name="Publier la déclaration").click()
    await page.get_by_text("écrite ici").wait_for()

    async def known() -> bool:
        found = await ruche.read(
            lambda session: objects.of_actor(session, lilas.actor_uri, "statement")
        )
        return bool(found)

    await eventually(known)
    about = (await lilas.rows("SELECT uri FROM objects WHERE kind = 'statement'"))[0][0]
    asked = Review("ask", about, commitments=("governance-1",), message={"fr": "Qui vote ?"})
    await write(ruche, lilas.actor_uri, asked)
    await eventually(lambda: got(lilas, "ask"))
    await page.goto(f"{lilas.url}/admin")
    await page.get_by_role("link", name="1 question ou décision d’un annuaire pour Lilas").click()
    await page.get_by_role("link", name="Les membres dirigent").click()
    assert await page.get_by_text("Qui vote ?").is_visible()
    await fits(page)
    await page.get_by_label("Votre réponse à La Ruche").fill("Chaque membre, une fois.")
    await page.get_by_role("button", name="Envoyer").click()
    await page.get_by_text("Votre réponse du").wait_for()
    (answer,) = await eventually(lambda: got(ruche, "answer"))
    assert answer.review.message == {"fr": "Chaque membre, une fois."}

    await page.goto(f"{lilas.url}/admin/assessment")
    await page.get_by_role("link", name="Demander un soutien").click()
    await page.get_by_label("Chercher parmi les membres de La Ruche").fill("orme")
    await page.get_by_role("button", name="Chercher").click()
    assert await page.get_by_label("Lilas").count() == 0
    await page.get_by_label("Orme").check()
    await page.get_by_label("Votre message").fill("Vous nous connaissez bien.")
    await fits(page)
    await page.get_by_role("button", name="Demander", exact=True).click()
    await page.get_by_role("heading", name="À qui vous l’avez demandé").wait_for()
    await eventually(lambda: got(orme, "endorse-please"))
    other = await open_admin(browser, orme)
    await other.get_by_role("link", name="1 demande de soutien").click()
    assert await other.get_by_text("Vous nous connaissez bien.").is_visible()
    await fits(other)
    await other.get_by_role("link", name="Lire leur déclaration").click()
    assert await other.get_by_text("Tous les membres votent.").is_visible()
    await fits(other)
    await other.get_by_label("Vos mots (facultatif").fill("Nous avons vu leurs statuts.")
    await other.get_by_role("button", name="Soutenir").click()
    await other.get_by_text("Votre soutien est parti.").wait_for()

    async def endorsed() -> bool:
        found = await ruche.read(
            lambda session: standings.of(session, [lilas.actor_uri], clock.now().date())
        )
        return bool(found and found[lilas.actor_uri][0] == "endorsed")

    await eventually(endorsed)
    await eventually(lambda: lilas.value("SELECT 1 FROM reviews WHERE sent = 1 AND act = "
                                         "'endorse-please' AND state = 'done'"))  # fmt: skip
    await page.reload()
    await page.get_by_text("a donné son soutien").wait_for()
    assert [each for each in watch.complaints if "status of 40" not in each] == []
    assert [url for url in watch.requests if not url.startswith(lilas.url)] == []


async def test_the_keyboard_suffices(browser: Browser, lilas: Server) -> None:
    """A level by the arrows, text, links, Enter: an answer is saved, every stop can be seen."""
    page = await open_admin(browser, lilas)
    await page.goto(f"{lilas.url}/admin/assessment/lilas/commitments/data-1")
    await page.get_by_label("pas encore de réponse").focus()
    await page.keyboard.press("ArrowUp")
    assert await page.get_by_label("sans objet", exact=True).is_checked()
    style = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    await page.keyboard.press("Tab")
    await page.keyboard.type("Aucune donnée.")
    seen = []
    for _ in range(4):
        assert await page.locator(":focus").evaluate(style) == "solid3px"
        seen.append(await page.locator(":focus").get_attribute("name"))
        await page.keyboard.press("Tab")
    assert seen == ["explanation.fr", "explanation.en", "evidence", "evidence"]
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/commitments/data-2")
    assert await lilas.rows("SELECT commitment, level FROM draft_answers") == [
        ("data-1", "not-applicable")
    ]


async def test_what_cannot_be_endorsed(lilas: Server, make_server: MakeServer) -> None:
    """Nothing ticked, a statement that changed meanwhile, nobody's member: words, no act."""
    orme = await make_server(username="orme", name="Orme")
    await lilas.apply(statement())
    await lilas.node.remotes.actor(orme.actor_uri)
    me = await lilas.me()
    await lilas.write(
        lambda session: reviews.ask_endorsement(
            session, lilas.node.uris, me, orme.actor_uri, "", "fr"
        )
    )
    (letter,) = await eventually(lambda: got(orme, "endorse-please"))
    anne = await enter(orme.node.database, orme.settings, language="en")
    there = f"{orme.url}/admin/requests/{letter.id}"
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.CookieJar(unsafe=True), cookies=anne.cookies
    ) as http:

        async def page() -> str:
            async with http.get(there) as answer:
                assert answer.status == 200
                return await answer.text()

        async def endorse(status: int, **fields: str) -> str:
            async with http.post(f"{there}/endorse", data=anne.form(**fields)) as answer:
                text = await answer.text()
                assert answer.status == status, text
                return text

        found = re.search(r'name="shown" value="([0-9a-f]{64})"', await page())
        assert found
        shown = found[1]
        assert "Tick one commitment" in await endorse(400, shown=shown)
        ticked = {"shown": shown, "commitments": "governance-1"}
        assert "Be a member of a directory first" in await endorse(403, **ticked)
        assert "too long" in await endorse(400, **ticked, comment="x" * 1001)
        assert "That isn’t possible" in await endorse(400, shown=shown, commitments="data-1")
        await lilas.apply(statement("planned"))
        assert "changed while you were reading" in await endorse(409, **ticked)
        assert "The statement has changed since you were asked" in await page()
        await lilas.apply('[actor]\nname = "Lilas"\n', prune=True)
        assert "shows no statement" in await page()
        assert "shows no statement" in await endorse(502, **ticked)
    assert await orme.value("SELECT count(*) FROM objects") == 0
    assert (await got(orme, "endorse-please"))[0].state == "open"
