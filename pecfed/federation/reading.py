"""Reading what an actor has published: push is a hint, pull is the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.uris import same_origin
from pecfed.errors import FetchError, RefusedError
from pecfed.federation.actor import read_profile
from pecfed.federation.collections import items
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
    profile = read_profile(document, actor.name)

    async def describe(session: Session) -> bool:
        return await membership.described(session, actor, profile)

    await node.database.write(describe)
    for item in await _listed(node, document, "featured"):
        await _keep_by_id(node, as_uri(item), entry.uri)
    if entry.state != "member":
        return
    found = await _listed(node, document, "outbox")
    named = {as_uri(activity.get("object")) for activity in found if isinstance(activity, Mapping)}
    for activity in reversed(found):
        if isinstance(activity, Mapping):
            await _replay(node, activity, entry.uri)
    # some servers' outboxes give their objects by id alone, and none goes back for ever
    unread = {each["object"] for each in found if _is_told_by_id(each)}
    if len(found) < node.settings.collection_items:
        ours = await node.database.read(lambda session: objects.live_uris(session, actor.uri))
        unread |= ours - named
    for uri in sorted(unread)[:MAX_CHECKED]:
        await _keep_by_id(node, uri, entry.uri)


def _is_told_by_id(activity: object) -> bool:
    return (
        isinstance(activity, Mapping)
        and type_of(activity) in {"Create", "Update"}
        and isinstance(activity.get("object"), str)
    )


async def _listed(node: Node, document: Mapping[str, Any], name: str) -> list[Any]:
    uri = as_uri(document.get(name))
    return [item async for item in items(node, uri)] if uri else []


async def _keep_by_id(node: Node, uri: str, actor_uri: str) -> None:
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
    effect = keep_effect(node, document, actor_uri, announce=False)
    if not isinstance(effect, str):
        await node.database.write(effect)


async def _replay(node: Node, activity: Mapping[str, Any], actor_uri: str) -> None:
    """Let one activity of the outbox have its effect, as if it had just arrived."""
    if as_uri(activity.get("actor")) != actor_uri:
        return
    kind, obj = type_of(activity), activity.get("object")
    if kind in {"Create", "Update"} and isinstance(obj, Mapping):
        try:
            effect = keep_effect(node, obj, actor_uri, announce=False)
        except RefusedError:
            return
        if not isinstance(effect, str):
            await node.database.write(effect)
    elif kind == "Delete" and as_uri(obj) != actor_uri and same_origin(as_uri(obj), actor_uri):

        async def withdraw(session: Session) -> bool:
            return await gather.withdraw(session, node.uris, as_uri(obj), actor_uri)

        await node.database.write(withdraw)
