"""Actors of ours and of others, who follows whom, what was withdrawn, which hubs were asked."""

from __future__ import annotations

from pecfed.domain.profile import Profile
from pecfed.store import actors, follows, memberships, remotes, withdrawn
from pecfed.store.database import Database, Session
from tests.things import CORBEAU, DAY, LILAS, NOW, ORME, local_actor, member, remote

HUB = "https://ruche.example/actors/ruche"


async def test_actors_of_ours(database: Database) -> None:
    """Found by name, uri and key; a profile comes back as it was put."""

    async def story(session: Session) -> None:
        hub = await local_actor(session)
        other = await local_actor(session, "instance", "instance")
        assert await actors.by_username(session, "ruche") == hub
        assert await actors.by_uri(session, hub.uri) == hub
        assert await actors.by_id(session, hub.id) == hub
        assert await actors.by_username(session, "nobody") is None
        assert await actors.by_uri(session, "https://node.example/nobody") is None
        assert await actors.everyone(session) == [hub, other]
        profile = Profile("La Ruche", {"fr": "Éà\n«»"}, sectors=("food",))
        await actors.set_profile(session, hub.id, profile, NOW + 1)
        fresh = await actors.by_id(session, hub.id)
        assert (fresh.profile, fresh.updated_at, fresh.created_at) == (profile, NOW + 1, NOW)
        assert await actors.count_posts(session) == 0

    await database.write(story)


async def test_a_remote_actor_and_its_keys(database: Database) -> None:
    """The newest reading counts: keys that are no longer listed are forgotten."""

    async def story(session: Session) -> None:
        await remotes.keep(session, remote(), [(f"{LILAS}#a", "A"), (f"{LILAS}#b", "B")])
        assert await remotes.key(session, f"{LILAS}#a") == (LILAS, "A", NOW)
        newer = remote(name="Lilas 2", fetched_at=NOW + 5)
        await remotes.keep(session, newer, [(f"{LILAS}#b", "C")])
        assert await remotes.get(session, LILAS) == newer
        assert await remotes.key(session, f"{LILAS}#a") is None
        assert await remotes.key(session, f"{LILAS}#b") == (LILAS, "C", NOW + 5)
        assert await remotes.get(session, ORME) is None

    await database.write(story)


async def test_a_key_is_not_taken_from_its_owner(database: Database) -> None:
    """An actor that lists another's key doesn't get it."""

    async def story(session: Session) -> None:
        await remotes.keep(session, remote(), [("https://lilas.example/key", "A")])
        await remotes.keep(session, remote(CORBEAU), [("https://lilas.example/key", "X")])
        assert await remotes.key(session, "https://lilas.example/key") == (LILAS, "A", NOW)

    await database.write(story)


async def test_an_actor_that_is_gone(database: Database) -> None:
    """Its keys stop counting; reading it again brings it back."""

    async def story(session: Session) -> None:
        await remotes.keep(session, remote(), [(f"{LILAS}#a", "A")])
        await remotes.mark_gone(session, LILAS, NOW + 1)
        gone = await remotes.get(session, LILAS)
        assert gone is not None and gone.gone_at == NOW + 1
        assert await remotes.key(session, f"{LILAS}#a") is None
        assert await remotes.at_inbox(session, gone.inbox) == []
        await remotes.keep(session, remote(), [(f"{LILAS}#a", "A")])
        back = await remotes.get(session, LILAS)
        assert back is not None and back.gone_at is None
        shared = "https://lilas.example/inbox"
        assert await remotes.at_inbox(session, shared) == [LILAS]
        await remotes.mark_gone(session, "https://never.example/met", NOW)

    await database.write(story)


async def test_passers_by_are_forgotten(database: Database) -> None:
    """With their keys; but not who follows, is followed, is an entry or a hub of ours."""
    names = ("passer", "newcomer", "follower", "followed", "entry", "hub")

    async def story(session: Session) -> None:
        uris = {name: f"https://{name}.example/actors/{name}" for name in names}
        for name, uri in uris.items():
            age = NOW + 1 if name == "newcomer" else NOW - 1
            await remotes.keep(session, remote(uri, fetched_at=age), [(f"{uri}#k", "K")])
        actor = await local_actor(session)
        await follows.add_follower(session, actor.id, uris["follower"], "f", NOW)
        await follows.ask_to_follow(session, actor.id, uris["followed"], "f", NOW)
        await member(session, uris["entry"], state="left")
        await memberships.put(session, actor.id, uris["hub"], "j", "asked", NOW)
        assert await remotes.prune(session, NOW) == 1
        left = {row["uri"] for row in await session.all("SELECT uri FROM remote_actors")}
        assert left == set(uris.values()) - {uris["passer"]}
        assert await session.value("SELECT count(*) FROM remote_keys") == len(left)

    await database.write(story)


