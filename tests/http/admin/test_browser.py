"""In a real browser: passkeys with a virtual authenticator, phone width, keyboard, no script.

Browsers make passkeys for names alone, so the node is at `http://localhost`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.async_api import Browser, CDPSession, Page

from pecfed import clock
from pecfed.domain.profile import Profile
from pecfed.http.routes import ADMIN
from pecfed.services import accounts
from pecfed.store import accounts as store
from pecfed.store.database import Database, Session
from tests.admin import PASSWORD, Entered, code, enter
from tests.http.conftest import NOW, Served, add_actor, serve
from tests.http.test_browser import CONTRAST, CULPRITS, PHONE, WIDER, Watch, browser, open_page

__all__ = ["browser"]  # a fixture

pytestmark = [
    pytest.mark.skipif(
        "chromium" in os.environ.get("PECFED_WITHOUT", ""),
        reason="no Chromium on this machine: apt-get install chromium",
    ),
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),  # a browser can't tell
]


@pytest.fixture
async def ruche(database: Database, tmp_path: Path) -> AsyncIterator[Served]:
    """A hub at localhost."""
    async for served in serve(database, tmp_path, "hub", "ruche", host="localhost"):
        await add_actor(database, served.uris, "ruche", "hub", Profile("La Ruche"))
        yield served


async def link(served: Served, name: str = "anne") -> str:
    """The address that `pecfed admin link` prints, for an account that is made where it lacks."""

    async def work(session: Session) -> str:
        if await store.by_name(session, name) is None:
            await accounts.add(session, name, "operator", "fr")
        return await accounts.link(session, await accounts.find(session, name))

    return f"{served.settings.url}/admin/enter/{await served.database.write(work)}"


async def authenticator(page: Page, **more: Any) -> tuple[CDPSession, str]:
    """One that the browser has built in, with somebody's finger always on it."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True, **more,
    }  # fmt: skip
    made = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


async def add_passkey(page: Page, label: str = "Téléphone") -> None:
    """On the account's page."""
    await page.get_by_label("Un nom pour elle").fill(label)
    await page.get_by_role("button", name="Ajouter une clé d’accès").click()
    await page.get_by_role("strong").filter(has_text=label).wait_for()


async def bring(page: Page, served: Served, who: Entered) -> None:
    """Let the browser hold the session of somebody who is signed in."""
    name, value = next(iter(who.cookies.items()))
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": served.settings.url, "sameSite": "Strict",
          "httpOnly": True}]
    )  # fmt: skip


async def test_from_the_link_to_a_passkey_and_back_in(browser: Browser, ruche: Served) -> None:
    """Link, passkey, sign out, sign in by it: without a word typed but its name."""
    page = await open_page(browser)
    watch = Watch(page)
    await authenticator(page)
    await page.goto(await link(ruche))
    await page.get_by_role("button", name="Entrer").click()
    await add_passkey(page)
    assert await page.get_by_role("strong").all_inner_texts() == ["Téléphone"]
    first = await page.context.cookies()
    await page.get_by_role("button", name="Se déconnecter").click()
    await page.wait_for_url("**/admin/sign-in")
    assert await page.context.cookies() == []
    await page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    await page.wait_for_url("**/admin")
    second = await page.context.cookies()
    assert first[0]["value"] != second[0]["value"]
    assert (second[0]["httpOnly"], second[0]["sameSite"]) == (True, "Strict")
    assert await page.evaluate("document.cookie") == ""
    assert watch.complaints == []
    assert [url for url in watch.requests if not url.startswith(ruche.settings.url)] == []

    async def used(session: Session) -> list[int | None]:
        account = await accounts.find(session, "anne")
        return [key.used_at for key in await store.passkeys(session, account.id)]

    assert await ruche.database.read(used) == [clock.to_ms(NOW)]


