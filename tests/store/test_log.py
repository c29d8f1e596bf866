"""The log as both engines keep it: only ever longer, and the standings beside it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pecfed import clock
from pecfed.domain import vouching
from pecfed.domain.log import row, verify_lines
from pecfed.domain.standing import periods
from pecfed.errors import StoreError
from pecfed.services import log as written
from pecfed.store import carried_over, log, members, migrate, standings
from pecfed.store.database import Database, Session
from tests.domain.test_standing import MOVES, declare, endorse
from tests.domain.test_standing import ORME as ORME_
from tests.things import DAY, LILAS, NOW, ORME, member, publish, statement


async def record(database: Database, act: str = "still-true", **more: Any) -> int:
    """A line more."""
    values: dict[str, Any] = {"subject": LILAS, "by": "operator"} | more
    return await database.write(lambda session: written.record(session, act, **values))


async def run(change: str, session: Session) -> int:
    """A change past our own code."""
    return await session.run(change)


async def erase(number: int, session: Session) -> None:
    """What a line kept back is forgotten."""
    await log.erase(session, number)


async def copy_of(session: Session) -> list[str]:
    """All lines as the public reads them."""
    return [row(each["entry"], each["hash"]) for each in await log.lines(session, 0, 1_000_000)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log SET entry = '{}' WHERE n = 1",
        "UPDATE log SET at = at + 1",
        "DELETE FROM log WHERE n = 2",
        "DELETE FROM log",
        "DELETE FROM log_acts WHERE n = 1",
        'UPDATE log_acts SET content = \'{"message":"another"}\' WHERE n = 1',
        "INSERT INTO log (n, at, is_public, entry, hash) VALUES (1, 0, 1, '{}', '')",
        "INSERT INTO log_acts (n, at, act, subject, other, salt, content) "
        "VALUES (2, 0, 'x', 'y', '', '', '')",
    ],
)
async def test_nothing_that_was_written_can_be_changed(database: Database, change: str) -> None:
    """The database itself refuses."""
    await record(database, private={"message": "one"})
    await record(database)

    async def both(session: Session) -> list[dict[str, Any]]:
        rows = [*await session.all("SELECT * FROM log ORDER BY n"),
                *await session.all("SELECT * FROM log_acts ORDER BY n")]  # fmt: skip
        return [dict(each) for each in rows]

    before = await database.read(both)
    with pytest.raises(StoreError):
        await database.write(partial(run, change))
    assert await database.read(both) == before


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_sqlite_replaces_no_line_either(database: Database) -> None:
    """REPLACE takes rows away without asking the trigger of their deletion."""
    await record(database)
    for change in (
        "INSERT OR REPLACE INTO log (n, at, is_public, entry, hash) VALUES (1, 0, 1, '', '')",
        "INSERT OR REPLACE INTO log_acts (n, at, act, subject, other, salt, content) "
        "VALUES (1, 0, 'x', '', '', '', '')",
    ):
        with pytest.raises(StoreError, match="only grows"):
            await database.write(partial(run, change))


async def test_lines_written_at_once_are_one_chain(database: Database) -> None:
    """Numbered without a gap, whoever is first; one that fails leaves no line."""

    async def fails(session: Session) -> None:
        await written.record(session, "lost", subject=LILAS, by="operator")
        raise LookupError

    jobs = [record(database, facts={"n": number}) for number in range(30)]
    found = await asyncio.gather(
        *jobs, *(database.write(fails) for _ in range(5)), return_exceptions=True
    )
    assert sorted(each for each in found if isinstance(each, int)) == list(range(1, 31))
    assert verify_lines(await database.read(copy_of)).lines == 30


async def test_what_is_private_can_be_erased(database: Database) -> None:
    """The chain still holds; of an act that wasn't public nobody knows any more what it was."""
    secret = await record(database, "refuse", private={"message": "Non."}, is_public=False)
    public = await record(database, "suspend", by="operator:ANNE", private={"message": "Stop."})
    before = await database.read(copy_of)
    for number in (secret, public):
        await database.write(partial(erase, number))
    assert await database.read(copy_of) == before

    async def rest(session: Session) -> tuple[str, list[log.Kept]]:
        rows = await session.all("SELECT * FROM log_acts")
        return str([dict(each) for each in rows]), await log.about(session, [LILAS])

    text, found = await database.read(rest)
    assert not any(word in text for word in ("Non.", "Stop.", "ANNE", "refuse"))
    assert [(each.act.act, each.act.by) for each in found] == [("suspend", "operator")]


async def test_standings_follow_with_the_line(database: Database) -> None:
    """In the same transaction, on the right days; who has no row has none."""

    async def story(session: Session) -> None:
        await member(session)
        today = clock.now().date()
        assert await standings.of(session, [LILAS], today) == {}
        await publish(session, statement(valid_until="2099-01-01"))
        assert await standings.of(session, [LILAS], today) == {LILAS: ("declared", "")}
        assert await standings.of(session, [LILAS], date(2099, 1, 2)) == {
            LILAS: ("lapsed", "statement-expired")
        }
        await written.record(session, "charter", subject="", by="hub", facts={"version": "2099"})
        assert await standings.of(session, [LILAS], today) == {LILAS: ("outdated", "new-charter")}

    await database.write(story)


