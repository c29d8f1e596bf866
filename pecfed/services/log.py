"""Every act at a hub is written down: who, what, why, before and after, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.log import Act
from pecfed.domain.statement import Statement, digest
from pecfed.language.charter import charters
from pecfed.store import log, members, objects, standings
from pecfed.store.database import Session

NOTHING: Mapping[str, Any] = {}


async def record(
    session: Session,
    act: str,
    *,
    subject: str,
    by: str,
    reason: str = "",
    facts: Mapping[str, Any] = NOTHING,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] = NOTHING,
    is_public: bool = True,
    member_id: int | None = None,
) -> int:
    """Write the line of an act, and in the same transaction the standing that follows; its number.

    `subject` is an actor's uri, the slug of an entry that has none, or "" for the hub; `by` an
    actor's uri, a role ("operator", "reviewer", "hub": the program itself) or an account
    ("operator:NAME"), whose name is kept private. `private` (a message, say) is kept by the hub
    alone. Of an act that isn't `is_public` the public reads only that there was one.
    Which facts count, and how they are called, says `domain/vouching.py`. `member_id` is the
    entry it is about where `subject` isn't its name any more.

    Raises:
        ValueError: the act has no name, nobody did it, or it has more to say than a line holds.
    """
    if member_id is None and subject:
        entry = await members.find(session, subject)
        member_id = entry.id if entry else None
    made = Act(
        at=clock.now_ms(),
        act=act,
        subject=subject,
        by=by,
        reason=reason,
        facts=facts,
        before=before or {},
        after=after or {},
        private=private,
        is_public=is_public,
    )
    return await standings.write(session, made, member_id)


async def declared(session: Session, actor_uri: str) -> None:
    """Bring the log in step with the statement that a member has here now, or no longer has.

    What an applicant declares, who may be anybody, has no line; it has one once it is accepted.
    """
    state = await members.state_of(session, actor_uri)
    is_public = state in {"member", "suspended"}
    found = await objects.of_actor(session, actor_uri, "statement")
    remote = [each for each in found if each.actor_id is None]
    last = await log.last(session, actor_uri, ("declare", "withdraw"))
    if not remote:
        if last is not None and last.act.act == "declare":
            await record(
                session, "withdraw", subject=actor_uri, by=actor_uri, is_public=is_public,
                before={"digest": last.act.facts.get("digest", "")},
            )  # fmt: skip
        return
    if not is_public:
        return
    # the one that was corrected last is what the directory shows
    statement = max(remote, key=lambda each: (each.updated_at, each.id)).content
    assert isinstance(statement, Statement)
    now = digest(statement.to_value())
    known = last.act if last is not None and last.act.act == "declare" else None
    if known is not None and known.facts.get("digest") == now and known.is_public:
        return
    await record(
        session, "declare", subject=actor_uri, by=actor_uri,
        facts={
            "digest": now,
            "charter": statement.charter,
            "valid_until": statement.valid_until,
            "commitments": {each.commitment: each.level for each in statement.commitments},
        },
        before={"digest": known.facts["digest"]} if known is not None else {},
    )  # fmt: skip


async def present_charter(session: Session) -> bool:
    """Write down which version of the charter is the present one; whether it is a new one."""
    version = charters()[-1]
    last = await log.last(session, "", ("charter",))
    if last is not None and last.act.facts.get("version") == version:
        return False
    before = {"version": last.act.facts.get("version")} if last is not None else {}
    await record(
        session, "charter", subject="", by="hub", facts={"version": version}, before=before
    )
    return True
