"""Inviting an organisation by its actor: nothing of it is shown until it agreed, and how it did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.cli.members import _find, _invitation
from pecfed.domain.profile import Past, Profile
from pecfed.errors import RefusedError
from pecfed.federation import willing
from pecfed.federation.actor import profile_of
from pecfed.federation.resolve import resolve
from pecfed.services import invitation, membership, setup
from pecfed.store import blocks, invitations, members
from pecfed.store.database import Session
from pecfed.store.members import Member
from pecfed.work import reading
from tests.cast import PUBLIC, Peer
from tests.federation.sending import arrived, send
from tests.foreign import an_event
from tests.servers import Server, eventually


async def invite(hub: Server, who: Peer, slug: str = "") -> tuple[Member, bool]:
    """`pecfed members invite ADDRESS`."""
    actor = await resolve(hub.node, who.uri)
    profile = profile_of(actor)

    async def work(session: Session) -> tuple[Member, bool]:
        ours = await setup.the_hub(session)
        return await invitation.invite(session, hub.node.uris, ours, actor, profile, slug=slug)

    return await hub.write(work)


async def public(hub: Server, who: Peer, path: str = "members") -> list[dict[str, Any]]:
    """What a listing of the API shows to anybody."""
    async with who.http.get(f"{hub.url}/api/v1/{path}") as response:
        found: list[dict[str, Any]] = (await response.json())["items"]
        return found


def reply(who: Peer, hub: Server, text: str, **more: Any) -> dict[str, Any]:
    """A direct message that answers, as Mastodon writes it."""
    mention = f'<a href="{hub.url}/@ruche" class="u-url mention">@<span>ruche</span></a>'
    note = {
        "id": who.new("notes"),
        "type": "Note",
        "attributedTo": who.uri,
        "to": [hub.actor_uri],
        "cc": [],
        "content": f"<p>{mention} {text}</p>",
        "tag": [{"type": "Mention", "href": hub.actor_uri, "name": "@ruche"}],
    } | more
    return who.activity("Create", note, to=[hub.actor_uri])


async def test_it_is_asked_in_a_message(ruche: Server, corbeau: Peer) -> None:
    """One direct Note in two languages; the entry is the operator's alone to see."""
    corbeau.serve(corbeau.actor(name="La Coop", summary="<p>Une <b>coop</b>.</p>"))
    entry, asked = await invite(ruche, corbeau)
    assert asked and (entry.state, entry.uri, entry.name) == ("invited", corbeau.uri, "La Coop")
    assert entry.source == (corbeau.uri,)
    await eventually(arrived(corbeau, "Create"))
    (create,) = corbeau.posted("Create")
    note = create["object"]
    assert create["to"] == note["to"] == [corbeau.uri] and note["cc"] == []
    assert PUBLIC not in str(create)
    assert [tag["href"] for tag in note["tag"]] == [corbeau.uri]
    assert list(note["contentMap"]) == ["fr", "en"]
    for words in ("« oui »", "“yes”", "@corbeau@"):
        assert words in note["content"], words
    assert await public(ruche, corbeau) == []
    async with corbeau.http.get(f"{ruche.url}/members/{entry.slug}") as response:
        assert response.status == 404
    assert (await ruche.status())["directory"]["invited"] == 0
    await ruche.quiet()
    assert (await invite(ruche, corbeau))[1] is False, "whoever is asked isn't asked twice"
    await ruche.quiet()
    assert len(corbeau.posted("Create")) == 1


@pytest.mark.parametrize("text", ["oui", "Yes, gladly!", "OUI !<br>À bientôt"])
async def test_yes_makes_a_member(ruche: Server, corbeau: Peer, text: str) -> None:
    """At once: followed, read, told to the followers; the log says how it was proven."""
    corbeau.publish([corbeau.activity("Create", an_event(corbeau))])
    await invite(ruche, corbeau)
    yes = reply(corbeau, ruche, text)
    assert await send(corbeau, ruche, yes) == "member"
    await eventually(arrived(corbeau, "Follow"))
    await ruche.quiet()
    assert [each["membership"] for each in await public(ruche, corbeau)] == ["member"]
    # its outbox is read once its membership is told: not in the same moment
    assert len(await eventually(lambda: public(ruche, corbeau, "events"))) == 1
    lines = await ruche.history(corbeau.uri)
    proof = f"reply {yes['object']['id']}"
    assert [(each.deed, each.to_state, each.by, each.message) for each in lines] == [
        ("invite", "invited", "operator", ""),
        ("consent", "member", corbeau.uri, proof),
    ]
    _, _, asked = await ruche.read(lambda session: _find(session, corbeau.uri))
    told = _invitation(asked)
    assert told is not None
    assert (told["state"], told["proof"], told["proof_uri"]) == (
        "willing", "reply", yes["object"]["id"],
    )  # fmt: skip
    assert corbeau.posted("Accept") == [], "it sent no Join"


