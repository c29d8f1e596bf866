"""What each entry had a hub do today, counted so that it has an end."""

from __future__ import annotations

from typing import Literal

from pecfed.store.database import Session

What = Literal["changes", "looks"]


async def take(
    session: Session, actor_uri: str, what: What, wanted: int, most: int, today: str
) -> int:
    """Count what an entry wants done against what it may have in a day; how much it is given.

    Args:
        session: the transaction, which holds the entry (`members.state_of`).
        actor_uri: of the entry; who has none is given nothing.
        what: changes of its statement, or looks at addresses that it names.
        wanted: how many.
        most: how many in one day.
        today: the day (UTC, ISO).
    """
    row = await session.one(
        f"SELECT counted_on, {what} AS had FROM members WHERE uri = ?", actor_uri
    )
    if row is None:
        return 0
    if row["counted_on"] != today:
        await session.run(
            "UPDATE members SET counted_on = ?, changes = 0, looks = 0 WHERE uri = ?",
            today, actor_uri,
        )  # fmt: skip
    had = row["had"] if row["counted_on"] == today else 0
    given = max(0, min(wanted, most - had))
    if given:
        await session.run(f"UPDATE members SET {what} = ? WHERE uri = ?", had + given, actor_uri)
    return given
