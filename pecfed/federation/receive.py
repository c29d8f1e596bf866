"""The way in: a raw request becomes an acknowledged activity, or a refusal.

Cheap checks come first, nothing is kept before the signature holds, and the key
must belong to the activity's own actor. The order is that of the bounds in
docs/architecture.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pecfed import clock
from pecfed.domain.uris import origin, without_fragment
from pecfed.errors import FetchError, RefusedError
from pecfed.federation import signatures
from pecfed.federation.node import Node
from pecfed.language.wire import as_uri, parse, type_of
from pecfed.services import admission
from pecfed.store import deliveries, inbox, members
from pecfed.store.database import Session

MEDIA_TYPES = frozenset({"application/activity+json", "application/ld+json", "application/json"})
REFUSED_KEYWORDS = frozenset({"@graph", "@included", "@reverse"})
"""JSON-LD by which one document can be read in two ways."""
STRANGER_BYTES = 131_072  # ample for a Follow, an Undo or a Join
ASK_AGAIN = 60_000  # milliseconds between readings that strangers' hints may cause


@dataclass(frozen=True, slots=True)
class Request:
    """A POST to an inbox; header names are lower case, with every value on the wire."""

    path_and_query: str
    headers: Mapping[str, Sequence[str]]
    body: bytes


async def receive(node: Node, request: Request) -> str:
    """Verify an activity and keep it; what was decided, in a word. The answer is then 202.

    Raises:
        RefusedError: with the HTTP status and the reason; nothing was kept.
    """
    # what is cheap to check is checked before anything is parsed or asked of others
    signature = signatures.parse(request.headers)
    signatures.check_coverage(signature, request.headers, body=True)
    signatures.check_digest(request.headers, request.body)
    signatures.check_time(signature, request.headers, clock.now())
    if request.headers["host"][0].lower() != node.settings.host:
        raise RefusedError("signed for another host", status=401, code="host")
    activity = parse(request.body)
    if REFUSED_KEYWORDS & (activity.keys() | _inner(activity).keys()):
        raise RefusedError(
            "@graph, @included and @reverse are not read", status=400, code="json_ld"
        )
    kind, actor_uri, uri = type_of(activity), as_uri(activity.get("actor")), _id(activity)
    home = origin(actor_uri)
    if not kind or len(kind) > 64 or not home:
        raise RefusedError(
            "an activity needs a type and an actor", status=400, code="not_an_activity"
        )
    signer = without_fragment(signature.key_uri)
    if await node.is_blocked(actor_uri) or await node.is_blocked(signer):
        raise RefusedError("this node doesn't listen to you", status=403, code="blocked")
    if origin(signer) != home:
        # a forwarded copy: believed of nobody, but a reason to ask the origin
        return await _hint(node, signature, request, actor_uri)
    owner = await _verify(node, signature, request, kind, actor_uri, as_uri(activity.get("object")))
    if owner is None:
        return "a stranger's end"
    if owner != actor_uri:
        return await _ask_origin(node, actor_uri)
    if uri and origin(uri) != home:
        raise RefusedError("the activity's id is not its actor's", status=403, code="not_its_id")
    # an activity without an id can't be told from its repeat but by its bytes
    uri = uri or f"{actor_uri}#{hashlib.sha256(request.body).hexdigest()}"
    return await _keep(node, uri, actor_uri, home, kind, request.body)


def check_head(headers: Mapping[str, Sequence[str]]) -> None:
    """Check what can be known before the body is read.

    Raises:
        RefusedError: 415, another media type than ours, or packed; 401, not signed.
    """
    content_type = next(iter(headers.get("content-type", ())), "")
    if content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise RefusedError("send application/activity+json", status=415, code="content_type")
    if headers.get("content-encoding"):
        raise RefusedError("send the body unpacked", status=415, code="content_encoding")
    signatures.parse(headers)


def _inner(activity: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = activity.get("object")
    return inner if isinstance(inner, Mapping) else {}


def _id(activity: Mapping[str, Any]) -> str:
    """The activity's id; "" where it has none that is an address."""
    uri = as_uri(activity.get("id"))
    return uri if origin(uri) else ""


