"""Objects and activities: kept, corrected, withdrawn, listed; statements keep every version."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pecfed.domain.content import Content
from pecfed.domain.note import Note
from pecfed.domain.statement import digest
from pecfed.errors import StoreError
from pecfed.store import activities, actors, deliveries, objects
from pecfed.store.database import Database, Session
from tests.things import CORBEAU, DAY, LILAS, NOW, event, local_actor, publish, resource, statement


async def test_an_object_comes_back_as_it_was(database: Database) -> None:
    """Every kind, with every field, on both engines."""
    things: list[Content] = [
        statement(),
        event(description={"fr": "Un\n\nDeux", "en": "«é» 日本 🚲"}, all_day=True, deadline=None),
        event("appel", kind="call", deadline=datetime(2027, 3, 31, tzinfo=UTC), end=None),
        resource(license="", languages=("fr",), authors=("Léa", "Noé"), released="2024-03-14"),
        Note("n", {"fr": "Bonjour"}, "https://lilas.example"),
    ]

    async def story(session: Session) -> None:
        for number, content in enumerate(things):
            uri = f"https://lilas.example/objects/{number}"
            await objects.keep(
                session, uri=uri, actor_uri=LILAS, actor_id=None, content=content, url="u",
                published_at=NOW, updated_at=NOW + 1,
            )  # fmt: skip
            found = await objects.get(session, uri)
            assert found is not None and found.content == content
            assert (found.published_at, found.updated_at, found.deleted_at) == (NOW, NOW + 1, None)
        assert await objects.get(session, "https://lilas.example/objects/nothing") is None

    await database.write(story)


async def test_a_correction_replaces_what_it_corrects(database: Database) -> None:
    """The id and the day of publication stay; so does who published it."""

    async def story(session: Session) -> None:
        uri = await publish(session, event())
        moved = event(days=3)
        await publish(
            session, moved, uri=uri, actor_uri=CORBEAU, published_at=1, updated_at=NOW + 5
        )
        found = await objects.get(session, uri)
        assert found is not None
        assert (found.content, found.actor_uri, found.published_at) == (moved, LILAS, NOW)
        assert await session.value("SELECT count(*) FROM objects") == 1

    await database.write(story)


async def test_an_older_version_never_replaces_a_newer_one(database: Database) -> None:
    """Two readings at once may end in either order; the newest version stays."""

    async def story(session: Session) -> None:
        uri = await publish(session, event(days=3), updated_at=NOW + 5)
        await publish(session, event(), uri=uri, updated_at=NOW + 4)
        found = await objects.get(session, uri)
        assert found is not None
        assert (found.content, found.updated_at) == (event(days=3), NOW + 5)

    await database.write(story)


async def test_what_is_withdrawn_stays_withdrawn(database: Database) -> None:
    """Twice is once; it is no longer listed, and its id is still known."""

    async def story(session: Session) -> None:
        uri = await publish(session, event())
        await objects.delete(session, uri, NOW + 1)
        await objects.delete(session, uri, NOW + 2)
        found = await objects.get(session, uri)
        assert found is not None and found.deleted_at == NOW + 1
        assert await objects.of_actor(session, LILAS) == []
        assert await objects.live_uris(session, LILAS) == set()

    await database.write(story)


async def test_the_order_of_an_actors_objects(database: Database) -> None:
    """Events by their start, the rest newest first, alike on both engines."""

    async def story(session: Session) -> None:
        await publish(session, resource("old"), published_at=NOW - DAY)
        await publish(session, event("later", days=9))
        await publish(session, resource("new"))
        await publish(session, event("soon"))
        await publish(session, event("other"), "https://orme.example/actors/orme")
        listed = [each.content.uid for each in await objects.of_actor(session, LILAS)]
        assert listed == ["soon", "later", "new", "old"]
        events = await objects.of_actor(session, LILAS, "event")
        assert [each.content.uid for each in events] == ["soon", "later"]

    await database.write(story)


async def test_each_version_of_a_statement_is_kept(database: Database) -> None:
    """Under its digest, once, also after it was withdrawn."""

    async def story(session: Session) -> None:
        first, second = statement(), statement(valid_until="2028-11-23")
        uri = await publish(session, first)
        await publish(session, second, uri=uri, updated_at=NOW + 1)
        await publish(session, first, uri=uri, updated_at=NOW + 2)
        await objects.delete(session, uri, NOW + 3)
        rows = await session.all("SELECT digest FROM statement_versions")
        assert {row["digest"] for row in rows} == {
            digest(each.to_value()) for each in (first, second)
        }

    await database.write(story)


async def test_one_uid_for_one_kind_of_an_actor_of_ours(database: Database) -> None:
    """Two with the same uid can't be; after a withdrawal it is free again."""

    async def story(session: Session) -> tuple[int, str]:
        actor = await local_actor(session, "velo", "member")
        uri = await publish(session, resource(), actor.uri, actor_id=actor.id)
        await publish(session, resource("other"), actor.uri, actor_id=actor.id)
        assert await actors.count_posts(session) == 2
        return actor.id, uri

    actor_id, uri = await database.write(story)
    twin = "https://node.example/objects/twin"
    with pytest.raises(StoreError):
        await database.write(lambda s: publish(s, resource(), uri=twin, actor_id=actor_id))
    await database.write(lambda s: objects.delete(s, uri, NOW))
    await database.write(lambda s: publish(s, resource(), uri=twin, actor_id=actor_id))


