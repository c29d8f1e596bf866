"""When entries were last seen alive, what their servers showed, and the links of our question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pecfed.domain.liveness import Answer, Liveness, Signs
from pecfed.store import members
from pecfed.store.database import Row, Session
from pecfed.store.members import Member


@dataclass(frozen=True, slots=True)
class Life:
    """What we know of an entry's life; times are milliseconds since 1970.

    `certificate` is the SHA-256 (hex) of the one its host showed at the last probe, "" for
    plain http; `archived_on` an ISO date or ""; `successor` an address or "".
    `hidden_because` keeps the causes that an operator has dealt with.
    """

    member_id: int
    signs: Signs
    probed_at: int | None = None
    failure: str = ""
    certificate: str = ""
    issuer: str = ""
    told_silent_at: int | None = None
    told_stale_at: int | None = None
    hidden_at: int | None = None
    hidden_because: tuple[str, ...] = ()
    archived_on: str = ""
    successor: str = ""
    is_closed: bool = False

    @property
    def state(self) -> Liveness:
        """How alive the entry was found to be when it was last looked at."""
        if self.told_silent_at is not None:
            return "silent"
        return "active" if self.told_stale_at is None else "unconfirmed"


def _life(row: Row) -> Life:
    return Life(
        member_id=row["member_id"],
        signs=Signs(row["affirmed_at"], row["seen_at"], row["failing_since"], row["asked_at"]),
        probed_at=row["probed_at"],
        failure=row["failure"],
        certificate=row["certificate"],
        issuer=row["issuer"],
        told_silent_at=row["told_silent_at"],
        told_stale_at=row["told_stale_at"],
        hidden_at=row["hidden_at"],
        hidden_because=tuple(row["hidden_because"].splitlines()),
        archived_on=row["archived_on"],
        successor=row["successor"],
        is_closed=bool(row["is_closed"]),
    )


async def begin(session: Session, now: int) -> int:
    """Begin to look after entries that we don't know anything of yet; how many.

    They count as true from now on, so that a hub's first day with this program asks nobody.
    """
    return await session.run(
        "INSERT INTO liveness (member_id, due_at, affirmed_at) "
        "SELECT m.id, CAST(? AS BIGINT), CAST(? AS BIGINT) FROM members m "
        "WHERE m.state IN ('member', 'invited') "
        "AND NOT EXISTS (SELECT 1 FROM liveness l WHERE l.member_id = m.id) "
        "ON CONFLICT (member_id) DO NOTHING",
        now, now,
    )  # fmt: skip


async def of(session: Session, member_id: int, *, hold: bool = False) -> Life | None:
    """What is known of an entry; None before anybody looked. `hold` as in `members.find`."""
    row = await session.one(
        f"SELECT * FROM liveness WHERE member_id = ? {session.hold if hold else ''}", member_id
    )
    return _life(row) if row else None


async def needed(session: Session, member_id: int, now: int) -> Life:
    """The same, held, with a row made where there is none yet."""
    await session.run(
        "INSERT INTO liveness (member_id, due_at, affirmed_at) VALUES (?, ?, ?) "
        "ON CONFLICT (member_id) DO NOTHING",
        member_id, now, now,
    )  # fmt: skip
    found = await of(session, member_id, hold=True)
    assert found is not None
    return found


async def of_many(session: Session, member_ids: Sequence[int]) -> dict[int, Life]:
    """What is known of those entries, by their database keys."""
    if not member_ids:
        return {}
    rows = await session.all(
        f"SELECT * FROM liveness WHERE member_id IN ({', '.join('?' * len(member_ids))})",
        *member_ids,
    )
    return {row["member_id"]: _life(row) for row in rows}


async def claim(session: Session, now: int, lease: int) -> Member | None:
    """A member whose node is to be probed now, not to be taken again before `lease` ms."""
    row = await session.one(
        f"SELECT {members.COLUMNS} FROM liveness l JOIN members m ON m.id = l.member_id "
        "WHERE l.due_at <= ? AND m.state = 'member' AND m.uri IS NOT NULL "
        f"ORDER BY l.due_at LIMIT 1 {session.skip_locked}",
        now,
    )
    if row is None:
        return None
    await session.run("UPDATE liveness SET due_at = ? WHERE member_id = ?", now + lease, row["id"])
    return members.member(row)


async def due(session: Session, member_id: int, at: int) -> None:
    """Probe that entry's node at that time next."""
    await session.run("UPDATE liveness SET due_at = ? WHERE member_id = ?", at, member_id)


