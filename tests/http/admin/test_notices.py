"""`/admin/notices`: the bell, the list, and one's own mail address."""

from __future__ import annotations

import aiohttp

from pecfed.services import notices
from pecfed.store import mails
from tests.admin import Entered, enter
from tests.conftest import MakeServer
from tests.servers import Server
from tests.things import LILAS, ORME


async def page(server: Server, who: Entered, path: str = "/admin/notices") -> str:
    """A page of the admin as somebody sees it."""
    async with (
        aiohttp.ClientSession(cookies=who.cookies) as http,
        http.get(f"{server.url}{path}") as answer,
    ):
        assert answer.status == 200
        return await answer.text()


async def press(server: Server, who: Entered, path: str, status: int = 303, **form: str) -> str:
    """A form of theirs is sent."""
    async with (
        aiohttp.ClientSession(cookies=who.cookies) as http,
        http.post(f"{server.url}{path}", data=who.form(**form), allow_redirects=False) as answer,
    ):
        assert answer.status == status
        return await answer.text()


async def test_what_waits_is_shown_until_it_is_read(make_server: MakeServer) -> None:
    """To each account what is for its role; reading is one's own affair."""
    ruche = await make_server(role="hub", username="ruche")
    anne = await enter(ruche.node.database, ruche.settings, "operator", "anne", language="en")
    bob = await enter(ruche.node.database, ruche.settings, "reviewer", "bob", language="en")
    facts = {"name": "<b>Lilas</b>", "path": "/admin/account"}
    number = await ruche.write(lambda s: notices.notice(s, "join", subject=LILAS, facts=facts))
    await ruche.write(
        lambda s: notices.notice(
            s, "appeal", subject=ORME, to="reviewers", facts={"path": "https://evil.example/"}
        )
    )
    text = await page(ruche, anne)
    assert '<a href="/admin/account">&lt;b&gt;Lilas&lt;/b&gt; asks to be listed</a>' in text
    assert "evil" not in text and "2 new" in text
    assert "2 new" in await page(ruche, anne, "/admin")
    assert "asks to be listed" not in await page(ruche, bob)
    await press(ruche, anne, "/admin/notices/read", notice=str(number))
    assert "1 new" in await page(ruche, anne)
    assert "1 new" in await page(ruche, bob)
    for odd in ("", "-1", "x", "9" * 40, "²"):
        await press(ruche, anne, "/admin/notices/read", notice=odd)
        assert "asks to be listed" in await page(ruche, anne, f"/admin/notices?before={odd}")


async def test_ones_own_address(make_server: MakeServer) -> None:
    """Entered, changed, taken by somebody else, wrong, taken away."""
    ruche = await make_server(
        role="hub", username="ruche", smtp_host="127.0.0.1", smtp_port=9, smtp_security="none",
        mail_from="ruche@ruche.example",
    )  # fmt: skip
    anne = await enter(ruche.node.database, ruche.settings, "operator", "anne", language="en")
    bob = await enter(ruche.node.database, ruche.settings, "reviewer", "bob", language="en")
    await press(ruche, anne, "/admin/notices/mail", address="anne@old.example")
    await press(ruche, anne, "/admin/notices/mail", address="anne@Ruche.example")
    assert 'value="anne@ruche.example"' in await page(ruche, anne)
    assert "already" in await press(
        ruche, bob, "/admin/notices/mail", 409, address="anne@ruche.example"
    )
    await press(ruche, bob, "/admin/notices/mail", 400, address="bob")
    (kept,) = await ruche.read(mails.recipients)
    assert (kept.address, kept.account, kept.role, kept.language) == (
        "anne@ruche.example", "anne", "operator", "en",
    )  # fmt: skip
    await press(ruche, anne, "/admin/notices/mail", address="")
    assert await ruche.read(mails.recipients) == []


async def test_without_a_mail_server(make_server: MakeServer) -> None:
    """It is said so; a member node has notices, too."""
    lilas = await make_server(username="lilas")
    anne = await enter(lilas.node.database, lilas.settings, "operator", "anne", language="en")
    assert "smtp_host" in await page(lilas, anne)
