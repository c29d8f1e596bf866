"""Fedify, a framework without our code, follows us, is followed, and reads everything we say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from pecfed import clock
from pecfed.domain.event import Event
from tests.conftest import MakeServer
from tests.interop.heron import Heron, NoHeronError, install, started
from tests.interop.story import COMMUNITY
from tests.servers import Server, eventually

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@pytest.fixture(scope="session")
def fedify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where Héron listens."""
    folder = tmp_path_factory.mktemp("fedify")
    try:
        install(folder)
    except NoHeronError as error:
        pytest.skip(str(error))
    with started(folder) as url:
        yield url


@pytest.fixture
async def heron(fedify: str) -> AsyncIterator[Heron]:
    """Héron, who has heard nothing yet."""
    async with aiohttp.ClientSession() as session:
        made = Heron(fedify, session)
        await made.begin()
        yield made


@pytest.fixture
async def hub(make_server: MakeServer) -> Server:
    """La Ruche."""
    return await make_server(role="hub", username="ruche", name="La Ruche")


@pytest.fixture
async def velo(make_server: MakeServer) -> Server:
    """Vélo Commun on a node of its own."""
    return await make_server(username="velo", name="Vélo Commun")


async def follow(heron: Heron, whom: Server) -> str:
    """Héron follows somebody, and is told so; the Follow's id."""
    said = await heron.do("follow", to=whom.actor_uri, about=whom.actor_uri)

    async def answered() -> dict[str, Any] | None:
        found = (each for each in await heron.heard("Accept") if each["object"]["id"] == said["id"])
        return next(found, None)

    accept = await eventually(answered)
    assert accept is not None
    assert (accept["actorId"], accept["object"]["type"]) == (whom.actor_uri, "Follow")
    assert accept["object"]["objectId"] == whom.actor_uri
    return str(said["id"])


async def followers(node: Server) -> list[tuple[Any, ...]]:
    return await node.rows("SELECT follower_uri FROM followers")


async def test_it_follows_and_unfollows(heron: Heron, hub: Server, velo: Server) -> None:
    """Each is answered by an Accept with the whole Follow in it, which it reads."""
    for each in (hub, velo):
        said = await follow(heron, each)
        assert await followers(each) == [(heron.uri,)]
        await heron.do("undo", to=each.actor_uri, about=said)
        await each.quiet()
        assert await followers(each) == []


async def test_it_reads_all_that_we_publish(heron: Heron, velo: Server) -> None:
    """Statement, events and resources, their corrections and withdrawals: nothing is lost."""
    await follow(heron, velo)
    await velo.apply((COMMUNITY / "velo.toml").read_text("utf-8"))
    await velo.quiet()
    for create in await heron.heard("Create"):
        await reads_well(heron, velo, create["object"])
    created = [each["object"] for each in await heron.heard("Create")]
    assert {each["type"] for each in created} == {"Note", "Event"}
    counts = await velo.apply(
        (COMMUNITY / "changes" / "velo-after.toml").read_text("utf-8"), prune=True
    )
    await velo.quiet()
    updated = [each["object"] for each in await heron.heard("Update")]
    assert {each["type"] for each in updated} >= {"Note", "Organization"}
    deleted = [each["object"] for each in await heron.heard("Delete")]
    assert {each["type"] for each in deleted} == {"Tombstone"}
    assert len(deleted) == counts.deleted > 0
    assert {each["id"] for each in deleted} < {each["id"] for each in created}


async def reads_well(heron: Heron, node: Server, got: dict[str, Any]) -> None:
    """As it arrived, and as it is served, are the same to it; and nothing is missing."""
    served = await heron.do("lookup", url=got["id"])
    assert served == got
    assert got["attributionIds"] == [node.actor_uri]
    assert got["toIds"] == [PUBLIC]
    assert got["content"].startswith("<p>")
    assert got["published"]
    assert {tag["type"] for tag in got["tags"]} <= {"Hashtag", "Mention"}
    if got["type"] == "Event":
        assert got["name"]
        assert got["startTime"]
    else:
        assert "name" not in got
        assert "summary" not in got


