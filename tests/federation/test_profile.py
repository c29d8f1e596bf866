"""An actor's profile as others read it: pictures, links, its place on the charter."""

from __future__ import annotations

import json
from html import unescape
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image

from pecfed.federation.actor import read_profile
from tests.conftest import MakeServer
from tests.interop import mastodon
from tests.servers import Server

ACTIVITY = "application/activity+json"
PROFILE = """
[actor]
name = "Vélo"
url = "https://www.velo.example/"
icon = {file = "logo.png", alt = {fr = "Un vélo", en = "A bike"}}
banner = {file = "rue.jpg", alt = "Une rue"}
links = [
  {name = {fr = "Le forum", en = "The forum"}, url = "https://forum.velo.example/?a=1&b=2"},
  {name = "Code", url = "https://code.example/velo"},
]
indexable = false
"""
STATEMENT = """
[charter]
version = "2018"
declared = 2026-11-01
valid_until = 2027-11-01
[charter.commitments.governance-1]
level = "planned"
"""
EVENT = """
[[event]]
uid = "fete"
name = "Fête"
start = 2030-05-12
picture = {file = "rue.jpg", alt = "Une rue en fête"}
[[event]]
uid = "avant"
name = "Avant"
start = 2030-01-12
"""


async def get(url: str, accept: str = ACTIVITY) -> tuple[int, Any, Any]:
    """Status, document or bytes, headers."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Accept": accept}) as response,
    ):
        body = await response.read()
        return (
            response.status,
            json.loads(body) if "json" in response.content_type else body,
            response.headers,
        )


async def applied(velo: Server, text: str) -> Any:
    for name, kind in (("logo.png", "PNG"), ("rue.jpg", "JPEG")):
        out = BytesIO()
        Image.new("RGB", (600, 300), (1, 2, 3)).save(out, kind)
        (velo.settings.dir / name).write_bytes(out.getvalue())
    await velo.apply(text)
    return (await get(velo.actor_uri))[1]


async def test_pictures_of_a_profile(make_server: MakeServer) -> None:
    """Named with their words, served as pictures to everybody and for ever, never as a document."""
    velo = await make_server(username="velo")
    actor = await applied(velo, PROFILE)
    assert actor["icon"]["type"] == actor["image"]["type"] == "Image"
    assert actor["icon"]["summary"] == actor["icon"]["name"] == "Un vélo"
    assert actor["icon"]["summaryMap"] == {"fr": "Un vélo", "en": "A bike"}
    assert (actor["icon"]["mediaType"], actor["image"]["mediaType"]) == ("image/png", "image/jpeg")
    assert (actor["icon"]["width"], actor["icon"]["height"]) == (512, 256)
    for image in (actor["icon"], actor["image"]):
        status, body, headers = await get(image["url"])
        assert (status, headers["Content-Type"]) == (200, image["mediaType"])
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        Image.open(BytesIO(body)).load()
    for name in ("", "x.png", "..%2fpecfed.toml", "a" * 64 + ".png", "a" * 64 + ".toml"):
        assert (await get(f"{velo.url}/media/{name}"))[0] == 404


async def test_unchanged_pictures_send_nothing(make_server: MakeServer) -> None:
    """The same file again is the same profile; another one is an Update."""
    velo = await make_server(username="velo")
    await applied(velo, PROFILE + EVENT)
    counted = "SELECT count(*) FROM activities WHERE type = ?"
    before = [await velo.value(counted, kind) for kind in ("Create", "Update")]
    await applied(velo, PROFILE + EVENT)
    assert [await velo.value(counted, kind) for kind in ("Create", "Update")] == before
    Image.new("RGB", (10, 10)).save(velo.settings.dir / "logo.png")
    await velo.apply(PROFILE + EVENT)
    assert await velo.value(counted, "Update") == before[1] + 1


async def test_links_get_mastodons_tick(make_server: MakeServer) -> None:
    """Each value is one link whose text is its address; its site may name the actor as author."""
    velo = await make_server(username="velo")
    actor = await applied(velo, PROFILE)
    fields = actor["attachment"]
    assert [field["name"] for field in fields] == ["Site", "Le forum", "Code"]
    assert [unescape(mastodon.verified_link(field["value"])) for field in fields] == [
        "https://www.velo.example/",
        "https://forum.velo.example/?a=1&b=2",
        "https://code.example/velo",
    ]
    assert fields[1]["nameMap"] == {"fr": "Le forum", "en": "The forum"}
    assert actor["attributionDomains"] == ["velo.example", "forum.velo.example", "code.example"]
    assert (actor["discoverable"], actor["indexable"]) == (True, False)
    assert profile_of(actor) == (await velo.me()).profile.to_data()


def profile_of(actor: Any) -> Any:
    """What another node makes of it."""
    return read_profile(actor, actor["name"]).to_data()


async def test_the_charter_on_the_profile(make_server: MakeServer) -> None:
    """A field for those who only see the profile, while there is a statement; it is no tick."""
    velo = await make_server(username="velo")
    actor = await applied(velo, PROFILE + STATEMENT)
    field = actor["attachment"][-1]
    assert field["name"] == "Charte PEC"
    assert field["value"] == (
        f'<a href="{velo.url}/@velo#statement">déclarée, jusqu&#x27;au 1er novembre 2027</a>'
    )
    assert mastodon.verified_link(field["value"]) == ""
    assert profile_of(actor) == (await velo.me()).profile.to_data(), "it is no link of theirs"
    await velo.apply(PROFILE, prune=True)
    assert len((await get(velo.actor_uri))[1]["attachment"]) == 3


async def test_upcoming_events(make_server: MakeServer) -> None:
    """By id, the nearest first."""
    velo = await make_server(username="velo")
    actor = await applied(velo, PROFILE + EVENT)
    assert actor["upcomingEvents"] == f"{velo.actor_uri}/events"
    _, coming, _ = await get(actor["upcomingEvents"])
    assert (coming["type"], coming["totalItems"]) == ("OrderedCollection", 2)
    events = [(await get(uri))[1] for uri in coming["orderedItems"]]
    assert [event["uid"] for event in events] == ["avant", "fete"]
    banner = events[1]["attachment"][0]
    assert (banner["name"], banner["summary"]) == ("Banner", "Une rue en fête")
    assert (await get(banner["url"]))[0] == 200


async def test_hashtags_of_a_profile(make_server: MakeServer) -> None:
    """On the actor, and as the collection that Mastodon shows beside it; without any, neither."""
    velo = await make_server(username="velo")
    actor = await applied(velo, PROFILE)
    assert "tag" not in actor and "featuredTags" not in actor
    actor = await applied(velo, PROFILE + 'tags = ["CommunsNumériques", "velo", "VÉLO"]\n')
    first = {
        "type": "Hashtag", "name": "#CommunsNumériques",
        "href": f"{velo.url}/tags/communsnumeriques",
    }  # fmt: skip
    assert [tag["name"] for tag in actor["tag"]] == ["#CommunsNumériques", "#velo"]
    assert actor["tag"][0] == first
    assert actor["featuredTags"] == f"{velo.actor_uri}/tags"
    _, tags, _ = await get(actor["featuredTags"])
    assert (tags["totalItems"], tags["orderedItems"]) == (2, actor["tag"])
    assert tags["@context"][1]["Hashtag"] == "as:Hashtag"
    assert profile_of(actor) == (await velo.me()).profile.to_data()
    _, page, _ = await get(f"{velo.url}/@velo", "text/html")
    assert "#velo</a>" in page.decode()
