"""Every row of `ADMIN`: nothing is possible without session, role, form and confirmation.

Rows are taken from the table, so that a new page is tested with the day it is added.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from pecfed import clock
from pecfed.domain.account import ROLES, Account
from pecfed.http import routes
from pecfed.http.routes import Route
from pecfed.services import accounts
from pecfed.store import sign_ins
from tests.admin import Entered, code, enter
from tests.http.conftest import NOW, Served
from tests.servers import snapshot

POSTS = [row for row in routes.ADMIN if row.method == "POST" and row.access != "public"]
READS = [row for row in routes.ADMIN if row.method == "GET" and row.access != "public"]
CLOSED = [*POSTS, *READS]


def named(row: Route) -> str:
    """What a test of that row is called."""
    return f"{row.method} {row.path}"


def address(row: Route) -> str:
    """An address that the row answers."""
    parts = ["1" if part.startswith("{") else part for part in row.path.split("/")]
    return "/".join(parts)


async def ask(
    served: Served, row: Route, who: Entered | None = None, data: object = None, **headers: str
) -> tuple[int, str]:
    """The status and the text of the answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with served.client.request(
        row.method,
        address(row),
        data=data if row.method == "POST" else None,
        cookies=who.cookies if who else None,
        headers=named,
        allow_redirects=False,
    ) as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        return response.status, await response.text()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_nothing_without_a_session(hub: Served) -> None:
    """401 and the page to sign in, before anything is read or kept."""
    before = await snapshot(hub.database)
    stranger = Entered(Account(1, "mallory", "operator", "fr"), "x" * 43, hub.settings)
    for row in CLOSED:
        for who in (None, stranger):
            status, text = await ask(hub, row, who, {"csrf": stranger.csrf})
            assert status == 401, named(row)
            assert 'action="/admin/sign-in"' in text
    assert await snapshot(hub.database) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_no_forged_form_counts(hub: Served) -> None:
    """403 without a token, with a stale one, with another session's; nothing is kept."""
    anne = await enter(hub.database, hub.settings)
    other = await enter(hub.database, hub.settings, name="bob")
    before = await snapshot(hub.database)
    for row in POSTS:
        for fields in ({}, {"csrf": ""}, {"csrf": "é"}, {"csrf": other.csrf}):
            status, _ = await ask(hub, row, anne, fields)
            assert status == 403, (named(row), fields)
    assert await snapshot(hub.database) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin"},
    ],
)
async def test_no_form_of_another_site_counts(hub: Served, headers: dict[str, str]) -> None:
    """403, even with the right token; also for the forms that lead in."""
    anne = await enter(hub.database, hub.settings)
    before = await snapshot(hub.database)
    for row in (row for row in routes.ADMIN if row.method == "POST"):
        status, _ = await ask(hub, row, anne, anne.form(), **headers)
        assert status == 403, named(row)
    assert await snapshot(hub.database) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_looking_never_changes_anything(hub: Served) -> None:
    """405 for a GET of what a form does, and for a POST of what is looked at."""
    anne = await enter(hub.database, hub.settings)
    for row in POSTS:
        if not any(each.path == row.path for each in READS):
            async with hub.client.get(address(row), cookies=anne.cookies) as response:
                assert response.status in {404, 405}, named(row)
    for row in READS:
        if not any(each.path == row.path for each in POSTS):
            async with hub.client.post(
                address(row), cookies=anne.cookies, data=anne.form()
            ) as response:
                assert response.status == 405, named(row)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_lesser_role_is_refused(hub: Served) -> None:
    """403 with the right form, for every role below the row's; nothing is kept."""
    people = {role: await enter(hub.database, hub.settings, role, role) for role in ROLES}
    before = await snapshot(hub.database)
    for row in CLOSED:
        if row.access in ROLES:
            for role in ROLES[: ROLES.index(row.access)]:
                status, text = await ask(hub, row, people[role], people[role].form())
                assert status == 403, (named(row), role)
                assert "Votre rôle" in text
    assert await snapshot(hub.database) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_what_changes_trust_is_confirmed(hub: Served) -> None:
    """403 and the page that asks, with everything that was written; nothing is kept."""
    anne = await enter(hub.database, hub.settings, confirmed=False)
    before = await snapshot(hub.database)
    rows = [row for row in POSTS if row.confirm]
    assert rows
    for row in rows:
        fields = anne.form(reason='<b>"', confirm_code="")
        status, text = await ask(hub, row, anne, fields)
        assert status == 403, named(row)
        assert '<input type="hidden" name="reason" value="&lt;b&gt;&#34;">' in text
        assert 'name="confirm_code"' in text
    assert await snapshot(hub.database) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_nothing_else_confirms_a_session(hub: Served) -> None:
    """A row that asks for no second factor leaves nobody with a session that has shown one."""
    for number, row in enumerate(row for row in POSTS if not row.confirm):
        anne = await enter(hub.database, hub.settings, name=f"anne{number}", confirmed=False)
        hub.client.session.cookie_jar.clear()
        await ask(hub, row, anne, anne.form())
        places = await hub.database.read(partial(sign_ins.of_account, account_id=anne.account.id))
        assert [place.confirmed_at for place in places if place.confirmed_at] == [], named(row)


