"""Endorsements between members: reading the statement to vouch for, checking what others give."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.endorsement import Endorsement
from pecfed.domain.statement import Statement
from pecfed.domain.uris import same_origin
from pecfed.errors import FetchError, NotFoundError, RefusedError
from pecfed.federation import evidence, proofs, verify
from pecfed.federation.collections import items
from pecfed.federation.node import Node
from pecfed.federation.objects import endorsement, statement
from pecfed.language.wire import as_uri, parse
from pecfed.services import endorse
from pecfed.store import objects, remotes
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor

log = logging.getLogger(__name__)
MOST_FEATURED = 10  # featured objects that are asked for, to find the statement among them


async def read_statement(node: Node, member: RemoteActor) -> tuple[str, Statement]:
    """The statement of an actor as its origin serves it now, and its id.

    It is looked for in the actor's `featured`, where nodes of ours have it. A proof that it
    comes with must hold.

    Raises:
        NotFoundError: there is none.
        RefusedError: it can't be read, speaks for somebody else, or its proof doesn't hold.
        FetchError: its origin can't be read.
    """
    document = parse(member.document.encode())
    featured = as_uri(document.get("featured"))
    asked = 0
    if featured and same_origin(featured, member.uri):
        async for item in items(node, featured):
            found = await _read(node, item, member)
            if found is not None:
                if proofs.find(found[2]) is not None:
                    proofs.verify(found[2], proofs.read_keys(document), clock.now())
                return found[0], found[1]
            asked += 1
            if asked >= MOST_FEATURED:
                break
    raise NotFoundError(f"{member.handle} shows no statement on the charter")


async def _read(
    node: Node, item: object, member: RemoteActor
) -> tuple[str, Statement, Mapping[str, Any]] | None:
    """The statement that an item of a collection is, by its id at its origin; None for no one's."""
    uri = as_uri(item)
    if not same_origin(uri, member.uri):
        return None
    try:
        document = await node.fetcher.document(uri)
    except FetchError as error:
        if error.retry:
            raise
        return None
    if not statement.recognises(document) or as_uri(document.get("attributedTo")) != member.uri:
        return None
    return uri, statement.from_wire(document, member.uri), document


async def is_unknown(node: Node, document: Mapping[str, Any], actor_uri: str) -> str:
    """The id of the statement that an endorsement is about, where we don't have that version.

    Who endorses may have read it before we did: then it is asked for first. An endorsement
    that isn't signed by who gives it makes us ask nobody.
    """
    if not endorsement.recognises(document):
        return ""
    try:
        given = endorsement.from_wire(document, actor_uri)
    except RefusedError:
        return ""  # which is told when it is kept
    about = given.about
    if not same_origin(about.statement, about.member):
        return ""

    async def work(session: Session) -> bool:
        if await objects.version(session, about.member, about.digest) is not None:
            return False
        return not await _unproven(session, given)

    return about.statement if await node.database.read(work) else ""


async def why_not(session: Session, given: Endorsement, uri: str) -> str:
    """Why an endorsement in the Note `uri` is passed over; "" when it counts.

    Its proof must be by a key that its author's own document lists.
    """
    refused = await _unproven(session, given)
    if refused is not None:
        actor = await remotes.get(session, given.endorser)
        if refused.code == "proof_key" and actor is not None:
            await evidence.read_soon(session, actor)
        log.info("the endorsement %s is refused: %s", uri, refused.message)
        return f"it is refused: {refused.message}"
    return await endorse.why_not(session, given, uri)


async def _unproven(session: Session, given: Endorsement) -> RefusedError | None:
    """What is wrong with a credential, by the keys that its author's own document lists."""
    actor = await remotes.get(session, given.endorser)
    if actor is None or not actor.document:
        return RefusedError("its author's keys aren't known", code="proof_key")
    try:
        verify.credential(given.credential, parse(actor.document.encode()), clock.now())
    except RefusedError as error:
        return error
    return None
