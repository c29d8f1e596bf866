"""Around every request: host, headers, methods, errors in the asker's own form, languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from pecfed.errors import GoneError, StoreError
from pecfed.http import assets, middleware, routes
from pecfed.http.appkeys import DATABASE, SETTINGS
from pecfed.http.language import accepted
from pecfed.settings import make
from tests.http.conftest import Served


def some_paths() -> Iterator[str]:
    """An address for every row of the routes, and some that lead nowhere."""
    fill = {"{name}": "ruche", "{slug}": "invitee", "{id}": "forum", "{version}": "2.1",
            "{collection}": "outbox"}  # fmt: skip
    for row in (*routes.PAGES, *routes.PINNED, *routes.API, *routes.WIRE):
        path = row.path
        for place, value in fill.items():
            path = path.replace(place, value)
        yield path
    yield from (asset.path for asset in assets.assets().values())
    yield from ("/fr", "/nothing", "/api/nothing", "/inbox", "/static/../pyproject.toml")


async def test_security_headers_stand_on_everything(hub: Served) -> None:
    """On pages, JSON, static files, redirects and errors alike."""
    for path in dict.fromkeys(some_paths()):
        async with hub.client.get(path, allow_redirects=False) as response:
            headers = response.headers
            # the one public page with a script: what it verifies is verified by the browser
            is_label = path == "/label/invitee"
            more = "script-src 'self'; connect-src 'self'; " if is_label else ""
            assert headers["Content-Security-Policy"] == (
                f"default-src 'none'; {more}style-src 'self'; img-src 'self'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ), path
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            # read or shown by other sites: the API, the badge of a label (its JSON is not there)
            shared = path.startswith("/api") or (path.endswith(".svg") and "label" in path)
            assert headers["Cross-Origin-Resource-Policy"] == (
                "cross-origin" if shared else "same-origin"
            ), path
            assert "geolocation=()" in headers["Permissions-Policy"]
            assert "Strict-Transport-Security" not in headers  # plain http here
            assert headers["Server"] == "pecfed"
            assert "Set-Cookie" not in headers
            assert response.status < 500, path


async def test_hsts_only_where_the_address_is_https(
    hub: Served, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A node behind a proxy that speaks https says so."""
    app = web.Application()
    app[SETTINGS] = make(
        tmp_path_factory.mktemp("x"), {"url": "https://ruche.example", "role": "hub"}
    )
    app[DATABASE] = hub.database
    middleware.protect(app)
    routes.add_routes(app, app[SETTINGS])
    async with TestClient(TestServer(app)) as client:
        for host in ("ruche.example", "RUCHE.example", "ruche.example:443"):
            async with client.get("/about", headers={"Host": host}) as response:
                assert response.status == 200
                assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
        async with client.get("/about", headers={"Host": "ruche.example:80"}) as response:
            assert response.status == 421


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "", "ruche.example", "x\ty"])
async def test_another_host_is_refused(hub: Served, host: str) -> None:
    """421, and nothing of that name comes back."""
    async with hub.client.get("/", headers={"Host": host, "Accept": "text/html"}) as response:
        text = await response.text()
        assert response.status == 421
        assert "evil.example" not in text
    async with hub.client.get("/api/v1/members", headers={"Host": "evil.example"}) as response:
        assert response.status == 421
        assert (await response.json(content_type=None))["code"] == "misdirected"


async def test_the_handle_domain_reaches_well_known_only(hub: Served) -> None:
    """WebFinger is asked there; pages aren't."""
    named = {"Host": "ruche.example"}
    async with hub.client.get("/.well-known/webfinger", headers=named) as response:
        assert response.status != 421
    async with hub.client.get("/members", headers=named) as response:
        assert response.status == 421


async def test_only_reading_is_possible(hub: Served) -> None:
    """HEAD has the headers of GET and no body; anything else is 405 with what is allowed."""
    for path in ("/members", "/fr/members", "/api/v1/events", assets.assets()["site.css"].path):
        async with hub.client.head(path) as response, hub.client.get(path) as same:
            assert response.status == 200
            assert await response.read() == b""
            assert response.headers["Content-Length"] == same.headers["Content-Length"]
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            async with hub.client.request(method, path) as response:
                assert response.status == 405
                assert response.headers["Allow"] == "GET,HEAD"