async def test_a_look_that_began_before_the_yes_changes_nothing(
    ruche: Server, corbeau: Peer
) -> None:
    """The new member is read as one, whenever the look at its profile ends."""
    entry, _ = await invite(ruche, corbeau)
    asked = await ruche.read(lambda session: invitations.of_member(session, entry.id))
    assert asked is not None
    assert await send(corbeau, ruche, reply(corbeau, ruche, "oui")) == "member"
    due = 32_503_680_000_000  # long after the test: nothing else touches it
    await ruche.write(lambda session: members.read_at(session, entry.id, due))
    await reading._look(ruche.node, entry)
    assert await willing.look(ruche.node, asked) == ""
    assert await ruche.rows("SELECT read_due_at FROM members") == [(due,)]


async def test_a_look_that_began_before_it_was_taken_back_is_the_last(
    ruche: Server, corbeau: Peer
) -> None:
    """Its lease is given back: who has left isn't read any more."""
    entry, _ = await invite(ruche, corbeau)
    await ruche.quiet()
    await ruche.decide(corbeau.uri, "remove", "other")
    await ruche.quiet()
    leased = replace(entry, read_due_at=32_503_680_000_000)
    await ruche.write(lambda session: members.read_at(session, entry.id, leased.read_due_at))
    await reading._look(ruche.node, leased)
    assert await ruche.rows("SELECT read_due_at FROM members") == [(None,)]


async def test_no_is_recorded(ruche: Server, corbeau: Peer) -> None:
    """It is refused, and stays so until the operator asks again; accepting it isn't possible."""
    await invite(ruche, corbeau)
    assert await send(corbeau, ruche, reply(corbeau, ruche, "Non merci.")) == "declined"
    assert await ruche.state_of(corbeau.uri) == "refused"
    with pytest.raises(RefusedError, match="doesn't want"):
        await ruche.decide(corbeau.uri, "accept")
    late = reply(corbeau, ruche, "oui")
    await corbeau.send(f"{ruche.actor_uri}/inbox", late)
    await ruche.quiet()
    assert await ruche.state_of(corbeau.uri) == "refused"
    entry, asked = await invite(ruche, corbeau)
    assert asked and entry.state == "invited"
    assert await send(corbeau, ruche, reply(corbeau, ruche, "yes")) == "member"


UNCLEAR: dict[str, Any] = {
    "a question": lambda who, to: reply(who, to, "Qui êtes-vous ?"),
    "yes and no": lambda who, to: reply(who, to, "oui… non, plutôt pas"),
    "yes later": lambda who, to: reply(who, to, "peut-être oui"),
    "nothing": lambda who, to: reply(who, to, ""),
    "a quotation": lambda who, to: reply(who, to, "<blockquote>oui</blockquote>Voilà tout"),
    "to somebody else's question": lambda who, to: reply(
        who, to, "oui !", inReplyTo="https://elsewhere.example/notes/1"
    ),
    "before it was asked": lambda who, to: reply(
        who, to, "oui", published=clock.stamp(clock.now() - timedelta(hours=1))
    ),
    "to somebody else": lambda who, to: reply(who, to, "oui", to=[PUBLIC], tag=[]),
    "another's note": lambda who, to: reply(
        who, to, "oui", attributedTo=f"{who.url}/actors/corneille"
    ),
    "an article": lambda who, to: reply(who, to, "oui", type="Article", name="oui"),
}


async def test_what_is_no_clear_answer(ruche: Server, corbeau: Peer) -> None:
    """The invitation stays open, nothing is shown."""
    await invite(ruche, corbeau)
    for told, make in UNCLEAR.items():
        sent = make(corbeau, ruche)
        assert (await corbeau.send(f"{ruche.actor_uri}/inbox", sent)).status == 202
        await ruche.quiet()
        assert await ruche.state_of(corbeau.uri) == "invited", told
    assert await public(ruche, corbeau) == []


