"""On a node: drafts of its actors' self-assessments, and where their statements were written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from pecfed.domain.assessment import Draft
from pecfed.domain.statement import Declared
from pecfed.store.database import Row, Session

Source = Literal["file", "admin"]


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft in the database; times are milliseconds since 1970.

    `versions` grows by one with each save of an answer, by commitment.
    """

    draft: Draft
    versions: dict[str, int]
    begun_at: int
    saved_at: int


async def get(session: Session, actor_id: int, *, hold: bool = False) -> Saved | None:
    """The draft of an actor; `hold` keeps others who hold it waiting."""
    row = await session.one(
        "SELECT based_on, valid_until, begun_at, saved_at FROM drafts WHERE actor_id = ? "
        f"{session.hold if hold else ''}",
        actor_id,
    )
    if row is None:
        return None
    rows = await session.all(
        "SELECT commitment, level, explanation, evidence, version FROM draft_answers "
        "WHERE actor_id = ? ORDER BY commitment",
        actor_id,
    )
    answers = {each["commitment"]: _answer(each) for each in rows}
    return Saved(
        Draft(row["based_on"], row["valid_until"], answers),
        {each["commitment"]: each["version"] for each in rows},
        row["begun_at"],
        row["saved_at"],
    )


def _answer(row: Row) -> Declared:
    return Declared(
        row["commitment"],
        row["level"],
        json.loads(row["explanation"]),
        tuple(json.loads(row["evidence"])),
    )


async def begin(session: Session, actor_id: int, draft: Draft, now: int) -> None:
    """Keep a draft, in the place of any other; its answers have version 0."""
    await discard(session, actor_id)
    await session.run(
        "INSERT INTO drafts (actor_id, based_on, valid_until, begun_at, saved_at) "
        "VALUES (?, ?, ?, ?, ?)",
        actor_id, draft.based_on, draft.valid_until, now, now,
    )  # fmt: skip
    for answer in draft.answers.values():
        await _put(session, actor_id, answer, 0)


async def put(session: Session, actor_id: int, answer: Declared, version: int, now: int) -> None:
    """Keep one answer of a draft that there is, as that version of it."""
    await _put(session, actor_id, answer, version)
    await session.run("UPDATE drafts SET saved_at = ? WHERE actor_id = ?", now, actor_id)


async def _put(session: Session, actor_id: int, answer: Declared, version: int) -> None:
    await session.run(
        "INSERT INTO draft_answers (actor_id, commitment, level, explanation, evidence, version) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (actor_id, commitment) DO UPDATE SET "
        "level = excluded.level, explanation = excluded.explanation, "
        "evidence = excluded.evidence, version = excluded.version",
        actor_id, answer.commitment, answer.level,
        json.dumps(dict(answer.explanation), ensure_ascii=False),
        json.dumps(answer.evidence), version,
    )  # fmt: skip


async def set_valid_until(session: Session, actor_id: int, day: str, now: int) -> None:
    """Choose until when the statement is to be valid."""
    await session.run(
        "UPDATE drafts SET valid_until = ?, saved_at = ? WHERE actor_id = ?", day, now, actor_id
    )


async def discard(session: Session, actor_id: int) -> bool:
    """Throw a draft away; False where there is none."""
    await session.run("DELETE FROM draft_answers WHERE actor_id = ?", actor_id)
    return bool(await session.run("DELETE FROM drafts WHERE actor_id = ?", actor_id))


async def source(session: Session, actor_id: int) -> Row | None:
    """source, file_mark and changed_at of an actor's statement; None where nobody noted them."""
    return await session.one(
        "SELECT source, file_mark, changed_at FROM statement_sources WHERE actor_id = ?", actor_id
    )


async def set_source(
    session: Session, actor_id: int, source: Source, file_mark: str, now: int
) -> None:
    """Note where the present statement was written, and the last that a file asked for."""
    await session.run(
        "INSERT INTO statement_sources (actor_id, source, file_mark, changed_at) "
        "VALUES (?, ?, ?, ?) ON CONFLICT (actor_id) DO UPDATE SET source = excluded.source, "
        "file_mark = excluded.file_mark, changed_at = excluded.changed_at",
        actor_id, source, file_mark, now,
    )  # fmt: skip
