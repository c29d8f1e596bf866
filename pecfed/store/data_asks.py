"""Who asks what is kept of it: the word that its message must say, and who proved to be it."""

from __future__ import annotations

from dataclasses import dataclass

from pecfed.store.database import Session


@dataclass(frozen=True, slots=True)
class DataAsk:
    """One question; `actor_uri` is "" until a message has proved who asks. Milliseconds."""

    code: str
    actor_uri: str
    asked_at: int
    proven_at: int | None


async def add(session: Session, secret: str, code: str, now: int) -> None:
    """Keep a question under the hash of its secret."""
    await session.run(
        "INSERT INTO data_asks (secret, code, asked_at) VALUES (?, ?, ?)", secret, code, now
    )


async def get(session: Session, secret: str, since: int) -> DataAsk | None:
    """The question with that (hashed) secret, if it was asked since then."""
    row = await session.one(
        "SELECT code, actor_uri, asked_at, proven_at FROM data_asks "
        "WHERE secret = ? AND asked_at >= ?",
        secret, since,
    )  # fmt: skip
    return DataAsk(**dict(row)) if row else None


async def prove(session: Session, code: str, actor_uri: str, since: int, now: int) -> bool:
    """An actor sent that word; False where nobody waits for it (any more)."""
    return bool(
        await session.run(
            "UPDATE data_asks SET actor_uri = ?, proven_at = ? "
            "WHERE code = ? AND asked_at >= ? AND actor_uri = ''",
            actor_uri, now, code, since,
        )
    )  # fmt: skip


async def count(session: Session, since: int) -> int:
    """How many were asked since then."""
    return int(await session.value("SELECT count(*) FROM data_asks WHERE asked_at >= ?", since))


async def remove(session: Session, secret: str) -> None:
    """A question is over."""
    await session.run("DELETE FROM data_asks WHERE secret = ?", secret)


async def prune(session: Session, before: int) -> None:
    """Forget questions from before."""
    await session.run("DELETE FROM data_asks WHERE asked_at < ?", before)