async def test_ending_ones_other_sessions_keeps_this_one_as_it_is(hub: Served) -> None:
    """Neither a new confirmation nor twelve new hours come with it; links count no more."""
    anne = await enter(hub.database, hub.settings, confirmed=False)
    await enter(hub.database, hub.settings)
    bob = await enter(hub.database, hub.settings, name="bob")
    link = await hub.database.write(lambda s: accounts.link(s, anne.account))
    row = next(row for row in POSTS if row.path == "/admin/account/sessions/end")
    assert (await ask(hub, row, anne, anne.form()))[0] == 403
    before = await hub.database.read(lambda s: accounts.entered(s, anne.secret))
    assert before is not None
    assert (await ask(hub, row, anne, anne.form(confirm_code=code())))[0] == 303
    hub.client.session.cookie_jar.clear()
    [left] = await hub.database.read(lambda s: sign_ins.of_account(s, anne.account.id))
    assert left.digest == before.sign_in.digest
    assert left.began_at == before.sign_in.began_at
    assert await hub.database.read(lambda s: accounts.of_link(s, link)) is None
    assert await hub.database.read(lambda s: accounts.entered(s, bob.secret)) is not None


async def test_a_confirmation_counts_for_five_minutes(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code goes with the form; it counts once; what it was for is done then."""
    anne = await enter(hub.database, hub.settings, confirmed=False)
    fields = anne.form(id="x", confirm_code="000000")
    row = next(row for row in POSTS if row.path == "/admin/account/passkeys/remove")
    status, text = await ask(hub, row, anne, fields)
    assert (status, "Cela ne convient pas" in text) == (403, True)
    used = code()
    status, text = await ask(hub, row, anne, anne.form(id="x", confirm_code=used))
    assert status == 303
    bob = await enter(hub.database, hub.settings, confirmed=False)
    status, text = await ask(hub, row, bob, bob.form(confirm_code=used))
    assert (status, "Cela ne convient pas" in text) == (403, True), "a code counted twice"

    carla = await enter(hub.database, hub.settings, name="carla")
    end = next(row for row in POSTS if row.path == "/admin/account/passkeys")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=4, seconds=59))
    assert (await ask(hub, end, carla, carla.form()))[0] == 400
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=5))
    assert (await ask(hub, end, carla, carla.form()))[0] == 403


async def see_every_page(served: Served) -> None:
    """Each page that needs no more than an account answers, in both languages."""
    for language in ("fr", "en"):
        anne = await enter(served.database, served.settings, name=language, language=language)
        for row in READS:
            if "{" not in row.path and (served.settings.is_hub or not row.hub):
                status, text = await ask(served, row, anne)
                assert status == 200, named(row)
                assert f'<html lang="{language}">' in text
                assert 'name="csrf"' in text  # to sign out, on every page


async def test_every_page_of_a_hub_answers_whoever_may_see_it(hub: Served) -> None:
    """Those with an address that needs no number."""
    await see_every_page(hub)


async def test_every_page_of_a_node_answers_whoever_may_see_it(node: Served) -> None:
    """A member's node has its admin, too."""
    await see_every_page(node)