async def test_it_reads_our_actors_and_collections(heron: Heron, hub: Server, velo: Server) -> None:
    """Both kinds of key, every collection to its end, each object by its id."""
    await follow(heron, velo)
    await velo.apply((COMMUNITY / "velo.toml").read_text("utf-8"))
    await velo.quiet()
    for each in (hub, velo):
        for uri, kind in ((each.actor_uri, "Organization"), (f"{each.url}/actor", "Application")):
            actor = await heron.do("lookup", url=uri)
            assert (actor["type"], actor["id"]) == (kind, uri)
            assert actor["inboxId"] == f"{uri}/inbox"
            assert [key["id"] for key in actor["keys"]] == [f"{uri}#main-key"]
            assert [key["type"] for key in actor["multikeys"]][:1] == ["Multikey"]
    said = await heron.do("collection", url=f"{velo.actor_uri}/outbox")
    assert len(said) == await velo.value(
        "SELECT count(*) FROM activities WHERE is_public = 1 AND actor_id = ?", (await velo.me()).id
    )
    featured = await heron.do("collection", url=f"{velo.actor_uri}/featured")
    assert featured
    assert all(each["attributionId"] == velo.actor_uri for each in featured)
    assert [each["id"] for each in await heron.do("collection", url=f"{velo.actor_uri}/followers")]


async def test_it_verifies_our_proofs(heron: Heron, velo: Server) -> None:
    """Of every kind of object and activity (FEP-8b32); and of nothing that was changed."""
    await follow(heron, velo)
    await velo.apply((COMMUNITY / "velo.toml").read_text("utf-8"))
    await velo.quiet()
    key = f"{velo.actor_uri}#ed25519-key"
    objects = await velo.rows(
        "SELECT min(uri) FROM objects WHERE actor_id IS NOT NULL GROUP BY kind"
    )
    activities = await velo.rows(
        "SELECT min(uri) FROM activities WHERE is_public = 1 AND type IN ('Create', 'Update') "
        "GROUP BY type"
    )
    for (url,) in (*objects, *activities):
        (proof,) = await heron.do("prove", url=url)
        assert (proof["key"], proof["suite"]) == (key, "eddsa-jcs-2022"), url
        assert await heron.do("prove", url=url, change="summary") == [None]


async def let_in(hub: Server, heron: Heron) -> None:
    """Héron asks, is accepted, and is followed."""
    await heron.do("join", to=hub.actor_uri, about=hub.actor_uri)

    async def asked() -> bool:
        return await hub.state_of(heron.uri) == "asked"

    await eventually(asked)
    await hub.decide(heron.uri, "accept", "meets-criteria")
    await eventually(heron.has_heard("Follow"))

    async def following() -> bool:
        return bool(await hub.value("SELECT count(*) FROM following WHERE state = 'accepted'"))

    await eventually(following)
    await hub.quiet()


async def test_it_becomes_a_member_and_publishes(heron: Heron, hub: Server, velo: Server) -> None:
    """The hub follows it, lists its event, passes it on, and takes it off again."""
    await let_in(hub, heron)
    (accept,) = await heron.heard("Accept")
    assert accept["object"]["type"] == "Join"
    said = await heron.do(
        "event", to=hub.actor_uri, name="Vol de nuit", place="Le marais",
        start="2027-05-12T18:00:00Z", end="2027-05-12T20:00:00Z",
    )  # fmt: skip
    await hub.quiet()
    kept = await hub.object(said["object"])
    assert kept is not None
    assert isinstance(kept.content, Event)
    assert list(kept.content.name.values()) == ["Vol de nuit"]
    await heron.do("update", to=hub.actor_uri, about=said["object"], name="Vol de jour")
    await hub.quiet()
    assert "Vol de jour" in str(await hub.object(said["object"]))
    await heron.do("delete", to=hub.actor_uri, about=said["object"])
    await hub.quiet()
    gone = await hub.object(said["object"])
    assert gone is None or gone.deleted_at is not None


async def test_it_hears_what_a_hub_passes_on(heron: Heron, hub: Server, velo: Server) -> None:
    """A new member, and each thing that a member publishes, which it then reads at its origin."""
    await follow(heron, hub)
    await velo.join(hub)

    async def asked() -> bool:
        return await hub.state_of(velo.actor_uri) == "asked"

    await eventually(asked)
    await hub.decide(velo.actor_uri, "accept", "meets-criteria")
    await velo.quiet()
    await hub.quiet()
    await velo.apply((COMMUNITY / "velo.toml").read_text("utf-8"))
    for _ in range(2):
        await velo.quiet()
        await hub.quiet()
    (added,) = await heron.heard("Add")
    assert (added["objectId"], added["targetId"]) == (velo.actor_uri, f"{hub.url}/directory")
    announced = await heron.heard("Announce")
    assert {each["object"]["type"] for each in announced} == {"Note", "Event"}
    assert all(each["object"]["id"].startswith(f"{velo.url}/objects/") for each in announced)


