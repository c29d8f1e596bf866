"""A review that comes in: a direct Note to one actor of ours, from its author's own hand."""

from __future__ import annotations

from pecfed.domain.uris import same_origin
from pecfed.errors import RefusedError
from pecfed.federation.foreign import is_public
from pecfed.federation.node import Node
from pecfed.federation.objects import endorsement
from pecfed.federation.objects import review as wire
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import as_uri
from pecfed.services import reviews
from pecfed.store import actors
from pecfed.store.database import Session

SPOKEN_TO = frozenset({"hub", "member"})
"""Cards of the actors that are written to; a working group reviews nothing."""


async def heard(node: Node, received: Received) -> Effect | str | None:
    """The effect of a Create with a review; None when it is none.

    It is served to nobody, so that what was delivered is all there is: it counts as
    embedded, of the actor that signed it. What is sent to everybody is no review, and a
    review that is corrected stays as it was said.
    """
    document = received.inner
    if not wire.recognises(document):
        return None
    uri, author_uri = received.object_uri, received.actor_uri
    if as_uri(document.get("attributedTo")) != author_uri or not same_origin(uri, author_uri):
        return "not its sender's"
    if is_public(document) or is_public(received.activity):
        return "a review for everybody"
    if received.type != "Create":
        return "a review stays as it was said"
    try:
        said = wire.from_wire(document, author_uri)
    except RefusedError as error:
        return error.message
    if not node.uris.is_ours(said.to):
        return "a review for somebody else"
    author = await node.remotes.actor(author_uri)

    async def effect(session: Session) -> str:
        to = await actors.by_uri(session, said.to)
        if to is None or to.card not in SPOKEN_TO:
            return "a review for nobody here"
        return await reviews.received(session, node.uris, uri, author, to, said)

    return effect


async def given(node: Node, received: Received, kept: Effect | str | None) -> Effect | str | None:
    """The effect `kept` of a Create, and that an endorsement was given which we had asked for.

    Whether its proof holds is for hubs to say, which count it: here it only answers a
    request of ours, in the name of the actor that signed this activity.
    """
    if node.settings.is_hub or not endorsement.recognises(received.inner) or kept is None:
        return kept
    try:
        found = endorsement.from_wire(received.inner, received.actor_uri)
    except RefusedError:
        return kept

    async def effect(session: Session) -> str:
        note = kept if isinstance(kept, str) else await kept(session)
        about = await actors.by_uri(session, found.about.member)
        if about is not None:
            await reviews.endorsed(session, about, found.endorser, found.about.digest)
        return note

    return effect