async def test_nobody_answers_for_another(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """Neither with its own yes, nor with a copy of somebody's, nor with a forged author."""
    await invite(ruche, corbeau)
    yes = reply(corbeau, ruche, "oui")
    forged = pie.activity("Create", yes["object"], to=[ruche.actor_uri])
    for sent in (reply(pie, ruche, "oui"), forged, yes | {"id": pie.new()}):
        await pie.send(f"{ruche.actor_uri}/inbox", sent)
    await ruche.quiet()
    assert await ruche.state_of(corbeau.uri) == "invited"
    assert await ruche.state_of(pie.uri) is None


async def test_an_answer_to_the_question_itself(ruche: Server, corbeau: Peer) -> None:
    """A reply to our Note counts where it mentions nobody, as some servers write it."""
    await invite(ruche, corbeau)
    await eventually(arrived(corbeau, "Create"))
    asked = corbeau.posted("Create")[0]["object"]["id"]
    plain = reply(corbeau, ruche, "oui", inReplyTo=asked, tag=[], to=[f"{corbeau.uri}/followers"])
    assert await send(corbeau, ruche, plain) == "member"


async def test_its_own_join(ruche: Server, corbeau: Peer) -> None:
    """Who was invited and asks is a member, and its Join accepted."""
    await invite(ruche, corbeau)
    join = corbeau.activity("Join", ruche.actor_uri)
    assert await send(corbeau, ruche, join) == "member"
    await eventually(arrived(corbeau, "Accept"))
    assert corbeau.posted("Accept")[0]["object"]["id"] == join["id"]
    found = await ruche.read(lambda session: invitations.of_actor(session, corbeau.uri))
    assert found is not None and (found.proof, found.proof_uri) == ("join", join["id"])


LINKS: dict[str, Any] = {
    "a field": lambda hub: {
        "attachment": [
            {
                "type": "PropertyValue",
                "name": "Annuaire",
                "value": f'<a href="{hub.url}/@ruche" rel="me nofollow noopener">ruche</a>',
            }
        ]
    },
    "the summary": lambda hub: {"summary": f"<a rel='me' href='{hub.actor_uri}'>ruche</a>"},
}


@pytest.mark.parametrize("where", LINKS)
async def test_a_link_in_its_profile(ruche: Server, corbeau: Peer, where: str) -> None:
    """Found when the operator looks, and when the hub does by itself the next day."""
    await invite(ruche, corbeau)
    await ruche.quiet()
    found = await ruche.read(lambda session: invitations.of_actor(session, corbeau.uri))
    assert found is not None and found.looked_at is not None
    assert await willing.look(ruche.node, found) == ""
    assert await ruche.state_of(corbeau.uri) == "invited"
    corbeau.serve(corbeau.actor(**LINKS[where](ruche)))
    with clock.running_ahead(timedelta(hours=25)):
        await ruche.write(lambda session: session.wake("reading"))

        async def listed() -> bool:
            return await ruche.state_of(corbeau.uri) == "member"

        await eventually(listed)
    found = await ruche.read(lambda session: invitations.of_actor(session, corbeau.uri))
    assert found is not None and (found.proof, found.proof_uri) == ("link", corbeau.uri)


async def test_a_link_on_its_page(ruche: Server, corbeau: Peer, pie: Peer) -> None:
    """The page of the actor counts; a site only when both call each other their own."""
    page = f'<html><link href="{ruche.url}/" rel="me"></html>'
    site = f"{pie.url}/site"
    value = f'<a href="{site}" rel="nofollow noopener me">site</a>'
    field = {"type": "PropertyValue", "name": "Site", "value": value}
    corbeau.serve(corbeau.actor(url=f"{corbeau.url}/@corbeau", attachment=[field]))
    pie.pages["/site"] = (200, "text/html", page.encode())
    await invite(ruche, corbeau)
    await ruche.quiet()  # a look of the hub's own that is under way would be shared with ours
    found = await ruche.read(lambda session: invitations.of_actor(session, corbeau.uri))
    assert found is not None
    assert await willing.look(ruche.node, found) == "", "anybody can name somebody's site"
    both = page + f'<a rel="me" href="{corbeau.url}/@corbeau">nous</a>'
    pie.pages["/site"] = (200, "text/html", both.encode())
    friends = {"summary": f'<p>Merci à <a href="{site}">pie</a> !</p>'}
    corbeau.serve(corbeau.actor(url=f"{corbeau.url}/@corbeau", **friends))
    assert await willing.look(ruche.node, found) == "", "who is mentioned can't agree for it"
    corbeau.serve(corbeau.actor(url=f"{corbeau.url}/@corbeau", attachment=[field]))

    async def agreed() -> bool:
        # a reading of the actor that was under way before may still be shared
        return await willing.look(ruche.node, found) == site

    await eventually(agreed)
    assert await ruche.state_of(corbeau.uri) == "member"


async def test_an_entry_from_public_sources_takes_its_actor(ruche: Server, corbeau: Peer) -> None:
    """It stays as it is until the actor agrees, and keeps its facts and its history then."""
    facts = Profile(
        "La Coop",
        {"fr": "Une coopérative."},
        "https://coop.example",
        legal_form="scic",
        history=(Past("2018", {"fr": "Fondée."}, ("https://journal.example/1",)),),
    )
    source = ["https://journal.example/1"]
    await ruche.write(lambda s: membership.invite(s, "la-coop", facts, source))
    corbeau.serve(corbeau.actor(name="La Coop !"))
    await invite(ruche, corbeau, "la-coop")
    (shown,) = await public(ruche, corbeau)
    assert (shown["id"], shown["name"], shown["uri"]) == ("la-coop", "La Coop", None)
    assert await send(corbeau, ruche, reply(corbeau, ruche, "oui")) == "member"
    await ruche.quiet()
    entry = await ruche.entry(corbeau.uri)
    assert entry is not None
    assert (entry.state, entry.name) == ("member", "La Coop !")
    assert entry.slug == f"corbeau@{corbeau.url.removeprefix('http://')}"
    assert entry.source == (*source, corbeau.uri)
    assert entry.profile.legal_form == "scic" and entry.profile.history == facts.history
    assert entry.profile.summary == facts.summary
    with pytest.raises(RefusedError, match="is member"):
        await invite(ruche, corbeau)


async def test_nothing_is_kept_before_it_agrees(ruche: Server, corbeau: Peer) -> None:
    """Whatever it publishes meanwhile leaves no object."""
    await invite(ruche, corbeau)
    event = an_event(corbeau, cc=[ruche.actor_uri])
    await corbeau.send(f"{ruche.actor_uri}/inbox", corbeau.activity("Create", event))
    await ruche.quiet()
    assert await ruche.object(event["id"]) is None


async def test_an_operator_takes_an_invitation_back(ruche: Server, corbeau: Peer) -> None:
    """Nobody is told, and an answer that comes late has no effect."""
    await invite(ruche, corbeau)
    await ruche.decide(corbeau.uri, "remove", "other")
    await corbeau.send(f"{ruche.actor_uri}/inbox", reply(corbeau, ruche, "oui"))
    await ruche.quiet()
    assert await ruche.state_of(corbeau.uri) == "left"
    assert corbeau.posted("Reject") == []
    entry = await ruche.entry(corbeau.uri)
    assert entry is not None
    await ruche.write(lambda session: members.read_at(session, entry.id, clock.now_ms()))
    await ruche.quiet()


async def test_what_was_taken_back_is_asked_again(ruche: Server, corbeau: Peer) -> None:
    """By itself, and after an entry from public sources that it was invited for was taken off."""
    await invite(ruche, corbeau)
    await ruche.decide(corbeau.uri, "remove", "other")
    entry, asked = await invite(ruche, corbeau)
    assert asked and entry.state == "invited"
    await ruche.quiet()
    assert len(corbeau.posted("Create")) == 2
    await corbeau.send(f"{ruche.actor_uri}/inbox", reply(corbeau, ruche, "oui"))
    await ruche.quiet()
    assert await ruche.state_of(corbeau.uri) == "member"


async def test_an_entry_taken_off_leaves_its_actor_free(ruche: Server, corbeau: Peer) -> None:
    """It can be invited again, as an entry of its own."""
    about = Profile(name="Les Corbeaux")

    source = ["https://journal.example/1"]
    await ruche.write(lambda s: membership.invite(s, "corbeaux", about, source))
    await invite(ruche, corbeau, "corbeaux")
    await ruche.decide("corbeaux", "remove", "other")
    entry, asked = await invite(ruche, corbeau)
    assert asked and entry.slug != "corbeaux"


async def test_the_blocked_are_not_invited(ruche: Server, corbeau: Peer) -> None:
    """Its answer couldn't be heard."""
    await ruche.write(lambda s: blocks.put(s, corbeau.uri, "spam", "", clock.now_ms()))
    with pytest.raises(RefusedError, match="blocked"):
        await invite(ruche, corbeau)