async def due_where_keys_changed(session: Session, now: int, probed_before: int) -> int:
    """Probe now whoever has none of the keys left that it had at its last probe; how many.

    Deliveries make us read a member's keys anew at any time, a probe comes once a day.
    """
    return await session.run(
        "UPDATE liveness SET due_at = ? WHERE due_at > ? AND probed_at < ? "
        "AND EXISTS (SELECT 1 FROM seen_keys s WHERE s.member_id = liveness.member_id) "
        "AND EXISTS (SELECT 1 FROM members m JOIN remote_keys k ON k.actor_uri = m.uri "
        "WHERE m.id = liveness.member_id AND m.state = 'member') "
        "AND NOT EXISTS (SELECT 1 FROM members m JOIN remote_keys k ON k.actor_uri = m.uri "
        "JOIN seen_keys s ON s.member_id = m.id AND s.key = k.pem "
        "WHERE m.id = liveness.member_id)",
        now, now, probed_before,
    )  # fmt: skip


async def answered(
    session: Session, member_id: int, now: int, due_at: int, certificate: str, issuer: str
) -> None:
    """A node answered a probe, and what its host showed."""
    await session.run(
        "UPDATE liveness SET probed_at = ?, seen_at = ?, failing_since = NULL, failure = '', "
        "told_silent_at = NULL, due_at = ?, certificate = ?, issuer = ? WHERE member_id = ?",
        now, now, due_at, certificate, issuer, member_id,
    )  # fmt: skip


async def failed(session: Session, member_id: int, now: int, due_at: int, failure: str) -> None:
    """A node didn't answer a probe, and why."""
    await session.run(
        "UPDATE liveness SET probed_at = ?, failing_since = COALESCE(failing_since, ?), "
        "failure = ?, due_at = ? WHERE member_id = ?",
        now, now, failure, due_at, member_id,
    )  # fmt: skip


async def keys(session: Session, member_id: int) -> frozenset[str]:
    """The keys that a member's document listed at the last probe that was answered."""
    rows = await session.all("SELECT key FROM seen_keys WHERE member_id = ?", member_id)
    return frozenset(row["key"] for row in rows)


async def set_keys(session: Session, member_id: int, found: Iterable[str]) -> None:
    """Those that it lists now."""
    await session.run("DELETE FROM seen_keys WHERE member_id = ?", member_id)
    for key in sorted(set(found)):
        await session.run("INSERT INTO seen_keys (member_id, key) VALUES (?, ?)", member_id, key)


async def affirmed(session: Session, member_id: int, at: int) -> None:
    """An entry was said to be true at that time; an open question is answered by it."""
    await session.run(
        "UPDATE liveness SET affirmed_at = ?, asked_at = NULL, told_stale_at = NULL "
        "WHERE member_id = ?",
        at, member_id,
    )  # fmt: skip
    await session.run("DELETE FROM still_true WHERE member_id = ?", member_id)


async def to_ask(session: Session, affirmed_before: int, limit: int) -> list[Member]:
    """Members that last said so before then and aren't asked at present, the oldest first.

    A statement that was published or corrected since says as much as an answer.
    """
    rows = await session.all(
        f"SELECT {members.COLUMNS} FROM liveness l JOIN members m ON m.id = l.member_id "
        "WHERE m.state = 'member' AND m.uri IS NOT NULL AND l.asked_at IS NULL "
        "AND l.affirmed_at <= ? AND NOT EXISTS (SELECT 1 FROM objects o "
        "WHERE o.actor_uri = m.uri AND o.kind = 'statement' AND o.deleted_at IS NULL "
        "AND o.updated_at > ?) ORDER BY l.affirmed_at, m.id LIMIT ?",
        affirmed_before, affirmed_before, limit,
    )  # fmt: skip
    return [members.member(row) for row in rows]


