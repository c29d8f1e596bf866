"""A hub's entries and the log of every change."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from pecfed.domain.profile import Profile
from pecfed.errors import StoreError
from pecfed.store import members
from pecfed.store.database import Database, Session
from tests.things import LILAS, NOW, ORME, member


async def test_an_entry_is_found_by_all_its_names(database: Database) -> None:
    """Its slug, its handle with or without @, its uri."""

    async def story(session: Session) -> None:
        entry = await member(session, profile=Profile("Lilas", {"fr": "é"}, sectors=("food",)))
        for name in ("lilas@lilas.example", "@lilas@lilas.example", LILAS):
            assert await members.find(session, name) == entry
        assert await members.by_slug(session, "lilas@lilas.example") == entry
        assert await members.by_uri(session, LILAS) == entry
        assert await members.find(session, "nobody") is None
        assert await members.state_of(session, LILAS) == "member"
        assert await members.state_of(session, ORME) is None

    await database.write(story)


@pytest.mark.parametrize("same", ["slug", "uri"])
async def test_two_entries_never_share_a_name(database: Database, same: str) -> None:
    """Neither a slug nor a uri; many invited ones have no uri at all."""
    await database.write(member)
    slug = "lilas@lilas.example" if same == "slug" else "other"
    with pytest.raises(StoreError):
        await database.write(
            lambda session: member(session, LILAS if same == "uri" else ORME, slug=slug)
        )

    async def invited(session: Session) -> None:
        await member(session, None, slug="one", state="invited")
        await member(session, None, slug="two", state="invited")

    await database.write(invited)


async def test_every_change_has_its_line(database: Database) -> None:
    """Who, when, from what to what, why and in which words."""

    async def story(session: Session) -> None:
        entry = await member(session, state="asked")
        await members.log(session, entry.id, NOW, "ask", "", "asked", LILAS, "", "")
        await members.set_state(
            session, entry, "refused", NOW + 5,
            deed="refuse", by="operator", reason="out-of-scope", message="Désolé.",
        )  # fmt: skip
        lines = [astuple(each)[:-1] for each in await members.history(session, entry.id)]
        assert lines == [
            (NOW, "ask", "", "asked", LILAS, "", ""),
            (NOW + 5, "refuse", "asked", "refused", "operator", "out-of-scope", "Désolé."),
        ]
        fresh = await members.by_uri(session, LILAS)
        assert fresh is not None and (fresh.state, fresh.changed_at) == ("refused", NOW + 5)

    await database.write(story)


async def test_an_entry_is_described_anew(database: Database) -> None:
    """Its name, facets and slug follow the profile; its state and Join don't."""

    async def story(session: Session) -> None:
        entry = await member(session)
        await members.set_join(session, entry.id, "j1")
        profile = Profile("Les Lilas", sectors=("mobility",), legal_form="scic")
        await members.describe(session, entry.id, "lilas@other.example", profile, NOW + 1)
        fresh = await members.by_slug(session, "lilas@other.example")
        assert fresh is not None
        assert (fresh.profile, fresh.name, fresh.join_uri) == (profile, "Les Lilas", "j1")
        assert fresh.state == "member" and fresh.uri == LILAS
        row = await session.one("SELECT sort, sectors, legal_form, words FROM members")
        assert row is not None
        assert (row["sort"], row["sectors"], row["legal_form"]) == (
            "les lilas",
            " mobility ",
            "scic",
        )
        assert "mobility" in row["words"]

    await database.write(story)


async def test_whose_collections_are_read_next(database: Database) -> None:
    """The one that is due for longest, once within a lease; nobody before it is due."""

    async def story(session: Session) -> None:
        one, two = await member(session), await member(session, ORME)
        assert await members.claim_reading(session, NOW, 1000) is None
        await members.read_at(session, one.id, NOW)
        await members.read_at(session, two.id, NOW - 1)
        taken = [await members.claim_reading(session, NOW, 1000) for _ in range(3)]
        assert [each and each.uri for each in taken] == [ORME, LILAS, None]
        again = await members.claim_reading(session, NOW + 1000, 1000)
        assert again is not None
        await members.read_at(session, one.id, None)
        await members.read_at(session, two.id, None)
        assert await members.claim_reading(session, NOW + 10**9, 1000) is None

    await database.write(story)


async def test_whether_a_host_has_members(database: Database) -> None:
    """By the beginning of their ids: scheme, host and port, and nothing that only looks alike."""

    async def story(session: Session) -> None:
        await member(session, "https://lilas.example/actors/lilas")
        await member(session, "https://orme.example/actors/orme", state="suspended")
        await member(session, None, slug="invitee", state="invited")
        asked = {
            "https://lilas.example/": True,
            "http://lilas.example/": False,
            "https://lilas.example:8443/": False,
            "https://lilas.exampl/": False,
            "https://lilas.example.org/": False,
            "https://orme.example/": False,
            "/": False,
        }
        for host, found in asked.items():
            assert await members.any_at(session, host) is found, host

    await database.write(story)
