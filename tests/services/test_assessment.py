"""A self-assessment from the first answer to the published statement, and beside a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from pecfed import clock
from pecfed.domain import assessment as rules
from pecfed.domain.assessment import Draft
from pecfed.domain.profile import Profile
from pecfed.domain.statement import Declared, Statement, digest
from pecfed.domain.uris import Uris
from pecfed.domain.wanted import Wanted
from pecfed.errors import NotFoundError, RefusedError, UsageError
from pecfed.services import apply, assessment, publish
from pecfed.services.apply import Counts
from pecfed.services.assessment import Assessment
from pecfed.store import actors, objects
from pecfed.store.actors import LocalActor
from pecfed.store.database import Database, Session

URIS = Uris("https://velo.example")
FIRST = Declared("governance-1", "practised", {"fr": "Une personne, une voix."})
SECOND = Declared("data-1", "in-progress", {"fr": "Avant l’été."}, ("https://velo.example/d",))


class Desk:
    """One actor's self-assessment in a database."""

    def __init__(self, database: Database, actor: LocalActor) -> None:
        self.database, self.actor = database, actor

    async def write(self, work: Callable[[Session], Awaitable[Any]]) -> Any:
        """One transaction."""
        return await self.database.write(work)

    async def look(self) -> Assessment:
        """How far it is."""
        return await self.database.read(lambda session: assessment.look(session, self.actor))

    async def save(self, answer: Declared, version: int = 0) -> None:
        """One answer."""
        await self.write(lambda session: assessment.save(session, self.actor, answer, version))

    async def publish(self, shown: str = "") -> tuple[Statement, bool]:
        """Publish what is shown."""
        seen = shown or digest(assessment.candidate(await self.look()).to_value())
        made: tuple[Statement, bool] = await self.write(
            lambda session: assessment.publish(session, URIS, self.actor, seen)
        )
        return made

    async def apply(self, *answers: Declared, prune: bool = False, **how: Any) -> Counts:
        """Apply a file with these answers, or with no charter."""
        until = how.pop("until", "2099-01-01")
        today = clock.now().date().isoformat()
        said = Statement(self.actor.uri, "2018", today, until, answers)
        wanted = Wanted("velo", self.actor.profile, (said,) if answers else (), profile_given=False)
        counts: Counts = await self.write(
            lambda session: apply.carry_out(session, URIS, self.actor, wanted, prune=prune, **how)
        )
        return counts

    async def told(self) -> list[str]:
        """The types of what was sent about the statement, in order."""
        rows = await self.database.read(
            lambda session: session.all("SELECT type FROM activities ORDER BY id")
        )
        return [row["type"] for row in rows]


@pytest.fixture
async def desk(database: Database) -> Desk:
    """Vélo's, before its first word."""

    async def work(session: Session) -> LocalActor:
        return await actors.add(
            session, username="velo", card="member", uri=URIS.actor("velo"),
            profile=Profile("Vélo"), rsa_public="", ed25519_public="", now=clock.now_ms(),
        )  # fmt: skip

    return Desk(database, await database.write(work))


async def test_it_works(desk: Desk) -> None:
    """Written bit by bit, published as a whole; then again, from what is published."""
    await desk.save(FIRST)
    await desk.save(SECOND)
    found = await desk.look()
    assert found.draft.answers == {"governance-1": FIRST, "data-1": SECOND}
    assert found.published is None
    made, is_new = await desk.publish()
    assert is_new
    assert made.commitments == (FIRST, SECOND)
    assert await desk.told() == ["Create"]
    found = await desk.look()
    assert (found.saved, found.statement, found.written_in) == (None, made, "admin")
    changed = replace(SECOND, level="practised")
    await desk.save(changed)
    found = await desk.look()
    assert found.draft.answers == {"governance-1": FIRST, "data-1": changed}
    assert found.statement == made
    made, _ = await desk.publish()
    assert made.commitments == (FIRST, changed)
    assert await desk.told() == ["Create", "Update"]


async def test_nothing_new_is_told_to_nobody(desk: Desk) -> None:
    """A draft that says what is published is done with, and its statement keeps its day."""
    await desk.apply(FIRST)
    await desk.save(FIRST)
    _, is_new = await desk.publish()
    assert not is_new
    assert await desk.told() == ["Create"]
    assert (await desk.look()).saved is None


async def test_two_who_write_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    """Different commitments go together; of one, the second hears of the first."""
    await desk.apply(FIRST, SECOND)
    await desk.save(replace(FIRST, level="planned"))
    await desk.save(replace(SECOND, level="planned"))
    with pytest.raises(RefusedError) as refused:
        await desk.save(FIRST)
    assert refused.value.code == "changed_meanwhile"
    await desk.save(FIRST, 1)
    answers = (await desk.look()).draft.answers
    assert [each.level for each in answers.values()] == ["planned", "practised"]


async def test_what_was_not_shown_is_not_published(desk: Desk) -> None:
    """An answer that was saved after the difference was shown is looked at first."""
    await desk.save(FIRST)
    shown = digest(assessment.candidate(await desk.look()).to_value())
    await desk.save(SECOND)
    with pytest.raises(RefusedError) as refused:
        await desk.publish(shown)
    assert refused.value.code == "changed_meanwhile"
    assert await desk.told() == []


@pytest.mark.parametrize(
    "answer",
    [
        Declared("data-2", ""),
        Declared("data-2", "", {"fr": "À voir."}),
        Declared("data-2", "in-progress"),
    ],
)
async def test_what_is_begun_is_finished_first(desk: Desk, answer: Declared) -> None:
    """Neither half an answer nor none at all is published."""
    await desk.save(answer)
    with pytest.raises(RefusedError) as refused:
        await desk.publish()
    assert refused.value.code == "unfinished"


