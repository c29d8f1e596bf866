"""On a node: asking a hub for membership, leaving it, and hearing what it decides."""

from __future__ import annotations

from pecfed import clock
from pecfed.domain.uris import Uris
from pecfed.errors import RefusedError
from pecfed.services import working_groups
from pecfed.services.outbox import emit
from pecfed.store import memberships
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor


async def ask(session: Session, uris: Uris, actor: LocalActor, hub: RemoteActor) -> str:
    """Send a Join to a hub; the membership's state afterwards.

    Asking again while the hub thinks sends nothing; asking a hub that we are a member
    of sends nothing either.
    """
    known = await memberships.get(session, actor.id, hub.uri)
    if known is not None and known["state"] in {"asked", "member", "suspended"}:
        return str(known["state"])
    join_uri = await emit(
        session,
        uris,
        actor,
        type="Join",
        object_uri=hub.uri,
        intent={"object": hub.uri, "to": [hub.uri]},
        inboxes=[hub.inbox],
    )
    await memberships.put(session, actor.id, hub.uri, join_uri, "asked", clock.now_ms())
    return "asked"


async def leave(session: Session, uris: Uris, actor: LocalActor, hub: RemoteActor) -> str:
    """Send a Leave to a hub; the membership's state afterwards.

    Raises:
        RefusedError: this actor never asked that hub.
    """
    known = await memberships.get(session, actor.id, hub.uri)
    if known is None:
        raise RefusedError(f"{actor.username} is not a member of {hub.uri}", code="no_membership")
    if known["state"] == "left":
        return "left"
    await emit(
        session,
        uris,
        actor,
        type="Leave",
        object_uri=hub.uri,
        intent={"object": hub.uri, "to": [hub.uri]},
        inboxes=[hub.inbox],
    )
    await memberships.set_state(session, actor.id, hub.uri, "left", clock.now_ms())
    await working_groups.keep_up(session, uris, actor)
    return "left"


async def decided(
    session: Session,
    actor: LocalActor,
    hub_uri: str,
    state: str,
    *,
    join_uri: str,
    reason: str = "",
    message: str = "",
) -> bool:
    """A hub answered our Join; False when it answers something we didn't ask.

    Only the hub we asked can say so (the caller has verified who speaks), only
    about the Join we sent it, and not after we have left.
    """
    known = await memberships.get(session, actor.id, hub_uri)
    if known is None or known["state"] == "left" or (join_uri and join_uri != known["join_uri"]):
        return False
    await memberships.set_state(
        session, actor.id, hub_uri, state, clock.now_ms(), reason=reason, message=message
    )
    # its groups are followed, or no longer, by the job that reads them
    await working_groups.look_again(session, hub_uri)
    return True