async def test_a_passkey_confirms_and_nothing_written_is_lost(
    browser: Browser, ruche: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six minutes later taking a passkey away asks for one first."""
    page = await open_page(browser)
    devtools, old = await authenticator(page)
    await page.goto(await link(ruche))
    await page.get_by_role("button", name="Entrer").click()
    await add_passkey(page, "Ancienne")
    await devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": old})
    await authenticator(page, transport="usb")  # the old one is lost
    await add_passkey(page, "Clé USB")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=6))
    row = page.get_by_role("listitem").filter(has_text="Ancienne")
    await row.get_by_role("button", name="Retirer").click()
    await page.get_by_role("heading", name="Est-ce bien vous").wait_for()
    await page.get_by_role("button", name="Confirmer avec une clé d’accès").click()
    await page.get_by_role("heading", name="Compte anne").wait_for()
    assert await page.get_by_text("Ancienne").count() == 0
    assert await page.get_by_text("Clé USB").count() == 1


async def test_a_passkey_of_another_account_confirms_nothing(
    browser: Browser, ruche: Served
) -> None:
    """Nor does one that isn't known here sign anybody in."""
    page = await open_page(browser)
    devtools, device = await authenticator(page)
    await page.goto(await link(ruche))
    await page.get_by_role("button", name="Entrer").click()
    await add_passkey(page)
    await page.get_by_role("button", name="Se déconnecter").click()
    await ruche.database.write(_forget_passkeys)
    await page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    await page.get_by_role("alert").filter(has_text="ne convient pas").wait_for()
    assert await page.context.cookies() == []
    await devtools.send("WebAuthn.clearCredentials", {"authenticatorId": device})
    await devtools.send(
        "WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False}
    )
    await page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    await page.get_by_role("alert").filter(has_text="n’a pas pu servir").wait_for()


async def _forget_passkeys(session: Session) -> None:
    await store.remove_passkeys(session, (await accounts.find(session, "anne")).id)


async def test_all_of_it_without_scripts_and_by_keyboard(browser: Browser, ruche: Served) -> None:
    """Link, password and code, sign out, sign in: forms and keys do it all."""
    page = await open_page(browser, java_script_enabled=False)
    await page.goto(await link(ruche))
    await page.get_by_role("button", name="Entrer").press("Enter")
    await page.get_by_role("button", name="Choisir un mot de passe").press("Enter")
    totp = pyotp.TOTP(await page.locator("code.secret").inner_text())
    await page.get_by_label("Nouveau mot de passe").press_sequentially(PASSWORD)
    for text in (PASSWORD, str(totp.at(clock.now()))):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await page.get_by_text("Un mot de passe et une application").wait_for()
    await page.get_by_role("button", name="Se déconnecter").press("Enter")
    await page.get_by_label("Nom").press_sequentially("Anne")
    for text in (PASSWORD, str(totp.at(clock.now() + timedelta(seconds=30)))):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Administration").wait_for()


async def test_a_link_in_a_mail_finds_who_is_signed_in(browser: Browser, ruche: Served) -> None:
    """A Strict cookie stays at home when another site leads here; the page asks once more."""
    anne = await enter(ruche.database, ruche.settings)
    page = await open_page(browser)
    await bring(page, ruche, anne)
    other = ruche.settings.url.replace("localhost", "127.0.0.1")
    await page.route(
        f"{other}/mail",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<a href="{ruche.settings.url}/admin/account">A new report</a>',
        ),
    )
    await page.goto(f"{other}/mail")
    await page.get_by_role("link").click()
    await page.get_by_role("heading", name="Compte anne").wait_for()


async def test_pages_fit_a_phone_and_can_be_read(browser: Browser, ruche: Served) -> None:
    """At 360 px without sideways scrolling; text stands out, in light and in dark."""
    for scheme in ("light", "dark"):
        page = await open_page(browser, PHONE["width"], scheme)
        watch = Watch(page)
        await page.goto(f"{ruche.settings.url}/admin/sign-in")
        assert await page.evaluate(CONTRAST) == []
        anne = await enter(ruche.database, ruche.settings, name="anne", confirmed=False)
        await bring(page, ruche, anne)
        await page.goto(f"{ruche.settings.url}/admin/account")
        await page.get_by_role("button", name="Les changer").click()
        await page.get_by_role("heading", name="Est-ce bien vous").wait_for()
        assert await page.evaluate(WIDER) <= 0
        assert await page.evaluate(CONTRAST) == []
        await page.get_by_label("Code de votre").fill(code(0 if scheme == "light" else 1))
        await page.get_by_role("button", name="Confirmer").click()
        await page.get_by_label("Nouveau mot de passe").wait_for()
        pages = [row.path for row in ADMIN if row.method == "GET" and "{" not in row.path]
        for path in pages:
            await page.goto(f"{ruche.settings.url}{path}")
            assert await page.evaluate(WIDER) <= 0, (path, await page.evaluate(CULPRITS))
            assert await page.evaluate(CONTRAST) == [], path
        assert watch.complaints in ([], ["Failed to load resource: the server responded with "
                                         "a status of 403 (Forbidden)"])  # fmt: skip


async def test_a_form_on_another_site_does_nothing(browser: Browser, ruche: Served) -> None:
    """The cookie stays at home, and the door looks where the form is from."""
    anne = await enter(ruche.database, ruche.settings, name="anne")
    page = await open_page(browser)
    await bring(page, ruche, anne)
    other = ruche.settings.url.replace("localhost", "127.0.0.1")
    await page.route(
        f"{other}/evil",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{ruche.settings.url}/admin/sign-out">'
            f'<input name="csrf" value="{anne.csrf}"><button>Win</button></form>',
        ),
    )
    await page.goto(f"{other}/evil")
    async with page.expect_navigation() as gone:
        await page.get_by_role("button").click()
    answer = await gone.value
    assert answer is not None
    assert answer.status == 403
    await page.goto(f"{ruche.settings.url}/admin/account")
    await page.get_by_role("heading", name="Compte anne").wait_for()