async def test_everything_of_an_actor_that_is_gone(database: Database) -> None:
    """A remote actor's objects go at once; ours don't go that way."""

    async def story(session: Session) -> None:
        actor = await local_actor(session, "velo", "member")
        mine = await publish(session, resource(), actor.uri, actor_id=actor.id)
        theirs = [await publish(session, resource()), await publish(session, event())]
        assert await objects.live_uris(session, LILAS) == set(theirs)
        await objects.forget_actor(session, LILAS, NOW)
        await objects.forget_actor(session, actor.uri, NOW)
        assert await objects.live_uris(session, LILAS) == set()
        assert await objects.live_uris(session, actor.uri) == {mine}

    await database.write(story)


async def _did(session: Session, actor_id: int, uri: str, **more: object) -> int:
    values = {"type": "Create", "object_uri": "o", "intent": {"é": 1}, "is_public": True} | more
    return await activities.add(session, uri=uri, actor_id=actor_id, now=NOW, **values)  # type: ignore[arg-type]


async def test_activities(database: Database) -> None:
    """Found by uri and by key as they were put."""

    async def story(session: Session) -> None:
        actor = await local_actor(session)
        key = await _did(session, actor.id, "a1")
        hidden = await _did(session, actor.id, "a2", is_public=False)
        assert hidden > key
        found = await activities.by_uri(session, "a1")
        assert found is not None and (found.intent, found.is_public) == ({"é": 1}, True)
        assert set(await activities.by_ids(session, [key, hidden, 10**9])) == {key, hidden}
        assert await activities.by_ids(session, []) == {}
        assert await activities.by_uri(session, "a3") is None
        assert [each.id for each in await activities.outbox(session, actor.id, 10)] == [key]
        assert await activities.count_public(session, actor.id) == 1

    await database.write(story)


async def test_an_outbox_page_by_page(database: Database) -> None:
    """The newest first, each once, none of anybody else's."""

    async def story(session: Session) -> None:
        actor, other = await local_actor(session), await local_actor(session, "velo", "member")
        keys = [await _did(session, actor.id, f"a{n}") for n in range(7)]
        await _did(session, other.id, "b")
        for size in (1, 2, 7, 50):
            found: list[int] = []
            while page := await activities.outbox(
                session, actor.id, size, found[-1] if found else None
            ):
                found += [each.id for each in page]
            assert found == keys[::-1]

    await database.write(story)


async def test_an_outbox_hides_what_was_withdrawn(database: Database) -> None:
    """Of a withdrawn object only its Delete is shown, and counted."""

    async def story(session: Session) -> None:
        actor = await local_actor(session, "velo", "member")
        uri = await publish(session, resource(), actor.uri, actor_id=actor.id)
        for number, kind in enumerate(("Create", "Update", "Delete")):
            await _did(session, actor.id, f"a{number}", type=kind, object_uri=uri)
        assert await activities.count_public(session, actor.id) == 3
        await objects.delete(session, uri, NOW)
        shown = await activities.outbox(session, actor.id, 10)
        assert [each.type for each in shown] == ["Delete"]
        assert await activities.count_public(session, actor.id) == 1

    await database.write(story)


async def test_answers_that_arrived_are_forgotten(database: Database) -> None:
    """What went to one actor alone, long ago; never what is public or still on its way."""

    async def story(session: Session) -> None:
        actor = await local_actor(session)
        await _did(session, actor.id, "old", is_public=False, type="Accept")
        waiting = await _did(session, actor.id, "waiting", is_public=False, type="Accept")
        await deliveries.add(session, waiting, "o", [("https://a.example/inbox", "a")], NOW)
        await _did(session, actor.id, "public")
        assert await activities.prune(session, NOW) == 0
        assert await activities.prune(session, NOW + 1) == 1
        left = await session.all("SELECT uri FROM activities ORDER BY id")
        assert [row["uri"] for row in left] == ["waiting", "public"]

    await database.write(story)


async def test_what_was_passed_on(database: Database) -> None:
    """By that actor, that object, as an Announce."""

    async def story(session: Session) -> None:
        actor, other = await local_actor(session), await local_actor(session, "velo", "member")
        await _did(session, actor.id, "a1", type="Announce", object_uri="o1")
        await _did(session, actor.id, "a2", type="Create", object_uri="o2")
        (found,) = await activities.announcements(session, actor.id, "o1", 10)
        assert found.uri == "a1"
        assert not await activities.announcements(session, actor.id, "o2", 10)
        assert not await activities.announcements(session, other.id, "o1", 10)
        assert await activities.announced_since(session, actor.id, "o1", 0) == 1
        await activities.retract(session, actor.id, "o1")
        assert not await activities.announcements(session, actor.id, "o1", 10)

    await database.write(story)
