"""Follow from one's own server: a link to press, to the server that was named, or words why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from pecfed.federation import limits
from pecfed.http.appkeys import NODE
from tests.cast import ACTIVITY, Peer, new_key, peer
from tests.http.conftest import Served
from tests.http.hive import LILAS

FOLLOW, OBJECT = "https://w3id.org/fep/3b86/Follow", "https://w3id.org/fep/3b86/Object"
SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def home() -> AsyncIterator[Peer]:
    """The visitor's own server."""
    async with peer("marie", new_key()) as made:
        yield made


def host(who: Peer) -> str:
    return who.url.removeprefix("http://")


def offers(home: Peer, **templates: str) -> str:
    """Let the server offer these dialogues; the visitor's handle."""
    names = {"follow": FOLLOW, "object": OBJECT, "subscribe": SUBSCRIBE}
    links: list[dict[str, str]] = [
        {"rel": names[name], "template": text} for name, text in templates.items()
    ]
    links.append({"rel": "self", "type": ACTIVITY, "href": home.uri})
    said = {"subject": f"acct:marie@{host(home)}", "links": links}
    return serve(home, said)


def serve(home: Peer, said: Any, **how: Any) -> str:
    path = f"/.well-known/webfinger?resource=acct:marie@{host(home)}"
    home.serve(said, path, media="application/jrd+json", **how)
    return f"@marie@{host(home)}"


async def ask(
    at: Served, handle: str, actor: str = "", language: str = "en", **headers: str
) -> tuple[int, str, Any]:
    """Send the form; status, page and headers."""
    url = f"/{language}/follow?actor={quote(actor or LILAS, safe='')}"
    async with at.client.post(
        url, data={"handle": handle}, headers=headers, allow_redirects=False
    ) as response:
        return response.status, await response.text(), response.headers


def link_in(text: str) -> str:
    """Where the button leads, "" without one."""
    return text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")


@pytest.mark.parametrize(
    ("templates", "leads"),
    [
        ({"follow": "{at}/f?object={object}&on-success={on-success}&x={on-cancel}",
          "object": "{at}/o?u={object}", "subscribe": "{at}/s?uri={uri}"},
         "{at}/f?object={lilas}&on-success=&x="),
        ({"subscribe": "{at}/authorize_interaction?uri={uri}", "object": "{at}/o?u={object}"},
         "{at}/o?u={lilas}"),
        ({"subscribe": "{at}/authorize_interaction?uri={uri}"},
         "{at}/authorize_interaction?uri={lilas}"),
        # the first that can be used
        ({"follow": "{at}/f", "object": "javascript:alert({object})",
          "subscribe": "{at}/s?uri={uri}"}, "{at}/s?uri={lilas}"),
    ],
)  # fmt: skip
async def test_the_best_dialogue(
    hub: Served, home: Peer, templates: dict[str, str], leads: str
) -> None:
    """The actor's id, percent-encoded, and nothing in the parameters that we don't know."""
    at = {name: text.replace("{at}", home.url) for name, text in templates.items()}
    status, text, headers = await ask(hub, offers(home, **at))
    assert status == 200 and "Location" not in headers
    lilas = quote(LILAS, safe="")
    assert link_in(text) == leads.replace("{at}", home.url).replace("{lilas}", lilas)
    assert f"This link leads to {host(home)}." in text
    assert headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert('{uri}')", "data:text/html,{uri}", "//evil.example/?u={uri}",
        "https://evil.example/?u={uri}", "http://evil.example/?u={uri}",
        "{at}@evil.example/?u={uri}", "{at}.evil.example/?u={uri}", "https://{uri}/",
        "{at}\\@evil.example/?u={uri}", "{at}/a b?u={uri}", "{at}/\n?u={uri}", "{at}/?u={uri",
        "{at}/?u=uri", "", "{at}/?u={uri}" + "x" * 3000, "ftp://{at}/?u={uri}", "/f?u={uri}",
        "{at}/\"onclick='x'?u={uri}", "{at}/<b>?u={uri}", "{at}/{{uri}}",
    ],
)  # fmt: skip
async def test_hostile_templates(hub: Served, home: Peer, template: str) -> None:
    """Never a link to anywhere but the server that was named; the handle can still be copied."""
    handle = offers(home, subscribe=template.replace("{at}", home.url))
    status, text, _ = await ask(hub, handle)
    assert status == 502 and link_in(text) == ""
    assert "Your server has no way to follow from another site" in text
    assert "evil.example" not in text
    assert 'value="@lilas@lilas.example"' in text


