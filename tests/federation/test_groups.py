"""Working groups at a hub: followed by anybody, addressed by members, moderated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from pecfed.errors import NotFoundError
from pecfed.federation.groups import make_groups
from pecfed.services import groups
from tests.cast import PUBLIC, Peer, peer
from tests.federation.conftest import let_in
from tests.federation.sending import arrived, send
from tests.foreign import an_event
from tests.servers import Server, eventually

LEGAL = "governance_legal"


@pytest.fixture
async def mastodon(some_keys: list[rsa.RSAPrivateKey]) -> AsyncIterator[Peer]:
    """A follower whose server understands an Announce of an id alone."""
    async with peer("masto", some_keys[1]) as made:
        yield made


@pytest.fixture
async def lemmy(some_keys: list[rsa.RSAPrivateKey]) -> AsyncIterator[Peer]:
    """A follower whose server reads the activity inside an Announce (FEP-1b12)."""
    async with peer("lemmy", some_keys[2]) as made:
        yield made


def uri_of(hub: Server, name: str = LEGAL) -> str:
    """The id of a group."""
    return hub.node.uris.actor(name)


async def follow(who: Peer, hub: Server, name: str = LEGAL) -> None:
    """Follow a group from another server, and be accepted."""
    letter = who.activity("Follow", uri_of(hub, name))
    assert (await who.send(f"{uri_of(hub, name)}/inbox", letter)).status == 202
    await eventually(arrived(who, "Accept"))
    (accept,) = who.posted("Accept")
    assert accept["actor"] == uri_of(hub, name)
    assert accept["object"] == {k: letter[k] for k in ("id", "type", "actor", "object")}


def addressed(who: Peer, hub: Server, obj: dict[str, Any], verb: str = "Create") -> dict[str, Any]:
    """An activity about something, addressed to a group as Lemmy's users do it."""
    to = [PUBLIC, uri_of(hub)]
    return who.activity(verb, obj | {"to": to, "audience": uri_of(hub)}, to=to, cc=[])


def by_id(who: Peer) -> list[Any]:
    """The Announces of an id: what Mastodon reads."""
    return [each for each in who.posted("Announce") if isinstance(each["object"], str)]


def whole(who: Peer) -> list[Any]:
    """The activities inside an Announce: what Lemmy reads."""
    found = [each["object"] for each in who.posted("Announce")]
    return [each for each in found if not isinstance(each, str)]


async def test_groups_are_actors(ruche: Server, corbeau: Peer) -> None:
    """Three, from the charter, found by WebFinger, named by the hub; making them again is idle."""
    assert await make_groups(ruche.node) == []
    hub = await ruche.node.fetcher.document(ruche.actor_uri)
    names = ["governance_legal", "economics_funding", "software_cooperation"]
    assert hub["workingGroups"] == [uri_of(ruche, name) for name in names]
    found = await ruche.node.fetcher.document(uri_of(ruche))
    assert (found["type"], found["workingGroup"]) == ("Group", "governance-legal")
    assert found["name"] == "Gouvernance et juridique"
    assert "Statuts, licences" in found["summaryMap"]["fr"]
    moderators = await ruche.node.fetcher.document(found["attributedTo"])
    assert (moderators["type"], moderators["orderedItems"]) == (
        "OrderedCollection", [ruche.actor_uri],
    )  # fmt: skip
    handle = f"acct:{LEGAL}@{ruche.settings.handles_host}"
    address = f"{ruche.url}/.well-known/webfinger"
    async with corbeau.http.get(address, params={"resource": handle}) as answer:
        told = await answer.json(content_type=None)
    assert told["subject"] == handle
    assert uri_of(ruche) in [link["href"] for link in told["links"] if link["rel"] == "self"]