async def test_who_endorsed_changes_the_standing_of_others(database: Database) -> None:
    """With the line in which it leaves, not the next time somebody looks."""

    async def story(session: Session) -> None:
        today = date(2026, 11, 24)
        for uri in (LILAS, ORME):
            await written.record(
                session, "accept", subject=uri, by="operator", after={"membership": "member"}
            )
        for act in (declare(), endorse(ORME)):
            await written.record(session, act.act, subject=LILAS, by=ORME, facts=act.facts)
        assert await standings.of(session, [LILAS], today) == {LILAS: ("endorsed", "")}
        for state, standing in (
            ("suspended", "declared"), ("member", "endorsed"), ("left", "declared"),
            ("member", "declared"),
        ):  # fmt: skip
            await written.record(
                session, "x", subject=ORME, by="operator", after={"membership": state}
            )
            assert await standings.of(session, [LILAS], today) == {LILAS: (standing, "")}

    await database.write(story)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(MOVES), min_size=8, max_size=20))
async def test_the_table_is_what_the_log_says(database: Database, moves: Sequence[Any]) -> None:
    """After each act, in any order: computed from scratch, the same."""
    subjects = sorted({each.subject for each in MOVES if each.subject})

    async def story(session: Session) -> None:
        for subject in subjects:
            await written.record(
                session, "accept", subject=subject, by="operator", after={"membership": "member"}
            )
        # from here on leaving, suspending and revoking mean something
        for move in (declare(), endorse(ORME_), *moves):
            await written.record(
                session, move.act, subject=move.subject, by=move.by, facts=move.facts,
                after=move.after,
            )  # fmt: skip
            for subject in subjects:
                rows = await session.all(
                    "SELECT from_date, until_date, standing, because FROM standings "
                    "WHERE subject = ? ORDER BY from_date", subject,
                )  # fmt: skip
                found = [
                    (one.isoformat(), other.isoformat(), standing, because)
                    for one, other, standing, because in periods(
                        await standings.facts(session, subject)
                    )
                ]
                kept = [tuple(dict(each).values()) for each in rows]
                others = await log.endorsers(session, subject)
                every = await log.about(session, [subject, "", *others])
                assert await standings.facts(session, subject) == vouching.read(
                    subject, [each.act for each in every]
                ), "what isn't read again doesn't count"
                assert kept == (found if {each[2] for each in found} != {"none"} else [])
        raise UndoneError

    with pytest.raises(UndoneError):
        await database.write(story)


async def test_old_statements_are_not_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hundredth change of a statement costs what the tenth did: all wait for who writes."""
    numbers: list[int] = []

    async def story(session: Session) -> None:
        def counted(rows: Sequence[Any]) -> list[log.Kept]:
            numbers.extend(each["n"] for each in rows)
            return every(rows)

        every = log._kept
        monkeypatch.setattr(log, "_kept", counted)
        for number in range(100):
            if number % 10 == 0:
                await written.record(session, "withdraw", subject=LILAS, by=LILAS)
            facts = declare("ABCD"[number % 4]).facts
            numbers.clear()
            await written.record(session, "declare", subject=LILAS, by=LILAS, facts=facts)
            assert len(numbers) <= 2 * standings.AT_ONCE

    await database.write(story)


class UndoneError(Exception):
    """Leaves the database as it was, for the next example."""


async def test_what_was_known_before_is_carried_over(database: Database) -> None:
    """An older database: who became what, with words and reasons, and what was declared."""
    create = next(text for number, _, text in migrate.scripts() if number == 1)
    table = create[create.index("CREATE TABLE membership_log") :].split(";")[0]
    words = {"{id}": "INTEGER PRIMARY KEY" if database.engine == "sqlite" else
             "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"}  # fmt: skip

    async def story(session: Session) -> None:
        lilas, orme = await member(session), await member(session, ORME, state="asked")
        await publish(session, statement(valid_until="2099-01-01"))
        await session.run("DELETE FROM standings")
        await session.script(table.replace("{id}", words["{id}"]))
        for entry, at, deed, before, after, by, message in (
            (lilas, NOW, "ask", "", "asked", LILAS, ""),
            (lilas, NOW + DAY, "accept", "asked", "member", "operator", "Bienvenue."),
            (orme, NOW + 2 * DAY, "ask", "", "asked", ORME, ""),
        ):
            await session.run(
                "INSERT INTO membership_log (member_id, at, deed, from_state, to_state, by, "
                "reason, message) VALUES (?, ?, ?, ?, ?, ?, '', ?)",
                entry.id, at, deed, before, after, by, message,
            )  # fmt: skip
        await carried_over.into_the_log(session)
        told = [(each.at, each.deed, each.from_state, each.to_state, each.by, each.message)
                for each in await members.history(session, lilas.id)][-3:]  # fmt: skip
        assert told[:2] == [
            (NOW, "ask", "", "asked", LILAS, ""),
            (NOW + DAY, "accept", "asked", "member", "operator", "Bienvenue."),
        ]
        assert told[2][1] == "declare"
        assert await standings.of(session, [LILAS], clock.now().date()) == {LILAS: ("declared", "")}
        copy = await copy_of(session)
        assert verify_lines(copy).lines == len(copy)
        assert not any(ORME in line or "Bienvenue" in line for line in copy)
        assert any(json.loads(line)["entry"].get("act") == "accept" for line in copy)

    await database.write(story)
