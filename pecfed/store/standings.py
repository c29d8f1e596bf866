"""What follows from the log: each subject's standing, written with the line that changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pecfed.domain import vouching
from pecfed.domain.log import Act
from pecfed.domain.standing import Because, Standing, periods
from pecfed.domain.vouching import Facts
from pecfed.store import log
from pecfed.store.database import Session
from pecfed.store.log import Kept

AT_ONCE = 8
"""Statements that are read back at once; nearly always the last two or three say it all."""


async def write(session: Session, act: Act, member_id: int | None) -> int:
    """Write an act's line, and the standings that follow from it; the line's number.

    Raises:
        ValueError: the act can't be written down (see `domain/log.py: write`).
    """
    other = str(act.facts.get("endorser", "")) if act.act == "endorse" else ""
    number = await log.append(session, act, other=other, member_id=member_id)
    touched: list[str] = []
    if act.act == "charter" and not act.subject:
        touched = await log.subjects(session, "declare")
    elif "membership" in act.after:
        touched = [act.subject, *await log.endorsed_by(session, act.subject)]
    elif act.act in vouching.ACTS:
        touched = [act.subject]
    for subject in touched:
        await recompute(session, subject)
    return number


async def facts(session: Session, subject: str) -> Facts:
    """What the log says of a subject now."""
    others = await log.endorsers(session, subject)
    lines = await log.about(session, [subject], without=vouching.STATEMENT_ACTS)
    lines += await log.about(session, [""], ["charter"])
    if others := [each for each in others if each != subject]:
        lines += await log.about(session, others, without=vouching.ACTS)
    lines += await _statements(session, subject)
    lines.sort(key=lambda each: each.number)
    return vouching.read(subject, [each.act for each in lines])


async def _statements(session: Session, subject: str) -> list[Kept]:
    """What a subject declared and withdrew, back to the line before which nothing counts."""
    found: list[Kept] = []
    before: int | None = None
    while True:
        more, before = await log.back(session, subject, vouching.STATEMENT_ACTS, before, AT_ONCE)
        found += more
        if before is None or vouching.is_enough([each.act for each in found]):
            return found


async def recompute(session: Session, subject: str) -> None:
    """Bring a subject's rows in step with the log."""
    found = periods(await facts(session, subject))
    await session.run("DELETE FROM standings WHERE subject = ?", subject)
    if [each.standing for each in found] == ["none"]:
        return
    for each in found:
        await session.run(
            "INSERT INTO standings (subject, from_date, until_date, standing, because) "
            "VALUES (?, ?, ?, ?, ?)",
            subject, each.from_date.isoformat(), each.until_date.isoformat(), each.standing,
            each.because,
        )  # fmt: skip


async def of(
    session: Session, subjects: Sequence[str], today: date
) -> Mapping[str, tuple[Standing, Because]]:
    """The standings of those subjects on that day, and why; who isn't in it has none."""
    if not subjects:
        return {}
    rows = await session.all(
        "SELECT subject, standing, because FROM standings "
        f"WHERE subject IN ({', '.join('?' * len(subjects))}) "
        "AND from_date <= ? AND until_date >= ?",
        *subjects, today.isoformat(), today.isoformat(),
    )  # fmt: skip
    return {row["subject"]: (row["standing"], row["because"]) for row in rows}