@pytest.mark.case("S9")
async def test_s9_a_new_key_counts_at_once(heron: Heron, hub: Server) -> None:
    """It changes its keys without a word: the next letter is verified all the same."""
    said = await follow(heron, hub)
    await heron.do("rotate")
    hub.node.limits.refreshed._until.clear()  # five minutes later
    await heron.do("undo", to=hub.actor_uri, about=said)
    await hub.quiet()
    assert await followers(hub) == []


async def test_its_first_knock_is_answered(heron: Heron, hub: Server) -> None:
    """It signs by RFC 9421 first, and needn't knock twice."""
    said = await follow(heron, hub)
    await heron.do("undo", to=hub.actor_uri, about=said)
    assert await heron.knocks(f"{hub.actor_uri}/inbox") == [("rfc9421", 202)] * 2


async def test_it_reacts_and_takes_it_back(heron: Heron, velo: Server) -> None:
    """A like and a boost are counted once each, and no more once they are undone."""
    about = await published(heron, velo)
    said = [
        await heron.do(what, to=velo.actor_uri, about=about) for what in ("like", "boost", "like")
    ]
    await velo.quiet()
    reactions = "SELECT kind, actor_uri FROM reactions ORDER BY kind"
    assert await velo.rows(reactions) == [("like", heron.uri), ("share", heron.uri)]
    for each in said:
        await heron.do("undo", to=velo.actor_uri, about=each["id"])
    await velo.quiet()
    assert await velo.rows(reactions) == []


async def test_it_replies_and_thinks_again(heron: Heron, velo: Server) -> None:
    """What it writes about something of ours is kept for the operator, until it is withdrawn."""
    about = await published(heron, velo)
    reply = await heron.do(
        "reply", to=velo.actor_uri, about=about, content="<p>Bravo&nbsp;!</p>", mention="@velo"
    )
    await velo.quiet()
    kept = await velo.rows("SELECT uri, actor_uri, about_uri, kind, is_public FROM messages")
    assert kept == [(reply["object"], heron.uri, about, "reply", 1)]
    await heron.do("flag", to=velo.actor_uri, about=about, content="Trop court.")
    await velo.quiet()
    assert await velo.rows("SELECT actor_uri, content FROM reports") == [(heron.uri, "Trop court.")]
    await heron.do("delete", to=velo.actor_uri, about=reply["object"])
    await velo.quiet()
    assert await velo.rows("SELECT uri FROM messages") == []


async def test_it_votes(heron: Heron, velo: Server) -> None:
    """It reads our Question, and its voice counts once."""
    await follow(heron, velo)
    ends = (clock.now() + timedelta(days=3)).isoformat(timespec="seconds")
    await velo.apply(
        '[[poll]]\nuid = "jour"\nquestion.fr = "Quel jour ?"\n'
        f'options = ["Mardi", "Jeudi"]\nends = {ends}\nmultiple = false\n'
    )
    await velo.quiet()
    (create,) = await heron.heard("Create")
    question = create["object"]
    assert question["type"] == "Question"
    assert [option["name"] for option in question["options"]] == ["Mardi", "Jeudi"]
    for _ in range(2):
        await heron.do("vote", to=velo.actor_uri, about=question["id"], name="Jeudi")
    await velo.quiet()
    assert await velo.rows("SELECT voter_uri, choice FROM votes") == [(heron.uri, 1)]


async def test_it_joins_an_event_in_vain(heron: Heron, velo: Server) -> None:
    """We take no registrations, and say so."""
    await published(heron, velo)
    created = [each["object"] for each in await heron.heard("Create")]
    event = next(each["id"] for each in created if each["type"] == "Event")
    join = await heron.do("join", to=velo.actor_uri, about=event)
    (ignore,) = await eventually(heron.has_heard("Ignore"))
    assert ignore["objectId"] == join["id"]


async def published(heron: Heron, node: Server) -> str:
    """What Héron, a follower, has heard first of all that a node published."""
    await follow(heron, node)
    await node.apply((COMMUNITY / "velo.toml").read_text("utf-8"))
    await node.quiet()
    return str((await heron.heard("Create"))[0]["object"]["id"])
