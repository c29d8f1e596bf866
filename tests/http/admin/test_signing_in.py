"""Passwords and sessions under attack: guessing, timing, fixation, floods, and how they end."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest

from pecfed import clock
from pecfed.domain import account as rules
from pecfed.domain import password
from pecfed.http.admin import cookie
from pecfed.http.appkeys import PROXIES
from pecfed.http.proxies import said_address
from pecfed.services import accounts
from pecfed.store import sign_ins
from pecfed.store.database import Session
from tests.admin import PASSWORD, Entered, code, enter, hashed
from tests.http.conftest import NOW, Served
from tests.servers import snapshot

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what no database can tell."""
STRANGER = "203.0.113.1"
WRONG = "Cela ne convient pas"


async def sign_in(served: Served, name: str, **fields: str) -> tuple[int, str, str]:
    """Status, text, and the new session's secret."""
    given = {"name": name, "password": PASSWORD, "code": code(), **fields}
    async with served.client.post(
        "/admin/sign-in", data=given, allow_redirects=False,
        headers={"Accept-Language": "fr", "X-Forwarded-For": given.pop("address", "")},
    ) as response:  # fmt: skip
        text = await response.text()
        found = response.cookies.get(cookie.name(served.settings))
        served.client.session.cookie_jar.clear()
        return response.status, text, found.value if found else ""


async def confirm(served: Served, who: Entered, given: str, address: str = "") -> int:
    """The status of an act that asks for a second factor, with that code."""
    async with served.client.post(
        "/admin/account/sessions/end", data=who.form(confirm_code=given), cookies=who.cookies,
        headers={"X-Forwarded-For": address}, allow_redirects=False,
    ) as response:  # fmt: skip
        served.client.session.cookie_jar.clear()
        return response.status


async def is_in(served: Served, secret: str) -> bool:
    """Whether that session counts."""
    cookies = {cookie.name(served.settings): secret}
    async with served.client.get("/admin", cookies=cookies, allow_redirects=False) as response:
        assert response.status in {200, 401}
        return response.status == 200


async def later(monkeypatch: pytest.MonkeyPatch, **more: float) -> None:
    """The clock moves on."""
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(**more))


@ONE_ENGINE
async def test_nobody_has_a_password_to_begin_with(hub: Served) -> None:
    """A fresh node lets nobody in, whatever they call themselves."""
    for name in ("", "admin", "operator", "root", "ruche", "x" * 200, "\u0430dmin"):
        status, text, secret = await sign_in(hub, name, address=f"203.0.113.{len(name) % 250}")
        assert (status, secret) == (401, ""), name
        assert WRONG in text


async def test_an_account_that_never_set_a_password_has_none(hub: Served) -> None:
    """Not even an empty one."""
    await hub.database.write(lambda session: accounts.add(session, "anne", "operator", "fr"))
    for fields in ({"password": ""}, {"password": "", "code": ""}, {"code": ""}):
        assert (await sign_in(hub, "anne", **fields))[0] == 401


async def test_a_session_set_before_signing_in_is_worth_nothing(hub: Served) -> None:
    """The id is always new; what the browser held before counts neither before nor after."""
    await enter(hub.database, hub.settings)
    set_before = {cookie.name(hub.settings): "x" * 43}
    given = {"name": "anne", "password": PASSWORD, "code": code()}
    async with hub.client.post(
        "/admin/sign-in", data=given, cookies=set_before, allow_redirects=False
    ) as response:
        assert response.status == 303
        new = response.cookies[cookie.name(hub.settings)].value
    hub.client.session.cookie_jar.clear()
    assert new != "x" * 43
    assert await is_in(hub, new)
    assert not await is_in(hub, "x" * 43)


