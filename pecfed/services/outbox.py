"""The transactional outbox: an activity and its deliveries, written with the change itself.

Services write an intent; `federation/activities` turns it into the wire form when
it is sent or read. So a change and the news of it stand or fall together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pecfed import clock
from pecfed.domain.uris import Uris, origin
from pecfed.errors import RefusedError
from pecfed.language.cast import card
from pecfed.store import activities, blocks, deliveries, follows
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def emit(
    session: Session,
    uris: Uris,
    actor: LocalActor,
    *,
    type: str,  # noqa: A002 - the activity's `type`
    object_uri: str,
    intent: Mapping[str, Any],
    is_public: bool = False,
    inboxes: Iterable[str] = (),
) -> str:
    """Write down what an actor does, and one delivery for each inbox; the activity's uri.

    A public activity goes to every follower's (shared) inbox; `inboxes` are added, but
    for those of whom the operator has blocked.
    `object_uri` is what must stay in order towards one inbox. What the actor's card doesn't
    say is never said: FEDERATION.md is written from the cards.

    Raises:
        RefusedError: the actor's card doesn't say that.
    """
    if type not in card(actor.card).says:
        raise RefusedError(
            f"{actor.username} is a {actor.card}, which says no {type}: actors/{actor.card}.toml",
            code="not_said",
        )
    now = clock.now_ms()
    uri = uris.new_activity()
    activity_id = await activities.add(
        session,
        uri=uri,
        actor_id=actor.id,
        type=type,
        object_uri=object_uri,
        intent=intent,
        is_public=is_public,
        now=now,
    )
    reached = await _unblocked(session, dict.fromkeys(inboxes), intent.get("to", ()))
    if is_public:
        reached |= dict.fromkeys(await follows.follower_inboxes(session, actor.id))
    pairs = [(inbox, origin(inbox)) for inbox in reached if not uris.is_ours(inbox)]
    await deliveries.add(session, activity_id, object_uri, pairs, now)
    return uri


async def _unblocked(
    session: Session, inboxes: dict[str, None], to: Iterable[str]
) -> dict[str, None]:
    """Those inboxes that may be told; none where it goes to somebody blocked (followers aren't)."""
    if not inboxes:
        return inboxes
    addressed = list(to)
    blocked = await blocks.blocked(session, [*inboxes, *addressed])
    if blocked.intersection(addressed):
        return {}
    return {inbox: None for inbox in inboxes if inbox not in blocked}
