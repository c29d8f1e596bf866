"""The proof of a member's statement: verified where the statement is kept, and kept with it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.statement import Statement
from pecfed.errors import RefusedError
from pecfed.federation import proofs
from pecfed.federation.objects import Read
from pecfed.language.wire import parse
from pecfed.store import members, objects, remotes
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor

log = logging.getLogger(__name__)
FRESH = 60_000  # milliseconds; an actor read longer ago may have new keys by now
MAX_DOCUMENT = 262_144  # characters


class UnprovenError(Exception):
    """A statement whose proof doesn't hold; what it says is why, in a few words."""


async def check(session: Session, document: Mapping[str, Any], found: Read) -> str:
    """The id of the key that proves a member's statement; "" without a proof we know.

    Raises:
        UnprovenError: there is a proof, and it doesn't hold with the keys that the member's
            own document lists. Those we read a while ago are read anew soon.
    """
    if not isinstance(found.content, Statement) or proofs.find(document) is None:
        return ""
    actor = await remotes.get(session, found.actor_uri)
    if actor is None or not actor.document:
        return ""  # an actor too large to keep can't prove anything
    try:
        keys = proofs.read_keys(parse(actor.document.encode()))
        return proofs.verify(document, keys, clock.now())
    except RefusedError as error:
        if error.code == "proof_key":
            await read_soon(session, actor)
        log.info("the statement %s is refused: %s", found.uri, error.message)
        raise UnprovenError(f"its proof is refused: {error.message}") from None


async def read_soon(session: Session, actor: RemoteActor) -> None:
    """A member's keys may be new: read it again, once a minute at most, whatever is claimed."""
    due_at = max(clock.now_ms(), actor.fetched_at + FRESH)
    entry = await members.by_uri(session, actor.uri)
    if entry is not None and (entry.read_due_at is None or entry.read_due_at > due_at):
        await members.read_at(session, entry.id, due_at)


async def keep(
    session: Session, document: Mapping[str, Any], statement: Statement, uri: str, proven_by: str
) -> None:
    """Keep the document that a version of a statement came in, as it was signed."""
    written = json.dumps(document, ensure_ascii=False)
    if len(written) <= MAX_DOCUMENT:
        await objects.keep_evidence(session, uri, statement, written, proven_by)
