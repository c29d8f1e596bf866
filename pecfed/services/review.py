"""Reviews go out: a direct, signed Note to the one it is for, and to nobody else."""

from __future__ import annotations

from dataclasses import replace

from pecfed import clock
from pecfed.domain.review import Review
from pecfed.domain.uris import Uris
from pecfed.services.outbox import emit
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.remotes import RemoteActor


async def send(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    to: RemoteActor,
    review: Review,
    *,
    reply_to: str = "",
) -> str:
    """Say something in private about an entry or a statement; the Note's uri.

    It isn't kept among what the actor published, so that it is served to nobody and
    followers see nothing of it.

    Args:
        session: the transaction of what it tells about.
        uris: of this node.
        actor: in whose name it goes out.
        to: who reads it.
        review: what is said; who reads it is filled in here.
        reply_to: the id of the review that it answers.
    """
    uri, now = uris.new_object(), clock.now_ms()
    addressed = replace(review, to=to.uri, handle=to.handle, reply_to=reply_to)
    await emit(
        session,
        uris,
        actor,
        type="Create",
        object_uri=uri,
        intent={
            "kind": "review",
            "data": addressed.to_data(),
            "published": now,
            "updated": now,
            "to": [to.uri],
        },
        inboxes=[to.inbox],
    )
    return uri
