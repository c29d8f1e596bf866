"""Entries that look alike: told before anybody is accepted, merged without loss, and two again."""

from __future__ import annotations

from typing import Any

import pytest

from pecfed.domain.profile import Past, Profile
from pecfed.domain.uris import Uris
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import duplicates, likeness, membership
from pecfed.store import likenesses, members, queue, remotes
from pecfed.store.actors import LocalActor
from pecfed.store.database import Database, Session
from pecfed.store.members import Member
from tests.things import LILAS, ORME, local_actor, remote

URIS = Uris("https://node.example")
EVIL = "https://li1as.example/actors/lilas"
FACTS = Profile(
    "Lilas (association)",
    summary={"fr": "Des vélos partagés."},
    url="https://www.lilas.example/fr/",
    legal_form="association",
    history=(Past("2018", {"fr": "Fondée."}),),
)


async def ask(session: Session, uri: str, name: str, url: str = "", handle: str = "") -> Member:
    """An actor asks to be listed."""
    actor = remote(uri, name=name, **({"handle": handle} if handle else {}))
    await remotes.keep(session, actor, [])
    profile = Profile(name, url=url)
    return await membership.asked(session, actor, profile, f"{uri}/join")


async def cast(session: Session) -> tuple[LocalActor, Member, Member]:
    """The hub, Lilas from public sources, and Lilas that is a member by its own actor."""
    hub = await local_actor(session)
    invited, _ = await membership.invite(session, "lilas", FACTS, ["https://press.example/a"])
    await ask(session, LILAS, "Lilas", url="https://lilas.example")
    member = await membership.decide(session, URIS, hub, LILAS, "accept", reason="meets-criteria")
    return hub, invited, member


async def waiting(session: Session, kind: Any) -> list[tuple[str, str, Any]]:
    """Subject, ref and facts of the items that wait."""
    rows = await session.all(
        "SELECT subject, ref FROM queue WHERE kind = ? AND state <> 'done' ORDER BY id", kind
    )
    found = []
    for row in rows:
        item = await queue.waiting(session, kind, row["subject"], row["ref"])
        assert item is not None
        found.append((row["subject"], row["ref"], item.facts))
    return found


async def test_doubles_are_put_side_by_side(database: Database) -> None:
    """Same site and same name, said once; the later entry is what it is about."""

    async def work(session: Session) -> None:
        _, invited, member = await cast(session)
        ((subject, ref, facts),) = await waiting(session, "duplicate")
        assert (subject, ref) == (LILAS, "lilas")
        assert facts["why"] == ["same-name", "same-site"]
        assert facts["other_name"] == "Lilas (association)"
        await ask(session, ORME, "Orme", url="https://orme.example")
        assert len(await waiting(session, "duplicate")) == 1
        found = await likeness.doubles(session, invited)
        assert [each.id for each, _ in found.values()] == [member.id]

    await database.write(work)


async def test_a_look_alike_is_told_before_it_is_accepted(database: Database) -> None:
    """A handle on a host that looks like another's, a name in two alphabets, the hub's name."""

    async def work(session: Session) -> None:
        await cast(session)
        await ask(session, EVIL, "Lіlаs", url="https://li1as.example")
        ((subject, ref, facts),) = await waiting(session, "suspicion")
        assert (subject, ref) == (EVIL, "confusable")
        assert facts["words"] == ["Lіlаs"]
        like = {(each["kind"], each["entry"]) for each in facts["like"]}
        assert ("host", "lilas@lilas.example") in like
        assert ("handle", "lilas@lilas.example") in like
        assert ("look", "lilas@lilas.example") in like
        actor = remote(EVIL, handle="autre@autre.example")
        await membership.described(session, actor, Profile("Autre chose"))
        assert await waiting(session, "suspicion") == []
        await ask(session, "https://x.example/actors/ruche", "Rυche")
        ((_, _, facts),) = await waiting(session, "suspicion")
        assert [each["entry"] for each in facts["like"]] == ["ruche"]

    await database.write(work)


