"""What an older database knew, once, in the log: who became what, and what members declared."""

from __future__ import annotations

import json

from pecfed import clock
from pecfed.domain.log import Act
from pecfed.domain.membership import is_public
from pecfed.domain.statement import digest
from pecfed.store import standings
from pecfed.store.database import Session


async def into_the_log(session: Session) -> None:
    """Write what `membership_log` holds into the log, and take that table away.

    What members declared, and whether they took it back, is written after it, as of now.
    """
    rows = await session.all(
        "SELECT l.*, m.slug, m.uri FROM membership_log l JOIN members m ON m.id = l.member_id "
        "ORDER BY l.id"
    )
    for row in rows:
        moved = {"before": {"membership": row["from_state"]}} if row["from_state"] else {}
        await standings.write(
            session,
            Act(
                at=row["at"],
                act=row["deed"],
                subject=row["uri"] or row["slug"],
                by=row["by"],
                reason=row["reason"],
                after={"membership": row["to_state"]},
                private={"message": row["message"]} if row["message"] else {},
                is_public=is_public(row["from_state"], row["to_state"]),
                **moved,
            ),
            row["member_id"],
        )
    await session.run("DROP TABLE membership_log")
    statements = await session.all(
        "SELECT o.actor_uri, o.data, o.deleted_at, m.id, m.state, m.uri FROM objects o "
        "JOIN members m ON m.uri = o.actor_uri WHERE o.kind = 'statement' "
        "AND o.actor_id IS NULL ORDER BY o.deleted_at IS NULL, o.updated_at, o.id"
    )
    for row in statements:
        value = json.loads(row["data"])
        levels = {each["commitment"]: each["level"] for each in value["commitments"]}
        acts = [
            (
                "declare",
                {
                    "digest": digest(value),
                    "charter": value["charter"],
                    "valid_until": value["validUntil"],
                    "commitments": levels,
                },
            )
        ]
        if row["deleted_at"] is not None:
            acts.append(("withdraw", {}))
        for act, facts in acts:
            made = Act(
                at=clock.now_ms(), act=act, subject=row["uri"], by=row["uri"], facts=facts,
                is_public=is_public("", row["state"]),
            )  # fmt: skip
            await standings.write(session, made, row["id"])