Ending = Callable[[Session, Entered], Awaitable[object]]
ENDINGS: dict[str, Ending] = {
    "role": lambda session, anne: accounts.set_role(session, anne.account, "observer"),
    "reset": lambda session, anne: accounts.reset(session, anne.account),
    "remove": lambda session, anne: accounts.remove(session, anne.account),
    "sign-out": lambda session, anne: accounts.sign_out_everywhere(session, anne.account),
    "password": lambda session, anne: accounts.begin_anew(session, anne.account),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_sessions_end_at_once(hub: Served, ending: str) -> None:
    """Also with a form open: it does nothing any more (401). Nobody else's session ends."""
    anne = await enter(hub.database, hub.settings)
    phone = await enter(hub.database, hub.settings)
    bob = await enter(hub.database, hub.settings, name="bob")
    assert await is_in(hub, anne.secret)
    await hub.database.write(lambda session: ENDINGS[ending](session, anne))
    for mine in (anne, phone):
        assert not await is_in(hub, mine.secret)
        async with hub.client.post(
            "/admin/account/language", data=mine.form(language="en"), cookies=mine.cookies
        ) as response:
            assert response.status == 401
    assert await is_in(hub, bob.secret)


@ONE_ENGINE
async def test_an_idle_session_ends(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 30 minutes without a request; each request puts it off, but never beyond 12 hours."""
    idle = await enter(hub.database, hub.settings)
    busy = await enter(hub.database, hub.settings)
    await later(monkeypatch, minutes=29)
    assert await is_in(hub, busy.secret)
    await later(monkeypatch, minutes=30)
    assert not await is_in(hub, idle.secret)
    for minutes in range(50, 12 * 60, 20):
        await later(monkeypatch, minutes=minutes)
        assert await is_in(hub, busy.secret)
    await later(monkeypatch, hours=12)
    assert not await is_in(hub, busy.secret)

    async def prune(session: Session) -> int:
        now = clock.now_ms()
        await sign_ins.prune(session, seen_before=now, began_before=now, now=now)
        return len(await sign_ins.of_account(session, busy.account.id))

    assert await hub.database.write(prune) == 0


async def test_guessing_is_stopped_and_its_owner_not_shut_out(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five wrong tries of an account from one address: then nothing from there for 15 minutes."""
    await enter(hub.database, hub.settings)
    for _ in range(5):
        status, text, _ = await sign_in(hub, "anne", password="wrong password", address=STRANGER)
        assert (status, WRONG in text) == (401, True)
    for _ in range(3):
        status, text, _ = await sign_in(hub, "anne", address=STRANGER)
        assert (status, "Trop d’essais" in text) == (429, True)
    await later(monkeypatch, minutes=14, seconds=59)
    assert (await sign_in(hub, "anne", address=STRANGER))[0] == 429
    assert (await sign_in(hub, "anne", address="203.0.113.77"))[0] == 303, "from elsewhere"
    await later(monkeypatch, minutes=15, seconds=30)
    assert (await sign_in(hub, "anne", address=STRANGER))[0] == 303
    # what was right wipes the slate
    for _ in range(4):
        assert (await sign_in(hub, "anne", password="wrong password"))[0] == 401
    await later(monkeypatch, minutes=16, seconds=10)
    assert (await sign_in(hub, "anne"))[0] == 303
    assert (await sign_in(hub, "anne", password="wrong password"))[0] == 401


async def test_a_stranger_keeps_nobody_from_confirming(hub: Served) -> None:
    """Tries to sign in and codes in a session are counted apart, both from wherever they come."""
    anne = await enter(hub.database, hub.settings, confirmed=False)
    phone = await enter(hub.database, hub.settings, confirmed=False)
    for number in range(12):
        await sign_in(hub, "anne", password="wrong password", address=f"203.0.113.{number % 2}")
    assert (await sign_in(hub, "anne", address="203.0.113.0"))[0] == 429
    for expected in (403, 403, 403, 403, 403, 429, 429):
        assert await confirm(hub, phone, "000000", address="203.0.113.0") == expected
    assert await confirm(hub, phone, code()) == 429, "five wrong codes of that session"
    assert await confirm(hub, anne, code(), address="203.0.113.0") == 303
    # and a session in which codes are guessed keeps nobody from signing in
    assert (await sign_in(hub, "anne", code=code(1), address="203.0.113.20"))[0] == 303


async def test_whoever_knows_the_password_cant_go_on_guessing_codes(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five wrong codes after the right password, from wherever: none is taken for 15 minutes.

    The answer is that of a wrong password, so that it doesn't tell that this one is right.
    """
    await enter(hub.database, hub.settings)
    for number in range(5):
        address = f"203.0.113.{number}"
        assert (await sign_in(hub, "anne", code="000000", address=address))[0] == 401
    for number in range(5, 8):
        status, text, _ = await sign_in(hub, "anne", address=f"203.0.113.{number}")
        assert (status, WRONG in text) == (401, True)
    await later(monkeypatch, minutes=15)
    assert (await sign_in(hub, "anne", address="203.0.113.9"))[0] == 303


@ONE_ENGINE
async def test_guesses_from_everywhere_only_slow_an_account_down(hub: Served) -> None:
    """After many tries of it in all, each waits a little, right or wrong; none is refused."""
    await enter(hub.database, hub.settings)

    async def guess(session: Session) -> None:
        for _ in range(rules.FAILURES_BEFORE_SLOW + 3):
            await sign_ins.add_failure(session, "account anne", clock.now_ms())

    await hub.database.write(guess)
    began = time.monotonic()
    assert (await sign_in(hub, "anne"))[0] == 303
    assert time.monotonic() - began >= 3 * rules.SLOWER
    assert rules.pause(rules.FAILURES_BEFORE_SLOW) == 0
    assert rules.pause(10**6) == rules.SLOWEST


@ONE_ENGINE
async def test_an_address_that_tries_many_names_is_stopped(hub: Served) -> None:
    """Ten tries from an address; others are let in as before."""
    await enter(hub.database, hub.settings)
    for number in range(10):
        assert (await sign_in(hub, f"name{number}", address="203.0.113.9"))[0] == 401
    assert (await sign_in(hub, "anne", address="203.0.113.9"))[0] == 429
    assert (await sign_in(hub, "anne", address="10.1.1.1, 203.0.113.9"))[0] == 429
    async with hub.client.post(
        "/admin/challenge", data={"csrf": ""}, headers={"X-Forwarded-For": "203.0.113.9"}
    ) as response:
        assert response.status == 429
    status, _, secret = await sign_in(hub, "anne", address="203.0.113.10")
    assert (status, await is_in(hub, secret)) == (303, True)


async def test_a_code_counts_once_and_only_about_now(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The present step and its neighbours; never one that was used, nor one before it."""
    await enter(hub.database, hub.settings)
    for steps in (-2, 2, 2880):
        assert (await sign_in(hub, "anne", code=code(steps)))[0] == 401
    assert (await sign_in(hub, "anne", code=f"{code()[:3]} {code()[3:]}"))[0] == 303
    for used in (code(), code(-1), "", "００００００", "1" * 5000):
        assert (await sign_in(hub, "anne", code=used))[0] == 401
        for who in ("account anne from 127.0.0.1", "codes anne"):
            await hub.database.write(partial(sign_ins.forget_failures, who=who))
    assert (await sign_in(hub, "anne", code=code(1)))[0] == 303


async def test_two_with_one_code_at_the_same_time(hub: Served) -> None:
    """One of them is in."""
    await enter(hub.database, hub.settings)
    found = await asyncio.gather(*(sign_in(hub, "anne") for _ in range(3)))
    assert sorted(status for status, _, _ in found) == [303, 401, 401]


@ONE_ENGINE
async def test_an_unknown_name_looks_like_a_wrong_password(hub: Served) -> None:
    """The same words, whatever is wrong."""
    await enter(hub.database, hub.settings)
    texts = set()
    for name, fields in (
        ("anne", {"password": "wrong password"}), ("anne", {"code": "000000"}),
        ("nobody", {}), ("<script>", {}),
    ):  # fmt: skip
        status, text, _ = await sign_in(hub, name, **fields)
        assert status == 401
        texts.add(text.replace("nobody", "anne").replace("&lt;script&gt;", "anne"))
    assert len(texts) == 1


def test_an_unknown_name_takes_as_long() -> None:
    """The comparison costs the same where there is nothing to compare with."""
    known: list[float] = []
    unknown: list[float] = []
    password.is_right("", "warm")
    for _ in range(7):
        for kept, times in ((hashed(), known), ("", unknown)):
            began = time.process_time()
            assert not password.is_right(kept, "wrong password")
            times.append(time.process_time() - began)
    # without a comparison it would be thousands to one
    assert 1 / 3 < statistics.median(known) / statistics.median(unknown) < 3


@ONE_ENGINE
async def test_a_huge_password_is_refused_before_it_costs_anything(hub: Served) -> None:
    """400 for 100 KB, nothing counted; 413 beyond the bound of forms."""
    await enter(hub.database, hub.settings)
    before = await snapshot(hub.database)
    assert (await sign_in(hub, "anne", password="x" * 100_000))[0] == 400
    assert (await sign_in(hub, "anne", password="x" * 257))[0] == 400
    assert (await sign_in(hub, "x" * 100_000))[0] == 400
    assert (await sign_in(hub, "anne", password="x" * 600_000))[0] == 413
    assert await snapshot(hub.database) == before


@ONE_ENGINE
async def test_fifty_at_once_hold_up_nobody(hub: Served) -> None:
    """Hashes are made in threads, two at a time: the node answers others meanwhile."""
    await enter(hub.database, hub.settings)
    tries = [
        asyncio.create_task(sign_in(hub, f"name{number}", address=f"203.0.113.{number % 3}"))
        for number in range(50)
    ]
    slowest, start = 0.0, time.monotonic()
    while not all(each.done() for each in tries):
        began = time.monotonic()
        async with hub.client.get("/healthz") as response:
            assert response.status == 200
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.sleep(0.01)
    answers = [each.result()[0] for each in tries]
    assert (answers.count(401), answers.count(429)) == (30, 20)
    assert slowest < (time.monotonic() - start) / 2


@ONE_ENGINE
@pytest.mark.parametrize(
    "there",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/admin//evil", "/adminx",
     "javascript:alert(1)", "/admin/../..//evil.example", "/admin?x=\r\nSet-Cookie: a=b", "",
     "/admin/%2e%2e//x", "/admin" + "/a" * 300],
)  # fmt: skip
async def test_signing_in_leads_nowhere_else(hub: Served, there: str) -> None:
    """What a form says about where to go on is taken for pages of the admin alone."""
    await enter(hub.database, hub.settings)
    given = {"name": "anne", "password": PASSWORD, "code": code(), "there": there}
    async with hub.client.post("/admin/sign-in", data=given, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/admin")


@ONE_ENGINE
async def test_signing_in_leads_back(hub: Served) -> None:
    """To the page that was asked for."""
    await enter(hub.database, hub.settings)
    there = "/admin/account?kind=join&q=a%20b"
    assert f'value="{there.replace("&", "&amp;")}"' in await hub.page(there, 401)
    given = {"name": "anne", "password": PASSWORD, "code": code(), "there": there}
    async with hub.client.post("/admin/sign-in", data=given, allow_redirects=False) as response:
        assert response.headers["Location"] == there


async def test_the_database_holds_no_secret_that_opens_anything(hub: Served) -> None:
    """Of links and sessions there is a digest, of passwords a slow hash."""
    anne = await enter(hub.database, hub.settings)
    secret = await hub.database.write(lambda session: accounts.link(session, anne.account))
    kept = repr(await snapshot(hub.database))
    for word in (anne.secret, secret, PASSWORD, anne.csrf):
        assert word not in kept
    assert "$argon2id$" in kept


@ONE_ENGINE
async def test_an_odd_passkey_is_a_wrong_one(hub: Served) -> None:
    """Whatever a script makes up: 401, never a 500."""
    for number, answer in enumerate(
        ("{", "[]", "null", "1", '{"rawId": 1}', '{"rawId": "AA", "response": []}',
         '{"rawId": "AA", "response": {"clientDataJSON": "e30"}}', "x" * 30_000,
         '{"rawId": "\u00e9"}', '{"rawId": "AA", "response": {"clientDataJSON": "W10"}}',
         "[" * 19_000)
    ):  # fmt: skip
        status, _, _ = await sign_in(hub, "", passkey=answer, address=f"203.0.113.{number}")
        assert status == 401, answer[:40]
    anne = await enter(hub.database, hub.settings)
    for answer in ("{", "null", '{"rawId": "AA", "response": {"clientDataJSON": "e30"}}'):
        async with hub.client.post(
            "/admin/account/passkeys", data=anne.form(passkey=answer), cookies=anne.cookies
        ) as response:
            assert response.status == 400


@ONE_ENGINE
async def test_whom_a_request_comes_from(hub: Served) -> None:
    """The last address before our proxies; an IPv6 one counts with its whole network."""
    from aiohttp.test_utils import make_mocked_request

    for told, address in (
        ("203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5, 127.0.0.1", "203.0.113.5"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("evil", "unknown"),
        ("", "127.0.0.1"),
    ):
        app = hub.client.app
        assert app is not None
        request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": told}, app=app)
        request = request.clone(remote="127.0.0.1")
        assert said_address(request) == address, told
        assert said_address(request.clone(remote="203.0.113.77")) == "203.0.113.77"
        assert app[PROXIES]