async def test_a_group_passes_on_in_both_spellings(
    ruche: Server, member: Peer, mastodon: Peer, lemmy: Peer
) -> None:
    """Followers get the whole Create unchanged, and the object's id; each once."""
    for who in (mastodon, lemmy):
        await follow(who, ruche)
    create = addressed(member, ruche, an_event(member) | {"x:odd": [1, 2.5, {"é": None}]})
    create["proof"] = {"type": "DataIntegrityProof", "proofValue": "z123"}
    assert await send(member, ruche, create) == f"kept, passed on by {LEGAL}"
    assert await send(member, ruche, addressed(member, ruche, an_event(member))) == "known"
    await ruche.quiet()
    for who in (mastodon, lemmy):
        assert whole(who) == [create]
        (said,) = by_id(who)
        assert said["object"] == create["object"]["id"]
        assert (said["actor"], said["to"][0]) == (uri_of(ruche), PUBLIC)
        assert said["cc"] == [f"{uri_of(ruche)}/followers"]
        await eventually(arrived(who, "Announce", 2))


async def test_update_and_delete_are_passed_on(
    ruche: Server, member: Peer, mastodon: Peer, lemmy: Peer
) -> None:
    """Whole for Lemmy; with the Delete, Mastodon's boost is undone."""
    for who in (mastodon, lemmy):
        await follow(who, ruche)
    create = addressed(member, ruche, an_event(member))
    await send(member, ruche, create)
    newer = an_event(member, name="AG déplacée", updated="2026-11-21T09:00:00Z")
    update = member.activity("Update", newer)
    assert await send(member, ruche, update) == f"kept, passed on by {LEGAL}"
    older = member.activity("Update", an_event(member, updated="2026-11-20T10:00:00Z"))
    assert await send(member, ruche, older) == "older than ours"
    delete = member.activity("Delete", create["object"]["id"])
    assert await send(member, ruche, delete) == f"withdrawn, passed on by {LEGAL}"
    await ruche.quiet()
    assert whole(lemmy) == [create, update, delete]
    (said,) = by_id(mastodon)
    undone = [each["object"]["id"] for each in mastodon.posted("Undo")]
    assert said["id"] in undone
    assert await send(member, ruche, addressed(member, ruche, an_event(member))) == (
        "withdrawn before"
    )


