"""The rights of who was listed unasked: "this is us" and "take us off", proved on its own site."""

from __future__ import annotations

import re
from collections.abc import Mapping

import aiohttp
import pytest

from pecfed.domain.claim import FILE, known_by, token
from pecfed.domain.profile import Profile
from pecfed.errors import RefusedError
from pecfed.services import claim, membership
from pecfed.services import notices as service
from pecfed.store import claims, members, queue
from pecfed.store.database import Session
from tests.cast import Peer
from tests.servers import Server

SLUG = "les-remorques"


async def list_it(ruche: Server, site: str, slug: str = SLUG, name: str = "Les Remorques") -> None:
    """The operator's file names an organisation."""
    profile = Profile(name, {"fr": "Prête des remorques."}, url=site)
    source = ["https://journal.example/remorques"]
    await ruche.write(lambda s: membership.invite(s, slug, profile, source))


async def page(ruche: Server, path: str, status: int = 200) -> str:
    """A page of the hub in English."""
    async with aiohttp.ClientSession() as http, http.get(f"{ruche.url}/en{path}") as answer:
        assert answer.status == status
        return await answer.text()


async def press(
    ruche: Server,
    path: str,
    status: int = 200,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> str:
    """A form of the hub's is sent."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{ruche.url}/en{path}", data=form or {"look": "now"}, headers=headers) as answer,
    ):
        assert answer.status == status
        return await answer.text()


def word_on(text: str) -> str:
    """The word that a page asks to place."""
    found = re.search(r"pecfed-[a-z2-7]{24}", text)
    assert found is not None
    return found[0]


def put(site: Peer, word: str, *, where: str = "meta") -> None:
    """The organisation places it on its site."""
    if where == "file":
        site.pages[FILE] = (200, "text/plain; charset=utf-8", f"# ours\n{word}\n".encode())
        return
    html = f'<html><head><meta content="{word}" name="pecfed-proof"></head><body></body></html>'
    site.pages["/"] = (200, "text/html", html.encode())


@pytest.mark.parametrize("where", ["meta", "file"])
async def test_taken_off_at_once_and_for_good(ruche: Server, corbeau: Peer, where: str) -> None:
    """Its page is gone, its facts are forgotten, and no file brings it back, by id or site."""
    await list_it(ruche, f"{corbeau.url}/")
    path = f"/members/{SLUG}/take-off"
    assert f'href="/en{path}"' in await page(ruche, f"/members/{SLUG}")
    word = word_on(await page(ruche, path))
    put(corbeau, "something else", where=where)
    assert "found no such proof" in await press(ruche, path)
    assert SLUG in await page(ruche, "/members")
    put(corbeau, word, where=where)
    assert "off the directory" in await press(ruche, path)
    await page(ruche, f"/members/{SLUG}", 404)
    await page(ruche, path, 404)
    await press(ruche, path, 404)
    assert SLUG not in await page(ruche, "/members")
    entry = await ruche.read(lambda s: members.by_slug(s, SLUG))
    assert entry is not None
    assert (entry.state, entry.profile, entry.source) == ("left", Profile(SLUG), ())
    for slug, name in ((SLUG, "Les Remorques"), ("remorques-2", "Autre nom")):
        with pytest.raises(RefusedError, match="asked not to be listed"):
            await list_it(ruche, f"{corbeau.url}", slug, name)
    told = await ruche.read(lambda s: service.listing(s, "reviewer", "bob"))
    assert [each.kind for each, _ in told] == ["take-off"]


async def test_the_proof_is_for_exactly_what_is_asked(ruche: Server, corbeau: Peer) -> None:
    """A word left on the site doesn't serve for another handle, other words or taking off."""
    await list_it(ruche, corbeau.url)
    path = f"/members/{SLUG}/claim"
    text = await page(ruche, f"{path}?handle=@remorques@mobilizon.example&words=Le+nom+change")
    put(corbeau, word_on(text))
    asks = {"handle": "remorques@mobilizon.example", "words": "Le nom change"}
    for other in (
        asks | {"handle": ""},
        asks | {"words": "Autre"},
        asks | {"handle": "x@y.example"},
    ):
        assert "found no such proof" in await press(ruche, path, form=other)
    assert "found no such proof" in await press(ruche, f"/members/{SLUG}/take-off", form=asks)
    assert await ruche.rows("SELECT * FROM claims") == []
    assert "The proof was found" in await press(ruche, path, form=asks)
    assert "The proof was found" in await press(ruche, path, form=asks)  # twice is once
    ((kind, proof, handle, words, state),) = await ruche.rows(
        "SELECT kind, proof_uri, handle, words, state FROM claims"
    )
    assert (kind, handle, words, state) == ("claim", *asks.values(), "open")
    assert proof == corbeau.url
    assert "confirmed on its own site" in await page(ruche, f"/members/{SLUG}")
    told = await ruche.read(lambda s: service.listing(s, "operator", "anne"))
    assert [each.kind for each, _ in told] == ["claim"]
    number = await ruche.value("SELECT id FROM claims")
    item = await ruche.write(lambda s: queue.waiting(s, "claim", SLUG, str(number)))
    assert item is not None and item.facts["handle"] == asks["handle"]


@pytest.mark.parametrize(
    "body",
    [
        "<head></head><body><p>{word}</p></body>",
        "<head></head><body><meta name='pecfed-proof' content='{word}'></body>",
        "<head><!-- <meta name='pecfed-proof' content='{word}'> --></head>",
        "<head><meta name='description' content='{word}'></head>",
        "<head><meta name='pecfed-proof' content='{word}x'></head>",
    ],
)
async def test_what_visitors_may_have_written_proves_nothing(
    ruche: Server, corbeau: Peer, body: str
) -> None:
    """Only the head of its page counts."""
    await list_it(ruche, corbeau.url)
    word = token(ruche.actor_uri, SLUG, "take-off")
    corbeau.pages["/"] = (200, "text/html", f"<html>{body.format(word=word)}</html>".encode())
    assert "found no such proof" in await press(ruche, f"/members/{SLUG}/take-off")


async def test_a_part_of_a_host_proves_itself_alone(ruche: Server, corbeau: Peer) -> None:
    """Where others share the host, its file speaks for nobody."""
    await list_it(ruche, f"{corbeau.url}/~remorques/")
    word = word_on(await page(ruche, f"/members/{SLUG}/take-off"))
    assert FILE not in await page(ruche, f"/members/{SLUG}/take-off")
    put(corbeau, word, where="file")
    put(corbeau, word)
    assert "found no such proof" in await press(ruche, f"/members/{SLUG}/take-off")
    corbeau.pages["/~remorques/"] = corbeau.pages["/"]
    assert "off the directory" in await press(ruche, f"/members/{SLUG}/take-off")


async def test_an_odd_site_is_no_trouble(ruche: Server, corbeau: Peer) -> None:
    """Away, endless, not HTML, somebody's inside: told in words; many times: not now."""
    path = f"/members/{SLUG}/take-off"
    await list_it(ruche, corbeau.url)
    corbeau.pages["/"] = (200, "text/html", b"x" * 1_100_000)
    await press(ruche, path, 502)
    corbeau.pages["/"] = (200, "application/json", b"{}")
    assert "found no such proof" in await press(ruche, path)
    for _ in range(4):
        await press(ruche, path)
    assert "too often" in await press(ruche, path, 429)
    await list_it(ruche, "http://10.0.0.1/", "inside", "Inside")
    await press(ruche, "/members/inside/take-off", 502)
    await list_it(ruche, "", "nowhere", "Nowhere")
    assert "names no site" in await page(ruche, "/members/nowhere/take-off")
    assert "names no site" in await press(ruche, "/members/nowhere/take-off", 409)


async def test_by_hand_it_waits_for_a_person(ruche: Server) -> None:
    """Bounded, told, and nothing changes in the directory until somebody decides."""
    await list_it(ruche, "")
    path = f"/members/{SLUG}/take-off"
    for number in range(4):
        status = 200 if number < claim.MOST_OF_ENTRY else 429
        await press(ruche, path, status, {"how": "operator", "words": f"C'est nous {number}\u202e"})
    assert SLUG in await page(ruche, "/members")
    open_now = await ruche.read(lambda s: claims.listing(s, 10))
    assert [each.words for each in open_now] == [f"C'est nous {n}" for n in (2, 1, 0)]
    await ruche.write(lambda s: claim.close(s, open_now[0].id))
    assert len(await ruche.read(lambda s: claims.listing(s, 10))) == 2

    async def off(session: Session) -> None:
        entry = await claim.invited(session, SLUG)
        await claim.take_off(session, entry, by="operator")

    await ruche.write(off)
    assert await ruche.read(lambda s: claims.listing(s, 10)) == []
    await page(ruche, f"/members/{SLUG}", 404)


async def test_one_address_doesnt_fill_what_waits_for_a_person(ruche: Server) -> None:
    """Ten unproven requests a day from one; others are heard as before."""
    form = {"how": "operator", "words": "x"}
    for number in range(11):
        await list_it(ruche, "", f"entry{number}", f"Entry {number}")
        path = f"/members/entry{number}/take-off"
        await press(ruche, path, 200 if number < 10 else 429, form)
    await press(ruche, "/members/entry10/take-off", 200, form, {"X-Forwarded-For": "203.0.113.9"})


async def test_nobody_elses_entry_can_be_claimed(ruche: Server, lilas: Server) -> None:
    """A member leaves by itself; a form on another site, by another method, changes nothing."""
    await lilas.join(ruche)
    await ruche.quiet()
    await page(ruche, f"/members/{lilas.handle}/take-off", 404)
    await press(ruche, f"/members/{lilas.handle}/claim", 404)
    await press(ruche, "/members/nobody/claim", 404)
    await list_it(ruche, "")
    headers = {"Sec-Fetch-Site": "cross-site"}
    path = f"/members/{SLUG}/take-off"
    text = await press(ruche, path, 403, {"how": "operator", "words": "x"}, headers)
    assert "claims" not in text
    assert await ruche.rows("SELECT * FROM claims") == []


def test_an_entry_is_known_again() -> None:
    """By its id, and by its site however that is written; by its name where it has none."""

    def same(one: Profile, other: Profile) -> bool:
        return bool(set(known_by("a", one)) & set(known_by("b", other)))

    assert same(Profile("A", url="https://www.a.example/"), Profile("B", url="http://A.example"))
    assert not same(Profile("A", url="https://a.example"), Profile("A", url="https://b.example"))
    assert same(Profile("Épicerie"), Profile("epicerie"))
    assert set(known_by("a", Profile("A"))) & set(
        known_by("a", Profile("B", url="https://c.example"))
    )
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in known_by("a", Profile("A")))


async def test_the_log_tells_nobody_who_claimed(ruche: Server, corbeau: Peer) -> None:
    """What is taken off later would stay in the public copy for good."""
    await list_it(ruche, corbeau.url)
    await ruche.write(lambda s: claim.proven(s, SLUG, "claim", corbeau.url))
    await ruche.write(lambda s: claim.proven(s, SLUG, "take-off", corbeau.url))
    async with aiohttp.ClientSession() as http, http.get(f"{ruche.url}/log.jsonl") as answer:
        copy = await answer.text()
    assert copy.count('"sealed"') >= 2
    assert SLUG not in copy and corbeau.url not in copy