async def old_facts(session: Session, affirmed_before: int, limit: int) -> list[Member]:
    """Entries from public sources whose facts nobody has looked at since then."""
    rows = await session.all(
        f"SELECT {members.COLUMNS} FROM liveness l JOIN members m ON m.id = l.member_id "
        "WHERE m.state = 'invited' AND m.uri IS NULL AND l.told_stale_at IS NULL "
        "AND l.affirmed_at <= ? AND m.changed_at <= ? ORDER BY l.affirmed_at, m.id LIMIT ?",
        affirmed_before, affirmed_before, limit,
    )  # fmt: skip
    return [members.member(row) for row in rows]


async def unanswered(session: Session, asked_before: int, limit: int) -> list[Member]:
    """Members that were asked before then and haven't answered, of which nobody was told yet."""
    rows = await session.all(
        f"SELECT {members.COLUMNS} FROM liveness l JOIN members m ON m.id = l.member_id "
        "WHERE m.state = 'member' AND l.asked_at <= ? AND l.told_stale_at IS NULL "
        "ORDER BY l.asked_at, m.id LIMIT ?",
        asked_before, limit,
    )  # fmt: skip
    return [members.member(row) for row in rows]


async def told(
    session: Session, member_id: int, of_what: Literal["silent", "stale"], at: int
) -> None:
    """A reviewer was told of an entry's silence, or that its facts are old."""
    await session.run(
        f"UPDATE liveness SET told_{of_what}_at = ? WHERE member_id = ?", at, member_id
    )


async def forget_shown(session: Session, member_id: int) -> None:
    """An entry has another actor: what its node showed until now says nothing of the new one."""
    await session.run(
        "UPDATE liveness SET certificate = '', issuer = '', failing_since = NULL, failure = '' "
        "WHERE member_id = ?",
        member_id,
    )
    await session.run("DELETE FROM seen_keys WHERE member_id = ?", member_id)


async def asked(
    session: Session, member_id: int, now: int, links: Iterable[tuple[str, Answer]], until_at: int
) -> None:
    """An entry is asked "still true?" by links, each a (SHA-256 of its token, answer)."""
    await session.run(
        "UPDATE liveness SET asked_at = ?, told_stale_at = NULL WHERE member_id = ?", now, member_id
    )
    await session.run("DELETE FROM still_true WHERE member_id = ?", member_id)
    for hash_, answer in links:
        await session.run(
            "INSERT INTO still_true (hash, member_id, answer, until_at) VALUES (?, ?, ?, ?)",
            hash_, member_id, answer, until_at,
        )  # fmt: skip


async def changed_since_asked(session: Session) -> list[tuple[Member, int]]:
    """Members that published or corrected a statement after they were asked, and when."""
    rows = await session.all(
        f"SELECT max(o.updated_at) AS said_at, {members.COLUMNS} FROM liveness l "
        "JOIN members m ON m.id = l.member_id JOIN objects o ON o.actor_uri = m.uri "
        "WHERE l.asked_at IS NOT NULL AND o.kind = 'statement' AND o.deleted_at IS NULL "
        "AND o.updated_at > l.asked_at GROUP BY m.id"
    )
    return [(members.member(row), int(row["said_at"])) for row in rows]


async def link(session: Session, hash_: str, now: int) -> tuple[int, str] | None:
    """The entry and the answer of a link that still works; None for any other."""
    row = await session.one(
        "SELECT member_id, answer FROM still_true WHERE hash = ? AND until_at > ?", hash_, now
    )
    return (row["member_id"], row["answer"]) if row else None


async def prune(session: Session, now: int) -> None:
    """Forget the links that no longer work."""
    await session.run("DELETE FROM still_true WHERE until_at <= ?", now)


async def set_hidden(
    session: Session, member_id: int, at: int | None, because: Sequence[str]
) -> None:
    """An entry's label is hidden since, or shown again (None); `because` every cause so far."""
    await session.run(
        "UPDATE liveness SET hidden_at = ?, hidden_because = ? WHERE member_id = ?",
        at, "\n".join(because), member_id,
    )  # fmt: skip


async def set_archived(
    session: Session, member_id: int, on: str, successor: str, *, is_closed: bool
) -> None:
    """When an entry was archived (an ISO date; "" for no longer), and who goes on."""
    await session.run(
        "UPDATE liveness SET archived_on = ?, successor = ?, is_closed = ?, asked_at = NULL "
        "WHERE member_id = ?",
        on, successor, int(is_closed), member_id,
    )  # fmt: skip
    await session.run("DELETE FROM still_true WHERE member_id = ?", member_id)