async def _verify(
    node: Node,
    signature: signatures.Signature,
    request: Request,
    kind: str,
    actor_uri: str,
    object_uri: str,
) -> str | None:
    """Whose key signed the request; None when a stranger only tells us that it is gone.

    A key that fails is read anew once: its owner may have changed it.

    Raises:
        RefusedError: 401, the signature doesn't hold; 429, too many strangers at once.
    """
    known = await node.remotes.key(signature.key_uri)
    if known is None:
        if kind == "Delete" and object_uri == actor_uri:
            return None  # asking a deleted actor for its key would fail anyway
        if not node.limits.strangers.take(origin(actor_uri)):
            raise RefusedError(
                "too many activities of unknown senders", status=429, code="too_many", retry=True
            )
        known = await _fetch_key(node, signature.key_uri, actor_uri)
        node.limits.refreshed.add(actor_uri)
    if known is not None and _holds(known, signature, request):
        return known[0]
    owner = known[0] if known else actor_uri
    if known is not None and (
        node.remotes.is_being_read(owner) or not node.limits.refreshed.holds(owner)
    ):
        node.limits.refreshed.add(owner)
        known = await _fetch_key(node, signature.key_uri, owner, known[1])
        if known is not None and _holds(known, signature, request):
            return known[0]
    raise RefusedError("the signature doesn't hold", status=401, code="signature")


async def _fetch_key(
    node: Node, key_uri: str, owner: str, failed: Any = None
) -> tuple[str, Any] | None:
    try:
        return await node.remotes.fetch_key(key_uri, owner, failed)
    except FetchError as error:
        # 401, so that the sender tries again, and knows what it should look at
        raise RefusedError(
            error.message, safe="the key of the signature can't be read", status=401, code="key"
        ) from error


def _holds(known: tuple[str, Any], signature: signatures.Signature, request: Request) -> bool:
    return (
        signatures.verify(known[1], signature, request.headers, "POST", request.path_and_query)
        is True
    )


async def _hint(
    node: Node, signature: signatures.Signature, request: Request, actor_uri: str
) -> str:
    """Somebody sends what another actor did: verified as theirs, then its origin is asked."""
    signer = without_fragment(signature.key_uri)
    known = await node.remotes.key(signature.key_uri)
    if known is None:
        if not node.limits.strangers.take(origin(signer)):
            raise RefusedError(
                "too many activities of unknown senders", status=429, code="too_many", retry=True
            )
        known = await _fetch_key(node, signature.key_uri, signer)
    if known is None or not _holds(known, signature, request):
        raise RefusedError("the signature doesn't hold", status=401, code="signature")
    return await _ask_origin(node, actor_uri)


async def _ask_origin(node: Node, actor_uri: str) -> str:
    """Have a member's outbox read soon; what strangers say is never believed."""

    async def work(session: Session) -> str:
        entry = await members.by_uri(session, actor_uri)
        soon = clock.now_ms() + ASK_AGAIN
        if entry is None or entry.state != "member":
            return "not its actor's, not ours"
        if entry.read_due_at is None or entry.read_due_at > soon:
            await members.read_at(session, entry.id, soon)
        return "not its actor's, its origin is asked"

    return await node.database.write(work)


async def _keep(node: Node, uri: str, actor_uri: str, home: str, kind: str, body: bytes) -> str:
    """Keep it once, if this node hears that actor at all; on disk when this returns."""
    now = clock.now_ms()
    text = body.decode("utf-8")

    async def work(session: Session) -> str:
        # a verified request is a sign of life: what waits for that host is due
        await deliveries.host_answers(session, home, now)
        verdict = await admission.may_keep(session, kind, actor_uri)
        if verdict != "known" and not node.limits.strangers.take(home):
            raise RefusedError(
                "too many activities at once", status=429, code="too_many", retry=True
            )
        if verdict == "not heard":
            return verdict
        if verdict == "stranger" and len(body) > STRANGER_BYTES:
            raise RefusedError(
                f"of strangers, at most {STRANGER_BYTES} bytes are taken",
                status=413,
                code="too_large",
            )
        await node.remotes.keep_met(session, actor_uri)
        kept = await inbox.keep(
            session, activity_uri=uri, actor_uri=actor_uri, type=kind, body=text, now=now
        )
        return "kept" if kept else "known"

    came = await node.database.write(work)
    if came == "kept":
        node.remotes.was_kept(actor_uri)
    return came
