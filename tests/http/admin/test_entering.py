"""From the link that the command line prints to a session, and what an account needs next."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from pecfed import clock
from pecfed.http.admin import cookie
from pecfed.services import accounts
from pecfed.store.database import Session
from tests.admin import PASSWORD, code, enter
from tests.http.conftest import NOW, Served


async def link(served: Served, name: str = "operator") -> str:
    """What `pecfed admin link` makes."""

    async def work(session: Session) -> str:
        return await accounts.link(session, await accounts.find(session, name))

    return await served.database.write(work)


async def add(served: Served, name: str = "operator") -> str:
    """A new account's link."""
    await served.database.write(lambda session: accounts.add(session, name, "operator", "en"))
    return await link(served, name)


async def post(served: Served, path: str, status: int, held: str = "", /, **fields: str) -> str:
    """Send a form as a browser does; the new session's secret, else the text of the answer."""
    named = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    cookies = {cookie.name(served.settings): held} if held else {}
    if held:
        fields["csrf"] = cookie.form_token(held)
    async with served.client.post(
        path, data=fields, headers=named, cookies=cookies, allow_redirects=False
    ) as response:
        text = await response.text()
        assert response.status == status, (path, response.status, text[:600])
        found = response.cookies.get(cookie.name(served.settings))
        if found is not None and found.value:
            assert found["httponly"] and found["samesite"] == "Strict" and found["path"] == "/"
        served.client.session.cookie_jar.clear()
        return found.value if found is not None and found.value else text


async def look(served: Served, path: str, secret: str, status: int = 200) -> str:
    """A page as whoever holds that session sees it."""
    cookies = {cookie.name(served.settings): secret}
    async with served.client.get(path, cookies=cookies, allow_redirects=False) as response:
        assert response.status == status, (path, response.status)
        return await response.text()


async def test_a_link_lets_in_once(hub: Served) -> None:
    """Looking at it uses nothing up; the button does; the second press finds it spent (410)."""
    secret = await add(hub)
    for _ in range(3):
        assert "operator" in await hub.page(f"/admin/enter/{secret}")
    session = await post(hub, "/admin/enter", 303, secret=secret)
    assert len(session) > 40
    assert "pecfed admin link" in await post(hub, "/admin/enter", 410, secret=secret)
    await hub.page(f"/admin/enter/{secret}", 410)
    await look(hub, "/admin/account", session)


async def test_a_link_ends_after_a_quarter_of_an_hour(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And when a newer one was made."""
    old = await add(hub)
    new = await link(hub)
    await hub.page(f"/admin/enter/{old}", 410)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=15))
    await post(hub, "/admin/enter", 410, secret=new)
    await post(hub, "/admin/enter", 410, secret="x" * 5000)
    await post(hub, "/admin/enter", 410)


async def test_an_account_sets_its_password_before_anything_else(hub: Served) -> None:
    """Until it can sign in every page leads to its account; then it is in, by password and code."""
    session = await post(hub, "/admin/enter", 303, secret=await add(hub))
    await look(hub, "/admin", session, 303)
    await post(hub, "/admin/account/codes", 303, session)
    text = await look(hub, "/admin/account", session)
    found = re.search(r'class="secret">([A-Z2-7]{32})<', text)
    assert found
    assert '<path d="M' in text
    totp = pyotp.TOTP(found[1])
    for fields, words in (
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "x" * 300, "again": "x" * 300}, "too long"),
        ({"password": "a" * 20, "again": "a" * 20}, "too easy"),
        ({"password": PASSWORD, "again": PASSWORD + "x"}, "differ"),
        ({"password": PASSWORD, "again": PASSWORD, "code": "000000"}, "no code"),
    ):
        given = {"code": totp.at(clock.now()), **fields}
        assert words in await post(hub, "/admin/account/password", 400, session, **given)
    right = {"password": PASSWORD, "again": PASSWORD, "code": totp.at(clock.now())}
    later = await post(hub, "/admin/account/password", 303, session, **right)
    assert later != session
    await look(hub, "/admin", session, 401)
    await look(hub, "/admin", later)

    signed = {"name": "operator", "password": PASSWORD, "code": totp.at(clock.now())}
    await post(hub, "/admin/sign-in", 401, **signed)  # that code was used already
    signed["code"] = totp.at(clock.now() + timedelta(seconds=30))
    again = await post(hub, "/admin/sign-in", 303, **signed)
    assert again not in {session, later}
    await look(hub, "/admin", again)
    await look(hub, "/admin", later)


async def test_signing_out_ends_the_session(hub: Served) -> None:
    """On the server, whatever the browser still holds."""
    anne = await enter(hub.database, hub.settings)
    await look(hub, "/admin", anne.secret)
    await post(hub, "/admin/sign-out", 303, anne.secret)
    await look(hub, "/admin", anne.secret, 401)
    assert code()