async def test_one_member_cannot_flood_a_group_with_corrections(
    ruche: Server, member: Peer, mastodon: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all its objects together, so many Announces in an hour; the correction itself is kept."""
    await follow(mastodon, ruche)
    obj = an_event(member)
    await send(member, ruche, addressed(member, ruche, obj))
    await eventually(arrived(mastodon, "Announce", 2))
    monkeypatch.setattr(groups, "TOLD_OF_MEMBER", 3)
    for minute in (1, 2):
        newer = obj | {"updated": f"2026-11-22T09:0{minute}:00Z"}
        said = await send(member, ruche, addressed(member, ruche, newer, "Update"))
        assert said == ("kept" if minute == 2 else f"kept, passed on by {LEGAL}")
    await ruche.quiet()
    assert len(mastodon.posted("Announce")) == 3


async def test_a_plain_note_is_passed_on(ruche: Server, member: Peer, mastodon: Peer) -> None:
    """As people on Mastodon write it: a mention in `cc`; the directory doesn't list it."""
    await follow(mastodon, ruche)
    note: dict[str, Any] = {
        "id": f"{member.url}/notes/1", "type": "Note", "attributedTo": member.uri,
        "to": [PUBLIC], "cc": [uri_of(ruche)], "content": "<p>Qui a des statuts&nbsp;?</p>",
    }  # fmt: skip
    create = member.activity("Create", note, to=[PUBLIC], cc=[uri_of(ruche)])
    assert (await send(member, ruche, create)).endswith(f"passed on by {LEGAL}")
    await eventually(arrived(mastodon, "Announce", 2))
    assert [each["object"] for each in by_id(mastodon)] == [note["id"]]
    assert await ruche.object(note["id"]) is None


UNFIT: dict[str, Any] = {
    "another's object": lambda who, other, to: an_event(other, to=to),
    "no author": lambda who, other, to: an_event(who, attributedTo=None, to=to),
    "not public": lambda who, other, to: an_event(who, to=[to[1]]),
    "an activity": lambda who, other, to: an_event(who, type="Announce", to=to),
    "an actor": lambda who, other, to: an_event(who, type="Person", to=to),
    "a broken event": lambda who, other, to: an_event(who, startTime="soon", to=to),
}


@pytest.mark.parametrize("what", UNFIT)
async def test_what_a_group_does_not_pass_on(
    ruche: Server, member: Peer, mastodon: Peer, what: str
) -> None:
    """Only a member's own, public things that people read."""
    await follow(mastodon, ruche)
    to = [PUBLIC, uri_of(ruche)]
    create = member.activity("Create", UNFIT[what](member, mastodon, to), to=to)
    assert "passed on" not in await send(member, ruche, create)
    await ruche.quiet()
    assert mastodon.posted("Announce") == []


async def test_who_is_no_member_can_not_make_a_group_speak(
    ruche: Server, corbeau: Peer, mastodon: Peer
) -> None:
    """Neither a stranger nor an applicant, nor who was suspended; a stranger leaves no row."""
    await follow(mastodon, ruche)
    create = addressed(corbeau, ruche, an_event(corbeau))
    assert (await corbeau.send(f"{uri_of(ruche)}/inbox", create)).status == 202
    rows = "SELECT count(*) FROM inbox WHERE actor_uri = ?"
    assert await ruche.value(rows, corbeau.uri) == 0
    await let_in(ruche, corbeau)
    await ruche.decide(corbeau.uri, "suspend", "abuse")
    assert "passed on" not in await send(
        corbeau, ruche, addressed(corbeau, ruche, an_event(corbeau))
    )
    await ruche.quiet()
    assert mastodon.posted("Announce") == []


async def test_what_a_member_points_a_group_to(
    ruche: Server, member: Peer, mastodon: Peer, lemmy: Peer
) -> None:
    """An Announce of a member's thing is passed on by id; of an Announce, or of ours, not."""
    await follow(mastodon, ruche)
    obj = an_event(member)
    member.serve(obj)
    to = [PUBLIC, uri_of(ruche)]
    point = member.activity("Announce", obj["id"], to=to)
    assert await send(member, ruche, point) == f"kept, passed on by {LEGAL}"
    await eventually(arrived(mastodon, "Announce"))
    (said,) = mastodon.posted("Announce")
    assert said["object"] == obj["id"]
    loops = [said["id"], uri_of(ruche), lemmy.uri, point["id"]]
    member.serve(point)
    for each in loops:
        again = member.activity("Announce", each, to=to)
        assert "passed on" not in await send(member, ruche, again), each
    await ruche.quiet()
    assert len(mastodon.posted("Announce")) == 1


async def test_moderators_withdraw_and_restore(
    ruche: Server, member: Peer, mastodon: Peer, lemmy: Peer
) -> None:
    """Both spellings are undone, the page and the outbox forget it, and it stays withdrawn."""
    for who in (mastodon, lemmy):
        await follow(who, ruche)
    create = addressed(member, ruche, an_event(member))
    uri = create["object"]["id"]
    await send(member, ruche, create)
    await eventually(arrived(mastodon, "Announce", 2))

    async def withdraw() -> list[str]:
        return await ruche.write(
            lambda session: groups.withdraw(
                session, ruche.node.uris, uri, name="", reason="out-of-scope", message="Publicité."
            )
        )

    assert await withdraw() == [LEGAL]
    assert await withdraw() == []
    for who in (mastodon, lemmy):
        await eventually(arrived(who, "Undo", 2))
        announced = {each["id"] for each in who.posted("Announce")}
        undone = [each["object"] for each in who.posted("Undo")]
        assert {each["id"] for each in undone} == announced
        assert {each["object"] for each in undone} == {uri, create["id"]}
    outbox = await ruche.node.fetcher.document(f"{uri_of(ruche)}/outbox?page=0")
    assert [each["type"] for each in outbox["orderedItems"]] == ["Undo", "Undo"]
    update = member.activity("Update", an_event(member, updated="2026-11-22T09:00:00Z"))
    assert await send(member, ruche, update) == "kept"
    assert await send(member, ruche, addressed(member, ruche, an_event(member))) == (
        "older than ours"
    )
    await ruche.quiet()
    assert len(mastodon.posted("Announce")) == 2
    told = (await ruche.history(member.uri))[-1]
    assert (told.deed, told.reason, told.message) == (
        "group-withdraw", "out-of-scope", "Publicité.",
    )  # fmt: skip
    assert told.facts == {"group": LEGAL, "object": uri}

    async def restore() -> list[str]:
        return await ruche.write(
            lambda session: groups.restore(session, ruche.node.uris, uri, name=LEGAL)
        )

    assert await restore() == [LEGAL]
    await eventually(arrived(lemmy, "Announce", 4))
    assert whole(lemmy) == [create, create]
    await send(member, ruche, member.activity("Delete", uri))
    with pytest.raises(NotFoundError):
        await restore()


@pytest.mark.case("A20")
async def test_a20_a_create_inside_an_announce_is_its_own_authors(
    ruche: Server, member: Peer, lemmy: Peer
) -> None:
    """As Lemmy's groups announce: the inner object is fetched, and is its author's, not theirs."""
    await let_in(ruche, lemmy)
    obj = an_event(member)
    member.serve(obj)
    told = obj | {"name": "Autre chose", "attributedTo": lemmy.uri}
    create = member.activity("Create", told)
    assert await send(lemmy, ruche, lemmy.activity("Announce", create)) == "kept"
    found = await ruche.object(obj["id"])
    assert found is not None and found.actor_uri == member.uri
    assert getattr(found.content, "name", None) == {"und": "Assemblée générale"}
    foreign = {"id": f"{lemmy.url}/pages/1", "type": "Page", "attributedTo": member.uri}
    lemmy.serve(foreign | {"name": "Prétendu", "to": [PUBLIC]})
    wrapped = lemmy.activity("Announce", member.activity("Create", foreign))
    assert await send(lemmy, ruche, wrapped) != "kept"


async def _page(who: Peer, address: str) -> str:
    async with who.http.get(address, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 200, address
        return await answer.text()


async def test_the_pages_of_groups(ruche: Server, member: Peer, mastodon: Peer) -> None:
    """Name, topics, followers, how to follow, what was passed on lately; nothing withdrawn."""
    await follow(mastodon, ruche)
    french = await _page(member, f"{ruche.url}/fr/groups")
    assert "Gouvernance et juridique" in french and "1 abonné" in french
    assert "Governance and legal aspects" in await _page(member, f"{ruche.url}/en/groups")
    assert "Rien n’a encore" in await _page(member, f"{ruche.url}/fr/@{LEGAL}")
    create = addressed(member, ruche, an_event(member))
    await send(member, ruche, create)
    note: dict[str, Any] = {
        "id": f"{member.url}/notes/1", "type": "Note", "attributedTo": member.uri,
        "to": [PUBLIC], "cc": [uri_of(ruche)], "content": "<p>Des <b>statuts</b> ? &lt;x&gt;</p>",
    }  # fmt: skip
    await send(member, ruche, member.activity("Create", note, to=[PUBLIC], cc=[uri_of(ruche)]))
    shown = await _page(member, f"{ruche.url}/fr/@{LEGAL}")
    assert f"@{LEGAL}@{ruche.settings.handles_host}" in shown
    assert "Assemblée générale" in shown and "Corbeau" in shown
    assert "Des statuts ? &lt;x&gt;" in shown and f'href="{note["id"]}"' in shown
    for uri in (create["object"]["id"], note["id"]):
        await ruche.write(
            lambda session, uri=uri: groups.withdraw(  # type: ignore[misc]
                session, ruche.node.uris, uri, name=LEGAL, reason="other", message=""
            )
        )
    assert "Rien n’a encore" in await _page(member, f"{ruche.url}/fr/@{LEGAL}")
    accept = {"Accept": "application/activity+json"}
    async with member.http.get(f"{ruche.url}/@{LEGAL}", headers=accept) as answer:
        assert (await answer.json(content_type=None))["id"] == uri_of(ruche)