async def test_what_can_go_wrong(hub: Served, home: Peer) -> None:
    """Each in words, in both languages, with the handle still in its field."""
    handle = f"@marie@{host(home)}"
    cases: list[tuple[int, str, str, str]] = [
        (400, "no handle at all", "no address in the Fediverse", "pas une adresse"),
        (400, "<script>alert(1)</script>", "no address", "pas une adresse"),
        (400, f"@x@{hub.settings.host}", "one of this site", "celle d’ici"),
        (404, handle, "knows nobody", "ne connaît personne"),
        (502, "@a@127.0.0.1:9", "doesn’t answer", "ne répond pas"),
    ]
    for status, text, english, french in cases:
        for language, words in (("en", english), ("fr", french)):
            got, page, _ = await ask(hub, text, language=language)
            assert (got, words in page) == (status, True), (text, page)
            assert "<script" not in page
    assert f'value="{handle}"' in (await ask(hub, handle))[1]
    bad: list[tuple[Any, int, str]] = [
        ({}, 410, "knows nobody"), ({}, 500, "doesn’t answer"), (b"[]", 200, "no way to follow"),
        (b" " * 1_100_000, 200, "doesn’t answer"),
    ]  # fmt: skip
    for (said, status, words), fresh in zip(bad, "abcd", strict=True):
        hub_limits(hub)
        serve(home, said, status=status)
        page = (await ask(hub, handle))[1]
        assert words in page, (fresh, page)


def hub_limits(served: Served) -> None:
    """A minute has passed."""
    app = served.client.app
    assert app is not None
    app[NODE].limits = limits.Limits(served.settings)


async def test_redirects_to_private_addresses(hub: Served, home: Peer) -> None:
    """The guard of the one client stands before this door too."""
    home.moved[f"/.well-known/webfinger?resource=acct:marie@{host(home)}"] = "http://10.0.0.7/"
    status, text, _ = await ask(hub, f"@marie@{host(home)}")
    assert status == 502 and "doesn’t answer" in text
    for handle in ("@a@10.0.0.7", "@a@169.254.169.254", "@a@[fd00::1]"):
        assert (await ask(hub, handle))[0] == 502


async def test_limits(hub: Served, home: Peer) -> None:
    """Six look-ups a minute at one host; the seventh asks nobody."""
    handle = offers(home, subscribe=f"{home.url}/s?uri={{uri}}")
    answers = [(await ask(hub, handle))[0] for _ in range(limits.LOOKUPS_PER_HOST + 1)]
    assert answers == [200] * limits.LOOKUPS_PER_HOST + [429]
    assert home.asked() == limits.LOOKUPS_PER_HOST
    for number in range(limits.LOOKUPS):
        status, text, _ = await ask(hub, f"@a@127.0.0.{number % 20 + 2}:9")
        if status == 429:
            break
    assert status == 429 and "Try again in a minute" in text


async def test_only_for_actors_of_the_site(hub: Served, home: Peer) -> None:
    """Members, the hub; nobody else, and then nobody is asked. Other sites can't send the form."""
    handle = offers(home, subscribe=f"{home.url}/s?uri={{uri}}")
    for actor in (f"{hub.settings.url}/actors/ruche", LILAS):
        assert (await ask(hub, handle, actor))[0] == 200
    before = home.asked()
    for actor in ("https://ancienne.example/actors/ancienne", "https://x.example/", "javascript:1"):
        assert (await ask(hub, handle, actor))[0] == 404
    assert (await ask(hub, handle, **{"Sec-Fetch-Site": "cross-site"}))[0] == 403
    assert home.asked() == before


async def test_the_form_is_bounded(hub: Served) -> None:
    """Small, a form, and one that can be read; a page says so."""
    url = f"/follow?actor={quote(LILAS, safe='')}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, headers, status in (
        (b"handle=" + b"x" * 9000, form, 413),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"\xff", form, 400),
        (b"&".join(b"a=1" for _ in range(20)), form, 400),
        (b"handle=a%00b", form, 400),
        (b"", form, 400),
    ):
        async with hub.client.post(url, data=body, headers=headers) as response:
            assert response.status == status, body[:20]
            assert "Traceback" not in await response.text()


async def test_a_member_node_has_the_form(node: Served, home: Peer) -> None:
    """On the actor's own page, for the actor's own id."""
    mine = f"{node.settings.url}/actors/lilas"
    assert f'action="/follow?actor={quote(mine, safe="/")}"' in await node.page("/@lilas")
    handle = offers(home, subscribe=f"{home.url}/s?uri={{uri}}")
    _, text, _ = await ask(node, handle, mine)
    assert link_in(text) == f"{home.url}/s?uri={quote(mine, safe='')}"


async def test_somebodys_page_is_taken_for_their_handle(hub: Served, home: Peer) -> None:
    """People paste what stands in their browser's address bar."""
    offers(home, subscribe=f"{home.url}/s?uri={{uri}}")
    assert (await ask(hub, f"{home.url}/@Marie"))[0] == 200
    assert (await ask(hub, f"{home.url}/users/marie"))[0] == 400
