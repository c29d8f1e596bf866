"""`/label/NAME@HOST` for programs and for other sites: the credential, the badge."""

from __future__ import annotations

import asyncio
import json
from xml.etree import ElementTree as ET

import aiohttp
import pytest

from pecfed import clock
from pecfed.domain.statement import digest
from pecfed.federation import verify
from pecfed.http import badge
from pecfed.services import keys, label, setup
from pecfed.services.keys import Made
from pecfed.store.database import Session
from tests.label.conftest import CHANGED, changed
from tests.servers import Server, eventually
from tests.together.nodes import call
from tests.vouched import document

SVG = "{http://www.w3.org/2000/svg}"


def at(hub: Server, of: Server, more: str = "") -> str:
    """An address of the label."""
    return f"{hub.url}/label/{of.handle}{more}"


async def take(hub: Server, of: Server) -> None:
    """A reviewer takes the label back."""

    async def work(session: Session) -> None:
        actor = await setup.the_hub(session)
        await label.take(session, hub.node.uris, actor, of.handle, by="reviewer", reason="other")

    await hub.write(work)


async def test_the_json_is_the_credential_itself(
    ruche: Server, labelled: Server, http: aiohttp.ClientSession
) -> None:
    """Signed, by a key that the hub's actor lists as a Multikey; for any site to read."""
    async with http.get(at(ruche, labelled, ".json")) as answer:
        assert answer.status == 200
        assert answer.content_type == "application/vc"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        found = await answer.json(content_type=None)
    assert found["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    actor = await document(ruche, ruche.actor_uri)
    (key,) = [
        k for k in actor["assertionMethod"] if k["id"] == found["proof"]["verificationMethod"]
    ]
    assert key["type"] == "Multikey"
    claimed = verify.credential(found, actor, clock.now())
    assert (claimed.kind, claimed.subject) == ("label", labelled.actor_uri)
    for accept in ("application/vc", "application/json", "application/vc, text/html;q=0.5"):
        async with http.get(at(ruche, labelled), headers={"Accept": accept}) as answer:
            assert await answer.json(content_type=None) == found
            assert answer.headers["Vary"] == "Accept"
    async with http.get(at(ruche, labelled), headers={"Accept": "text/html,*/*;q=0.8"}) as answer:
        assert answer.content_type == "text/html"
    ran = await asyncio.to_thread(call, "verify", "--development", at(ruche, labelled))
    assert ran.code == 0, ran


async def test_who_has_none_has_none(
    ruche: Server, declared: Server, http: aiohttp.ClientSession
) -> None:
    """404 before, 410 after it was taken back; the page and the badge say what there is."""
    async with http.get(at(ruche, declared, ".json")) as answer:
        assert answer.status == 404
    async with http.get(at(ruche, declared)) as answer:
        text = await answer.text()
        assert answer.status == 200 and "data-verify" not in text and "<script" not in text


async def test_it_goes_down_in_public(
    ruche: Server, labelled: Server, http: aiohttp.ClientSession
) -> None:
    """The badge shows each standing of the day, by its words and its sign."""
    assert "labelled, until" in await spoken(http, at(ruche, labelled, ".svg?lang=en"))
    await changed(ruche, labelled, CHANGED)
    assert "outdated" in await spoken(http, at(ruche, labelled, ".svg?lang=en"))
    assert "à revoir" in await spoken(http, at(ruche, labelled, ".svg?lang=fr"))
    ran = await asyncio.to_thread(call, "verify", "--development", at(ruche, labelled, ".json"))
    assert ran.code == 1 and "has changed since" in ran.out
    await take(ruche, labelled)
    async with http.get(at(ruche, labelled, ".json")) as answer:
        assert answer.status == 410
    await labelled.leave(ruche)
    await ruche.quiet()
    for more in ("", ".json", ".svg", "/statement"):
        async with http.get(at(ruche, labelled, more)) as answer:
            assert answer.status == 404, more


async def spoken(http: aiohttp.ClientSession, url: str) -> str:
    """What a badge says to who can't see it."""
    async with http.get(url) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "image/svg+xml"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        picture = ET.fromstring(await answer.text())
    assert picture.get("aria-label") == picture.findtext(f"{SVG}title")
    return str(picture.get("aria-label"))


async def test_a_badge_comes_in_sizes_themes_and_languages(
    ruche: Server, labelled: Server, http: aiohttp.ClientSession
) -> None:
    """Each another picture; what isn't a choice is refused in words."""
    seen = set()
    for size in badge.SIZES:
        for theme in badge.THEMES:
            for language in ("fr", "en"):
                query = f".svg?size={size}&theme={theme}&lang={language}"
                async with http.get(at(ruche, labelled, query)) as answer:
                    text = await answer.text()
                picture = ET.fromstring(text)
                drawn = (int(picture.get("width", 0)), int(picture.get("height", 0)))
                assert drawn == badge.SIZES[size]
                assert not {each.tag for each in picture.iter()} - {
                    f"{SVG}{tag}" for tag in ("svg", "title", "rect", "g", "circle", "path", "text")
                }
                assert "href" not in text and "url(" not in text and "style=" not in text
                seen.add(text)
    assert len(seen) == 12
    assert any("Les Lilas &amp; Cie &lt;b&gt;" in each for each in seen)
    for query in ("size=huge", "theme=pink", "lang=de", "size=", "size=../x"):
        async with http.get(at(ruche, labelled, f".svg?{query}")) as answer:
            assert answer.status == 400, query


@pytest.mark.parametrize("standing", list(badge._SEAL))
def test_each_standing_has_a_badge_of_its_own(standing: str) -> None:
    """With names of any length and any sign, it stays well-formed and within its size."""
    for name in ("V", "<script>&\"'" * 20, "W" * 200, "社区" * 30):
        words = badge.Words(
            "Plateforme en communs", standing, name, "jusqu’au 1er mai 2027", "Par X"
        )
        for size in badge.SIZES:
            ET.fromstring(badge.draw(standing, size, "dark", words))  # type: ignore[arg-type]


async def test_the_statement_shown_is_what_was_attested(
    ruche: Server, labelled: Server, http: aiohttp.ClientSession
) -> None:
    """Word for word: its digest is the credential's."""
    async with http.get(at(ruche, labelled, "/statement")) as answer:
        shown = await answer.json()
    async with http.get(at(ruche, labelled, ".json")) as answer:
        said = json.loads(await answer.read())["credentialSubject"]["statement"]
    assert (shown["id"], digest(shown["charterStatement"])) == (said["id"], said["digest"])


async def test_what_a_revoked_key_signed_is_sent_again(ruche: Server, labelled: Server) -> None:
    """The member gets the attestation and the label anew, with proofs by the new key."""
    hub = await ruche.me()
    (old,) = [key.uri for key in hub.keys if key.kind == "attestation"]
    name, public = ruche.node.keyring.files.make_new(hub.username, "attestation")
    made = [Made("attestation", name, public)]
    await ruche.write(
        lambda session: keys.rotate(session, ruche.node.uris, hub, made, overlap=0, revoke=[old])
    )
    rows = await ruche.rows(
        "SELECT a.object_uri, o.kind FROM activities a JOIN objects o ON o.uri = a.object_uri "
        "WHERE a.type = 'Update' ORDER BY o.kind"
    )
    assert [kind for _, kind in rows] == ["attestation", "label"]

    async def anew() -> bool:
        found = [await document(ruche, uri) for uri, _ in rows]
        signers = {each["credential"]["proof"]["verificationMethod"] for each in found}
        return signers == {f"{ruche.actor_uri}#{name}"}

    await eventually(anew)
    await ruche.quiet()
    ran = await asyncio.to_thread(call, "verify", "--development", at(ruche, labelled))
    assert ran.code == 0, ran.out