async def test_a_merge_keeps_history_and_is_undone(database: Database) -> None:
    """Facts fill gaps, sources add up, the log of both stays; undone, all is as it was."""

    async def work(session: Session) -> None:
        hub, invited, before = await cast(session)
        merged = await duplicates.merge(
            session, URIS, hub, LILAS, "lilas", by="operator", reason="other"
        )
        assert merged.id == before.id and merged.state == "member"
        assert merged.profile.url == "https://lilas.example"
        assert merged.profile.summary == FACTS.summary
        assert merged.profile.history == FACTS.history
        assert merged.source == (LILAS, "https://press.example/a")
        part = await members.by_id(session, invited.id)
        assert part.state == "left"
        found = await likenesses.merged(session, part.id)
        assert found is not None and found.into_id == before.id
        assert [each.slug for each in await likenesses.parts(session, before.id)] == ["lilas"]
        assert [row.deed for row in await members.history(session, part.id)] == [
            "invite", "merge",
        ]  # fmt: skip
        assert await waiting(session, "duplicate") == []
        for into, other in ((LILAS, "lilas"), ("lilas", LILAS), (LILAS, LILAS)):
            with pytest.raises(RefusedError):
                await duplicates.merge(session, URIS, hub, into, other, by="operator")
        again = await duplicates.unmerge(session, URIS, hub, "lilas", by="operator")
        assert again.state == "invited" and again.profile == FACTS
        now = await members.by_id(session, before.id)
        assert (now.profile, now.source) == (before.profile, before.source)
        assert await likenesses.merged(session, part.id) is None
        assert await likeness.doubles(session, now) == {}, "they were found to be two"
        with pytest.raises(RefusedError, match="part of no other"):
            await duplicates.unmerge(session, URIS, hub, "lilas", by="operator")

    await database.write(work)


async def test_two_actors_of_one_organisation(database: Database) -> None:
    """The one that becomes a part is told and no longer followed; undone, it is let in again."""

    async def work(session: Session) -> None:
        hub, _, member = await cast(session)
        await ask(session, ORME, "Lilas", url="https://lilas.example")
        await membership.decide(session, URIS, hub, ORME, "accept", reason="meets-criteria")
        await duplicates.merge(session, URIS, hub, LILAS, ORME, by="operator")
        assert await members.state_of(session, ORME) == "left"
        told = await session.all(
            "SELECT type FROM activities WHERE object_uri = ? ORDER BY id DESC LIMIT 3", ORME
        )
        assert {row["type"] for row in told} == {"Reject", "Remove", "Undo"}
        kept = await members.by_id(session, member.id)
        assert kept.source == member.source, "another actor is no source of this one's facts"
        again = await duplicates.unmerge(session, URIS, hub, ORME, by="operator")
        assert again.state == "member"
        last = await session.value("SELECT type FROM activities ORDER BY id DESC LIMIT 1")
        assert last == "Add"

    await database.write(work)


async def test_who_speaks_for_itself_stays(database: Database) -> None:
    """An entry without an actor takes none in, and says how to do it."""

    async def work(session: Session) -> None:
        hub, _, _ = await cast(session)
        with pytest.raises(RefusedError, match=r"members merge lilas@lilas\.example lilas"):
            await duplicates.merge(session, URIS, hub, "lilas", LILAS, by="operator")
        with pytest.raises(NotFoundError):
            await duplicates.merge(session, URIS, hub, LILAS, "nobody", by="operator")
        with pytest.raises(UsageError):
            await duplicates.merge(session, URIS, hub, LILAS, "lilas", by="operator", reason="x")

    await database.write(work)


async def test_kept_apart(database: Database) -> None:
    """Nobody is asked about the two again, whatever they write."""

    async def work(session: Session) -> None:
        _, invited, member = await cast(session)
        await duplicates.keep_apart(session, LILAS, "lilas", by="operator")
        assert await waiting(session, "duplicate") == []
        await membership.described(session, remote(LILAS), Profile("La Lilas", url=FACTS.url))
        assert await waiting(session, "duplicate") == []
        assert await likenesses.are_apart(session, member.id, invited.id)

    await database.write(work)


async def test_entries_of_before_are_looked_at(database: Database) -> None:
    """What a hub had before it knew how to look."""

    async def work(session: Session) -> None:
        await cast(session)
        await session.run("DELETE FROM likenesses")
        await session.run("UPDATE queue SET state = 'done'")
        for entry in await likenesses.unseen(session, 10):
            await likeness.noted(session, entry)
        assert len(await waiting(session, "duplicate")) == 1
        assert await likenesses.unseen(session, 10) == []

    await database.write(work)
