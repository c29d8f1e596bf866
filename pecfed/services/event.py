"""What others ask of an event of ours."""

from __future__ import annotations

from pecfed.domain.uris import Uris, same_origin
from pecfed.services.outbox import emit
from pecfed.store import actors, objects
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor


async def ignore(
    session: Session, uris: Uris, event_uri: str, asker: RemoteActor, join_uri: str
) -> bool:
    """Answer who wants to take part that no registrations are taken here (FEP-8a8e).

    False when there is no such event of ours.
    """
    stored = await objects.get(session, event_uri)
    if (
        stored is None
        or stored.actor_id is None
        or stored.deleted_at is not None
        or stored.kind != "event"
    ):
        return False
    join = {"type": "Join", "actor": asker.uri, "object": event_uri}
    if same_origin(join_uri, asker.uri) and "#" not in join_uri:
        join = {"id": join_uri} | join
    await emit(
        session,
        uris,
        await actors.by_id(session, stored.actor_id),
        type="Ignore",
        object_uri=asker.uri,
        intent={"object": join.get("id") or join, "to": [asker.uri]},
        inboxes=[asker.inbox],
    )
    return True