async def test_a_follower_is_kept_once(database: Database) -> None:
    """With the newest Follow's id; it goes by pair, by that id, or altogether."""

    async def story(session: Session) -> None:
        one, two = await local_actor(session), await local_actor(session, "velo", "member")
        assert await follows.add_follower(session, one.id, CORBEAU, "f1", NOW)
        assert not await follows.add_follower(session, one.id, CORBEAU, "f2", NOW)
        assert await follows.add_follower(session, two.id, CORBEAU, "f3", NOW)
        assert await follows.is_follower(session, CORBEAU)
        assert await follows.count_followers(session, one.id) == 1
        assert await follows.remove_follower(session, CORBEAU, follow_uri="f1") == 0
        assert await follows.remove_follower(session, CORBEAU, follow_uri="f2") == 1
        assert await follows.remove_follower(session, CORBEAU, actor_id=one.id) == 0
        assert await follows.remove_follower(session, CORBEAU, actor_id=two.id) == 1
        for actor in (one, two):
            await follows.add_follower(session, actor.id, CORBEAU, "f", NOW)
        assert await follows.remove_follower(session, CORBEAU) == 2
        assert not await follows.is_follower(session, CORBEAU)

    await database.write(story)


async def test_followers_page_by_page(database: Database) -> None:
    """Every follower comes once, in the same order on both engines, whatever its letters."""
    uris = sorted(f"https://{name}.example/a" for name in "aZbA19-_~éz")

    async def story(session: Session) -> None:
        actor = await local_actor(session)
        for uri in reversed(uris):
            await follows.add_follower(session, actor.id, uri, "f", NOW)
        for size in (1, 3, len(uris), 100):
            found: list[str] = []
            while page := await follows.followers(
                session, actor.id, size, found[-1] if found else ""
            ):
                assert len(page) <= size
                found += page
            assert found == uris

    await database.write(story)


async def test_each_shared_inbox_once(database: Database) -> None:
    """Three followers on two hosts are two deliveries; one that is gone is none."""

    async def story(session: Session) -> None:
        actor = await local_actor(session)
        people = [
            remote(),
            remote("https://lilas.example/actors/rose"),
            remote(CORBEAU),
            remote(ORME),
        ]
        for person in people:
            await remotes.keep(session, person, [])
            await follows.add_follower(session, actor.id, person.uri, "f", NOW)
        await remotes.mark_gone(session, ORME, NOW)
        await follows.add_follower(session, actor.id, "https://never.example/met", "f", NOW)
        assert sorted(await follows.follower_inboxes(session, actor.id)) == [
            "https://corbeau.example/inbox",
            "https://lilas.example/inbox",
        ]

    await database.write(story)


async def test_whom_we_follow(database: Database) -> None:
    """Asked, then accepted; a newer question replaces an older one."""

    async def story(session: Session) -> None:
        actor = await local_actor(session)
        assert await follows.accepted(session, actor.id, LILAS) == 0
        await follows.ask_to_follow(session, actor.id, LILAS, "f1", NOW)
        assert await follows.is_followed(session, LILAS)
        assert await follows.following(session, actor.id) == []
        assert await follows.accepted(session, actor.id, LILAS) == 1
        assert await follows.following(session, actor.id) == [LILAS]
        await follows.ask_to_follow(session, actor.id, LILAS, "f2", NOW)
        row = await follows.get_following(session, actor.id, LILAS)
        assert row is not None and (row["follow_uri"], row["state"]) == ("f2", "asked")
        assert await follows.stop_following(session, actor.id, LILAS) == 1
        assert await follows.stop_following(session, actor.id, LILAS) == 0
        assert not await follows.is_followed(session, LILAS)

    await database.write(story)


async def test_what_was_withdrawn_is_remembered(database: Database) -> None:
    """For its actor alone, as long as the longest that was asked, then forgotten."""

    async def story(session: Session) -> None:
        await withdrawn.add(session, "o", LILAS, NOW + DAY)
        await withdrawn.add(session, "o", LILAS, NOW + 1)
        assert await withdrawn.holds(session, "o", LILAS, NOW + DAY - 1)
        assert not await withdrawn.holds(session, "o", LILAS, NOW + DAY)
        assert not await withdrawn.holds(session, "o", CORBEAU, NOW)
        await withdrawn.add(session, "p", LILAS, withdrawn.FOR_GOOD)
        await withdrawn.prune(session, NOW + 1000 * DAY)
        assert await withdrawn.holds(session, "p", LILAS, NOW + 1000 * DAY)
        assert await session.value("SELECT count(*) FROM withdrawn") == 1

    await database.write(story)


async def test_the_hubs_that_were_asked(database: Database) -> None:
    """What a hub said is kept; asking again begins afresh."""

    async def story(session: Session) -> None:
        actor = await local_actor(session, "velo", "member")
        assert await memberships.get(session, actor.id, HUB) is None
        assert not await memberships.is_hub(session, HUB)
        await memberships.put(session, actor.id, HUB, "j1", "asked", NOW)
        await memberships.set_state(
            session, actor.id, HUB, "refused", NOW + 1, reason="other", message="Non."
        )
        row = await memberships.get(session, actor.id, HUB)
        assert row is not None and (row["state"], row["message"]) == ("refused", "Non.")
        await memberships.put(session, actor.id, HUB, "j2", "asked", NOW + 2)
        (row,) = await memberships.of_actor(session, actor.id)
        assert (row["state"], row["reason"], row["join_uri"]) == ("asked", "", "j2")
        assert await memberships.is_hub(session, HUB)

    await database.write(story)