async def test_what_cannot_be_kept_is_refused(desk: Desk) -> None:
    """An unknown commitment, a level that is none, a link that leads nowhere; nothing is begun."""
    with pytest.raises(NotFoundError):
        await desk.save(Declared("data-99", "planned"))
    for answer in (Declared("data-1", "top"), replace(SECOND, evidence=("javascript:1",))):
        with pytest.raises(UsageError):
            await desk.save(answer)
    assert (await desk.look()).saved is None


async def test_until_when_it_is_valid(desk: Desk) -> None:
    """One of the days to choose from, else a year; a past one is never published."""
    await desk.save(FIRST)
    later = rules.ends(clock.now().date())[1]
    await desk.write(lambda session: assessment.choose_end(session, desk.actor, later))
    for day in ("2001-01-01", "9999-01-01", "soon", ""):
        with pytest.raises(UsageError):
            await desk.write(lambda s, d=day: assessment.choose_end(s, desk.actor, d))  # type: ignore[misc]
    made, _ = await desk.publish()
    assert made.valid_until == later


async def test_a_past_end_is_chosen_anew(desk: Desk) -> None:
    """What lapsed isn't published as it was."""
    await desk.apply(FIRST, until="2020-01-01")
    await desk.save(SECOND)
    with pytest.raises(RefusedError) as refused:
        await desk.publish()
    assert refused.value.code == "bad_day"


async def test_a_draft_can_be_thrown_away(desk: Desk) -> None:
    """What is published stays."""
    await desk.apply(FIRST)
    await desk.save(SECOND)
    assert await desk.write(lambda session: assessment.discard(session, desk.actor))
    assert not await desk.write(lambda session: assessment.discard(session, desk.actor))
    assert (await desk.look()).draft.answers == {"governance-1": FIRST}


# ---------------------------------------------------------------- beside a file


async def test_a_file_applied_meanwhile_is_seen(desk: Desk) -> None:
    """The draft isn't published over it; it takes in what it left alone, and names the rest."""
    await desk.apply(FIRST, SECOND)
    mine = replace(SECOND, level="practised")
    await desk.save(mine)
    assert not (await desk.look()).is_behind
    filed = replace(FIRST, level="planned")
    await desk.apply(filed, replace(SECOND, level="planned"))
    assert (await desk.look()).is_behind
    with pytest.raises(RefusedError) as refused:
        await desk.publish()
    assert refused.value.code == "draft_behind"
    both = await desk.write(lambda session: assessment.catch_up(session, desk.actor))
    assert both == ("data-1",)
    made, _ = await desk.publish()
    assert made.commitments == (filed, mine)
    with pytest.raises(RefusedError):
        await desk.write(lambda session: assessment.catch_up(session, desk.actor))


async def test_a_file_that_did_not_change_leaves_the_newer_statement(desk: Desk) -> None:
    """Applied every night, it undoes nothing of the admin's, not even where it leaves it out."""
    await desk.apply(FIRST)
    await desk.save(SECOND)
    made, _ = await desk.publish()
    counts = await desk.apply(FIRST)
    assert (counts.created, counts.updated, counts.unchanged) == (0, 0, 2)
    await desk.apply(prune=True)
    assert (await desk.look()).statement == made
    assert await desk.told() == ["Create", "Update"]


async def test_a_file_that_changed_too_asks_which_counts(desk: Desk) -> None:
    """It is refused until somebody says that the file does; from then on it does."""
    await desk.apply(FIRST)
    await desk.save(SECOND)
    made, _ = await desk.publish()
    with pytest.raises(RefusedError) as refused:
        await desk.apply(replace(FIRST, level="planned"))
    assert refused.value.code == "statement_newer"
    assert (await desk.look()).statement == made
    await desk.apply(replace(FIRST, level="planned"), file_wins=True)
    await desk.apply(FIRST)
    found = await desk.look()
    assert found.draft.answers == {"governance-1": FIRST}
    assert found.written_in == "file"


async def test_a_file_that_caught_up_counts_again(desk: Desk) -> None:
    """Once it says what the admin published, its next change goes out."""
    await desk.apply(FIRST)
    await desk.save(SECOND)
    made, _ = await desk.publish()
    counts = await desk.apply(*made.commitments, until=made.valid_until)
    assert counts.updated == 0
    counts = await desk.apply(FIRST)
    assert counts.updated == 1


async def test_a_node_that_never_noted_its_file(desk: Desk) -> None:
    """What was published before this was noted counts as the file's."""
    today = clock.now().date().isoformat()
    old = Statement(desk.actor.uri, "2018", today, "2099-01-01", (FIRST,))
    await desk.write(lambda session: publish.create(session, URIS, desk.actor, old))
    await desk.save(SECOND)
    made, _ = await desk.publish()
    counts = await desk.apply(FIRST)
    assert counts.updated == 0
    assert (await desk.look()).statement == made


async def test_what_was_withdrawn_can_be_published_again(desk: Desk) -> None:
    """A draft outlives the statement it was begun from."""
    await desk.apply(FIRST)
    await desk.save(SECOND)
    await desk.apply(prune=True)
    assert (await desk.look()).is_behind
    await desk.write(lambda session: assessment.catch_up(session, desk.actor))
    found = await desk.look()
    assert found.draft.based_on == Draft().based_on
    made, is_new = await desk.publish()
    assert is_new
    assert made.commitments == (FIRST, SECOND)
    stored = await desk.database.read(lambda s: objects.of_actor(s, desk.actor.uri, "statement"))
    assert len(stored) == 1
