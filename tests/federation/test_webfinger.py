"""Looking up somebody's handle or page: what a stranger's server says is bounded and checked."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from pecfed.domain.handle import Handle
from pecfed.errors import FetchError, UsageError
from pecfed.federation.resolve import resolve
from pecfed.federation.webfinger import Account, look_up
from tests.cast import ACTIVITY, Peer
from tests.servers import Server

JRD = "application/jrd+json"
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def host(who: Peer) -> str:
    return who.url.removeprefix("http://")


def answer(who: Peer, name: str = "corbeau", **changes: Any) -> dict[str, Any]:
    """What a good WebFinger says; None takes a property away."""
    made = {
        "subject": f"acct:{name}@{host(who)}",
        "links": [
            {"rel": "http://webfinger.net/rel/profile-page", "href": f"{who.url}/@{name}"},
            {"rel": "self", "type": ACTIVITY, "href": who.uri},
            {
                "rel": "http://ostatus.org/schema/1.0/subscribe",
                "template": f"{who.url}/f?u={{uri}}",
            },
        ],
    } | changes
    return {key: value for key, value in made.items() if value is not None}


def asked(name: str, at: str) -> str:
    return f"/.well-known/webfinger?resource=acct:{name}@{at}"


def serve(who: Peer, said: Any, name: str = "corbeau", at: str = "", **how: Any) -> Handle:
    """Let a peer answer for a handle; the handle."""
    at = at or host(who)
    who.serve(said, asked(name, at), media=JRD, **how)
    return Handle(name, at)


async def found(lilas: Server, handle: Handle) -> Account:
    return await look_up(lilas.node.client, handle)


async def refused(lilas: Server, handle: Handle) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await look_up(lilas.node.client, handle)
    return caught.value


async def test_a_handle(lilas: Server, corbeau: Peer) -> None:
    """Subject, actor, and every link with its template."""
    account = await found(lilas, serve(corbeau, answer(corbeau)))
    assert (str(account.handle), account.uri) == (f"corbeau@{host(corbeau)}", corbeau.uri)
    assert account.template("http://ostatus.org/schema/1.0/subscribe") == (
        f"{corbeau.url}/f?u={{uri}}"
    )
    assert account.template("http://nothing.example") == ""


async def test_the_other_media_type(lilas: Server, corbeau: Peer) -> None:
    """`ld+json` with its profile counts as well, `activity+json; charset=…` doesn't."""
    types = [
        "text/html", f"{ACTIVITY}; charset=utf-8", "application/ld+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    ]  # fmt: skip
    links = [
        {"rel": "self", "type": kind, "href": f"{corbeau.url}/{at}"}
        for at, kind in enumerate(types)
    ]
    account = await found(lilas, serve(corbeau, answer(corbeau, links=links)))
    assert account.uri == f"{corbeau.url}/3"


async def test_another_subject_is_asked_for_itself(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """The handle is what the second answer says of itself; a third is never asked."""
    elsewhere = f"acct:corbeau@{host(pie)}"
    handle = serve(corbeau, answer(corbeau, subject=elsewhere))
    serve(pie, answer(corbeau, subject=elsewhere))
    account = await found(lilas, handle)
    assert (str(account.handle), account.uri) == (f"corbeau@{host(pie)}", corbeau.uri)
    serve(pie, answer(corbeau, subject=f"acct:third@{host(pie)}"))
    assert (await refused(lilas, handle)).code == "webfinger"
    assert pie.asked() == 2


async def test_only_after_404_host_meta_is_asked(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """Its template is followed, whoever hosts it; a broken one is as none."""
    handle = Handle("corbeau", host(corbeau))
    assert (await refused(lilas, handle)).gone
    assert corbeau.asked("/.well-known/host-meta") == 1
    template = f"{pie.url}/wf?x={{uri}}"
    xrd = (
        '<?xml version="1.0" encoding="UTF-8"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/'
        f'xrd-1.0"><Link rel="lrdd" template="{template}"/></XRD>'
    )
    corbeau.serve(xrd.encode(), "/.well-known/host-meta", media="application/xrd+xml")
    at = f"/wf?x={quote(handle.subject, safe=':@')}"
    pie.serve(answer(corbeau), at, media=JRD)
    assert (await found(lilas, handle)).uri == corbeau.uri
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]>' + xrd.partition("?>")[2]
    for bad in (b"<", b"\xff", bomb.encode(), xrd.encode() + b" " * 70_000, bomb.encode("utf-16")):
        corbeau.serve(bad, "/.well-known/host-meta", media="application/xrd+xml")
        assert (await refused(lilas, handle)).peer_status == 404
    asked_before = corbeau.asked("/.well-known/host-meta")
    serve(corbeau, {}, status=410)
    gone = await refused(lilas, handle)
    assert (gone.code, gone.gone, gone.peer_status) == ("no_account", True, 410)
    assert corbeau.asked("/.well-known/host-meta") == asked_before


@pytest.mark.parametrize(
    "said",
    [
        b"[]", b"{", b"{}", b'{"subject":"acct:a@b","subject":"acct:c@d"}', {"subject": 7},
        {"subject": None}, {"subject": "corbeau"}, {"subject": "https://x.example/"},
        {"links": None}, {"links": []}, {"links": "self"}, {"links": [7, None, "x", [], {}]},
        {"links": [{"rel": "self", "type": ACTIVITY}]},
        {"links": [{"rel": "self", "type": ACTIVITY, "href": "javascript:alert(1)"}]},
        {"links": [{"rel": "self", "type": ACTIVITY, "href": "https://a@b.example/x"}]},
        {"links": [{"rel": "self", "type": ACTIVITY, "href": ["https://b.example/x"]}]},
        {"links": [{"rel": "x"}] * 50 + [{"rel": "self", "type": ACTIVITY, "href": "https://a.b/c"}]},
    ],
)  # fmt: skip
async def test_an_answer_that_says_nothing(lilas: Server, corbeau: Peer, said: Any) -> None:
    """Is refused with a reason, and asking again doesn't help."""
    whole = said if isinstance(said, bytes) else answer(corbeau) | said
    error = await refused(lilas, serve(corbeau, whole))
    assert error.code == "webfinger" and not error.retry and not error.gone


async def test_a_server_in_trouble(lilas: Server, corbeau: Peer) -> None:
    """Says so; a retry helps. A body without end is given up."""
    error = await refused(lilas, serve(corbeau, {}, status=503))
    assert (error.code, error.retry) == ("status", True)
    error = await refused(lilas, serve(corbeau, b" " * 1_000_001))
    assert error.code == "too_large"
    error = await refused(lilas, Handle("corbeau", "127.0.0.1:9"))
    assert (error.code, error.retry) == ("unreachable", True)


async def test_three_redirects(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """A handle domain may send us on, three times, never to a private address."""
    handle = Handle("corbeau", host(corbeau))
    where = asked("corbeau", host(corbeau))
    corbeau.moved |= {where: "/1", "/1": "/2", "/2": f"{pie.url}/3"}
    pie.serve(answer(corbeau), "/3", media=JRD)
    assert (await found(lilas, handle)).uri == corbeau.uri
    pie.moved["/3"] = "/4"
    assert (await refused(lilas, handle)).code == "redirects"
    corbeau.moved[where] = "http://10.0.0.1/x"
    assert (await refused(lilas, handle)).code == "blocked_address"


async def test_resolve_a_handle(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """In each spelling; the handle that was confirmed stays when the actor is read again."""
    at = host(pie)
    serve(pie, answer(corbeau, subject=f"acct:corbeau@{at}"), at=at)
    serve(corbeau, answer(corbeau, subject=f"acct:corbeau@{at}"))
    for text in (f"@corbeau@{at}", f"acct:Corbeau@{at}", f" corbeau@{at} "):
        actor = await resolve(lilas.node, text)
        assert (actor.uri, actor.handle) == (corbeau.uri, f"corbeau@{at}")
    assert (await lilas.node.remotes.refresh(corbeau.uri)).handle == f"corbeau@{at}"
    del pie.pages[asked("corbeau", at)]
    assert (await lilas.node.remotes.refresh(corbeau.uri)).handle == f"corbeau@{host(corbeau)}"


async def test_no_other_host_names_an_actor(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """A handle at a host that leads to somebody else's actor is not that actor's handle."""
    at = host(pie)
    serve(pie, answer(corbeau, subject=f"acct:corneille@{at}"), "corneille", at)
    serve(corbeau, answer(corbeau))
    actor = await resolve(lilas.node, f"@corneille@{at}")
    assert (actor.uri, actor.handle) == (corbeau.uri, f"corbeau@{host(corbeau)}")


async def test_resolve_believes_the_actors_own_origin(
    lilas: Server, corbeau: Peer, pie: Peer
) -> None:
    """A host that names an address whose document calls itself otherwise is refused."""
    there = corbeau.serve(corbeau.actor(), "/other")
    said = answer(corbeau, subject=f"acct:corbeau@{host(pie)}")
    said["links"][1]["href"] = there
    serve(pie, said, at=host(pie))
    with pytest.raises(FetchError) as caught:
        await resolve(lilas.node, f"@corbeau@{host(pie)}")
    assert caught.value.code == "id_mismatch"


def page(*tags: str) -> bytes:
    return f"<!doctype html><html><head>{''.join(tags)}</head><body>hello</body></html>".encode()


async def test_resolve_an_address(lilas: Server, corbeau: Peer, pie: Peer) -> None:
    """The actor's id, its page on the same server, and a page elsewhere that links to it."""
    link = f'<link href="{corbeau.uri}" type="{ACTIVITY}" rel="me alternate">'
    pages = {
        "/whole": (200, ACTIVITY, b""),
        "/@corbeau": (200, "text/html; charset=utf-8", page("<LINK rel=stylesheet>", link)),
        "/relative": (200, "text/html", page(link.replace(corbeau.url, ""))),
    }
    corbeau.pages |= pages
    corbeau.serve(corbeau.actor(), "/whole")
    corbeau.moved["/moved"] = "/@corbeau"
    pie.serve(page(link), "/about", media="text/html")
    for address in (
        corbeau.uri, f"{corbeau.url}/whole", f"{corbeau.url}/@corbeau", f"{corbeau.url}/relative",
        f"{corbeau.url}/moved", f"{pie.url}/about",
    ):  # fmt: skip
        assert (await resolve(lilas.node, address)).uri == corbeau.uri, address


async def test_resolve_nothing(lilas: Server, corbeau: Peer) -> None:
    """What is no actor, no page, no address, or ours is refused with words."""
    corbeau.pages |= {
        "/page": (200, "text/html", page('<link rel="alternate" type="text/html" href="/x">')),
        "/deep": (200, "text/html", page(f'<link rel=alternate type={ACTIVITY} href="/page">')),
        "/note": (200, ACTIVITY, b""),
        "/odd": (200, "text/html", b"<link " * 50_000),
    }
    corbeau.serve({"id": f"{corbeau.url}/note", "type": "Note"})
    for path in ("/page", "/deep", "/note", "/odd", "/nothing"):
        with pytest.raises(FetchError):
            await resolve(lilas.node, corbeau.url + path)
    for text in ("", "corbeau", "javascript:alert(1)", "@a@b@c", "@/@x.example", lilas.url,
                 f"@lilas@{lilas.settings.handles_host}", "@a@" + "x" * 500):  # fmt: skip
        with pytest.raises(UsageError):
            await resolve(lilas.node, text)


def test_handles_are_read_in_any_spelling(engine: str) -> None:
    """Any case, any of three spellings, host names beyond a-z in their xn-- form."""
    read = Handle.read
    assert str(read(" @Marie@École.Example ")) == "marie@xn--cole-9oa.example"
    assert str(read("acct:a.b-c@x.example:8080")) == "a.b-c@x.example:8080"
    for bad in ("", "@", "a@", "@a", "a@b@c", "a b@c", "a@b/c", "a@b?c", "a@-\u2024.x" + "é" * 70):
        assert read(bad) is None
