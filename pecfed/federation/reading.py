"""Reading what an actor has published: push is a hint, pull is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.uris import same_origin
from pecfed.errors import FetchError
from pecfed.federation.actor import profile_of
from pecfed.federation.collections import items
from pecfed.federation.foreign import authors
from pecfed.federation.gathering import keep_effect
from pecfed.federation.node import Node
from pecfed.language.wire import as_uri, parse, type_of
from pecfed.services import gather, membership
from pecfed.store import objects
from pecfed.store.database import Session
from pecfed.store.members import Member

MAX_CHECKED = 100


async def read_member(node: Node, entry: Member) -> None:
    """Bring what the hub has of a member in step with the member's own collections.

    An applicant's profile and featured objects are read (its statement is among
    them); of a member also the outbox, oldest first. What the outbox gives by its id
    alone, and what we have that it doesn't name, is asked for.

    Raises:
        FetchError: the member's origin can't be read at present.
    """
    assert entry.uri is not None
    actor = await node.remotes.refresh(entry.uri)
    document = parse(actor.document.encode())
    profile = profile_of(actor)

    async def describe(session: Session) -> bool:
        return await membership.described(session, actor, profile)

    await node.database.write(describe)
    for item in await _listed(node, document, "featured"):
        await _keep_by_id(node, as_uri(item), entry.uri)
    if entry.state != "member":
        return
    found = await _listed(node, document, "outbox")
    group = actor.type == "Group"
    named: set[str] = set()
    unread: dict[str, None] = {}
    for item in reversed(found):
        uri, by_id = _names(item, entry.uri, group=group)
        named.add(uri)
        if isinstance(item, Mapping) and not by_id:
            await _replay(node, item, entry.uri, group=group)
        elif by_id and same_origin(uri, entry.uri):
            unread[uri] = None
    if len(found) < node.settings.collection_items:
        # no outbox goes back for ever; what one no longer names may still be there
        ours = await node.database.read(lambda session: objects.live_uris(session, actor.uri))
        unread |= dict.fromkeys(sorted(ours - named))
    for uri in list(unread)[:MAX_CHECKED]:
        await _keep_by_id(node, uri, entry.uri, group=group)


def _names(item: object, actor_uri: str, *, group: bool) -> tuple[str, bool]:
    """Which object an item of an outbox is about, and whether it must be asked for by its id.

    That is so where no object came along (some outboxes give ids alone), where somebody
    else than the member did it, and for what a group passes on (`Announce` of a `Create`).
    """
    if isinstance(item, str):
        return item, True
    if not isinstance(item, Mapping):
        return "", False
    kind, obj = type_of(item), item.get("object")
    if kind == "Announce":
        inner = obj if isinstance(obj, Mapping) else {}
        if type_of(inner) in {"Create", "Update", "Delete"}:
            obj = inner.get("object")
        return as_uri(obj), group
    if kind in {"Create", "Update"}:
        theirs = as_uri(item.get("actor")) == actor_uri
        known = isinstance(obj, Mapping) and actor_uri in authors(obj)
        told = isinstance(obj, str) or (isinstance(obj, Mapping) and not (theirs and known))
        return as_uri(obj), told
    return as_uri(obj) or as_uri(item), False


async def _listed(node: Node, document: Mapping[str, Any], name: str) -> list[Any]:
    """What a collection of that document holds; nothing where there is none to be had."""
    uri = as_uri(document.get(name))
    try:
        return [item async for item in items(node, uri)] if uri else []
    except FetchError as error:
        if error.retry:
            raise
        return []  # many servers name collections that they don't serve, or not to everybody


async def _keep_by_id(
    node: Node, uri: str, actor_uri: str, *, group: bool = False, may_lead_on: bool = True
) -> None:
    """Keep an object as its origin serves it now; one that is gone there is taken off here."""
    if not same_origin(uri, actor_uri):
        return  # not its own, and no reason to ask a third party
    try:
        document = await node.fetcher.document(uri)
    except FetchError as error:
        if error.gone:

            async def missing(session: Session) -> None:
                await gather.missing(session, node.uris, actor_uri, uri)

            await node.database.write(missing)
            return
        if error.retry:
            raise
        return
    if may_lead_on and type_of(document) in {"Create", "Update"}:
        # the outbox gave the id of an activity: its object is asked for in its turn
        inner, _ = _names(document, actor_uri, group=group)
        await _keep_by_id(node, inner, actor_uri, group=group, may_lead_on=False)
        return
    effect = keep_effect(node, document, actor_uri, announce=False, group=group)
    if not isinstance(effect, str):
        await node.database.write(effect)


async def _replay(
    node: Node, activity: Mapping[str, Any], actor_uri: str, *, group: bool = False
) -> None:
    """Let one activity of the outbox have its effect, as if it had just arrived."""
    kind, obj = type_of(activity), activity.get("object")
    if obj is None:
        # some outboxes hold the objects themselves
        effect = keep_effect(node, activity, actor_uri, announce=False, group=group)
        if not isinstance(effect, str):
            await node.database.write(effect)
        return
    if as_uri(activity.get("actor")) != actor_uri:
        return
    if kind in {"Create", "Update"} and isinstance(obj, Mapping):
        effect = keep_effect(node, obj, actor_uri, announce=False)
        if not isinstance(effect, str):
            await node.database.write(effect)
    elif kind == "Delete" and as_uri(obj) != actor_uri and same_origin(as_uri(obj), actor_uri):

        async def withdraw(session: Session) -> bool:
            return await gather.withdraw(session, node.uris, as_uri(obj), actor_uri)

        await node.database.write(withdraw)