async def test_errors_come_in_the_asker_s_own_form(hub: Served) -> None:
    """A page for people, problem JSON for the API, short JSON for other servers."""
    text = await hub.page("/nothing", 404, Accept_Language="en-GB")
    assert "There is nothing at this address" in text
    assert '<html lang="en">' in text
    text = await hub.page("/fr/nothing", 404, Accept_Language="en")
    assert "Il n’y a rien à cette adresse" in text

    async with hub.client.get("/api/v1/members/nobody") as response:
        assert response.status == 404
        assert response.headers["Content-Type"] == "application/problem+json; charset=utf-8"
        assert await response.json(content_type=None) == {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "the directory has no such entry",
            "code": "not_found",
        }
    for path in ("/objects/nothing", "/activities/nothing", "/actors/nobody/outbox"):
        async with hub.client.get(path) as response:
            assert response.status == 404
            assert response.headers["Content-Type"].startswith("application/json")
            assert (await response.json())["error"] == "not_found"
    asked = {"Accept": "application/activity+json"}
    async with hub.client.get("/nothing", headers=asked) as response:
        assert (await response.json())["error"] == "not_found"
    text = await hub.page("/objects/nothing", 404, Accept="text/html,*/*;q=0.8")
    assert text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    "error", [StoreError("/secret/pecfed.db: disk is full"), GoneError("gone")]
)
async def test_our_own_errors_keep_their_status(
    hub: Served, monkeypatch: pytest.MonkeyPatch, error: StoreError | GoneError
) -> None:
    """With `Retry-After` where trying again helps; what names files stays in the log."""

    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("pecfed.store.directory.list_members", fail)
    for path in ("/en/members", "/api/v1/members"):
        async with hub.client.get(path) as response:
            text = await response.text()
            assert response.status == error.status
            assert ("Retry-After" in response.headers) == error.retry
            assert "secret" not in text


async def test_a_database_that_cannot_be_read_still_gives_a_page(
    hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 in words, although not even the site's name can be read."""

    async def fail(*_: object) -> None:
        raise StoreError("broken")

    monkeypatch.setattr(hub.database, "read", fail)
    assert "Un instant" in await hub.page("/fr/members", 503)


async def test_a_bad_filter_is_said_in_words(hub: Served) -> None:
    """400 in the page's language, with the exact complaint in English marked as such."""
    text = await hub.page("/fr/members?standing=perfect", 400)
    assert "Cette demande n’est pas comprise" in text
    assert '<p class="fallback" lang="en">standing &#39;perfect&#39;: choose one of' in text
    await hub.page("/fr/members?utm_source=x&q=&sector=", 200)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"), ("en", "en"), ("en-GB,en;q=0.9,fr;q=0.8", "en"), ("de,es", "fr"),
        ("de, en;q=0.3", "en"), ("fr;q=0.2, en;q=0.7", "en"), ("en;q=0, fr;q=0.1", "fr"),
        ("*", "fr"), ("EN", "en"), ("en;q=x, fr;q=0.1", "fr"), ("fr-CA", "fr"), (";;,,", "fr"),
    ],
)  # fmt: skip
async def test_the_reader_s_language_is_taken(hub: Served, header: str, language: str) -> None:
    """Accept-Language decides on the bare address, and the answer says that it does."""
    assert accepted(header, "fr") == language
    async with hub.client.get("/members", headers={"Accept-Language": header}) as response:
        assert response.headers["Content-Language"] == language
        assert response.headers["Vary"] == "Accept-Language"
        assert f'<html lang="{language}">' in await response.text()


async def test_a_pinned_address_keeps_its_language(hub: Served) -> None:
    """Whatever the browser prefers; links stay within it, and the switch leads to the other."""
    for language, other in (("fr", "en"), ("en", "fr")):
        path = f"/{language}/events?kind=call"
        async with hub.client.get(path, headers={"Accept-Language": other}) as response:
            assert response.headers["Content-Language"] == language
            assert "Vary" not in response.headers
            text = await response.text()
        assert f'href="/{language}/members"' in text
        assert f'href="/{other}/events?kind=call" lang="{other}"' in text
    assert 'href="/members"' in await hub.page("/events")
    async with hub.client.get("/fr", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (308, "/fr/")


async def test_what_exists_in_one_language_says_so(hub: Served) -> None:
    """It is shown in the language it has, marked for machines and for people."""
    text = await hub.page("/en/resources?q=statuts")
    assert '<bdi lang="fr">Nos statuts de SCIC</bdi> <small class="fallback">(in French)' in text
    assert "This text exists in French only." in text
    text = await hub.page("/fr/events?kind=call&q=call")
    assert '<bdi lang="en">Call for projects</bdi> <small class="fallback">(en anglais)' in text
    text = await hub.page("/fr/resources?q=statuts")
    assert "<bdi>Nos statuts de SCIC</bdi></a></h2>" in text


async def test_static_files_come_by_name_alone(hub: Served) -> None:
    """Kept for ever under a name that changes with them; nothing else is in reach."""
    css = assets.assets()["site.css"]
    async with hub.client.get(css.path) as response:
        assert response.headers["Content-Type"] == "text/css; charset=utf-8"
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in (
        "/static/", "/static/site.css", "/static/..%2fpyproject.toml", "/static/%2e%2e/x",
        "/static/../../pyproject.toml", css.path + "/x", "/templates/base.html",
    ):  # fmt: skip
        await hub.page(path, 404)
    assert "url(" not in css.body.decode()
    assert "@import" not in css.body.decode()


def test_logged_values_stay_on_one_line() -> None:
    """Whatever stood in a request."""
    assert middleware.escaped("a\r\nb\u2028c\x1b[0m") == "a\\r\\nb\\u2028c\\x1b[0m"
    assert len(middleware.escaped("x" * 10_000)) == 500
