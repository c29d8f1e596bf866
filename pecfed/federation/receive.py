"""The way in: a raw request becomes an acknowledged activity, or a refusal.

Cheap checks come first, nothing is kept before the signature holds, and the key
must belong to the activity's own actor. The order is that of the bounds in
docs/architecture.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pecfed import clock
from pecfed.domain.uris import origin, without_fragment
from pecfed.errors import RefusedError
from pecfed.federation import signatures
from pecfed.federation.conversation import deleted_name
from pecfed.federation.node import Node
from pecfed.federation.signers import Request, Signer, check_host, count_stranger, find_signer
from pecfed.language.wire import as_uri, embedded, parse, type_of
from pecfed.services import admission
from pecfed.store import deliveries, inbox, members
from pecfed.store.database import Session

MEDIA_TYPES = frozenset({"application/activity+json", "application/ld+json", "application/json"})
REFUSED_KEYWORDS = frozenset({"@graph", "@included", "@reverse"})
"""JSON-LD by which one document can be read in two ways."""
STRANGER_BYTES = 131_072  # ample for a Follow, an Undo or a Join
ASK_AGAIN = 60_000  # milliseconds between readings that strangers' hints may cause


async def receive(
    node: Node, request: Request, signature: signatures.Signature | None = None
) -> str:
    """Verify an activity and keep it; what was decided, in a word. The answer is then 202.

    `signature` is what `check_head` has read of the request.

    Raises:
        RefusedError: with the HTTP status and the reason; nothing was kept.
    """
    # what is cheap to check is checked before anything is parsed or asked of others
    signature = signature or signatures.parse(request.headers)
    signatures.check_coverage(signature, request.headers, body=True)
    signatures.check_digest(request.headers, request.body, signature.digest_field)
    signatures.check_time(signature, request.headers, clock.now())
    check_host(node, request)
    activity = parse(request.body)
    if REFUSED_KEYWORDS & (activity.keys() | embedded(activity.get("object")).keys()):
        raise RefusedError(
            "@graph, @included and @reverse are not read", status=400, code="json_ld"
        )
    kind, actor_uri, uri = type_of(activity), as_uri(activity.get("actor")), _id(activity)
    home = origin(actor_uri)
    if not kind or len(kind) > 64 or not home:
        raise RefusedError(
            "an activity needs a type and an actor", status=400, code="not_an_activity"
        )
    if await node.is_blocked(actor_uri) or await node.is_blocked(
        without_fragment(signature.key_uri)
    ):
        raise RefusedError("this node doesn't listen to you", status=403, code="blocked")
    if origin(signature.key_uri) != home:
        # a forwarded copy: believed of nobody, but a reason to ask the origin
        await find_signer(node, signature, request)
        return await _ask_origin(node, actor_uri)
    is_end = kind == "Delete" and as_uri(activity.get("object")) == actor_uri
    if is_end and await node.remotes.key(signature.key_uri) is None:
        return "a stranger's end"  # asking a deleted actor for its key would fail anyway
    signer = await find_signer(node, signature, request, actor_uri)
    if signer.owner != actor_uri:
        return await _ask_origin(node, actor_uri)
    if uri and origin(uri) != home:
        raise RefusedError("the activity's id is not its actor's", status=403, code="not_its_id")
    # an activity without an id can't be told from its repeat but by its bytes
    uri = uri or f"{actor_uri}#{hashlib.sha256(request.body).hexdigest()}"
    await node.remotes.confirm(actor_uri)
    return await _keep(node, uri, signer, home, kind, activity, request)


def check_head(headers: Mapping[str, Sequence[str]]) -> signatures.Signature:
    """Check what can be known before the body is read; the signature.

    Raises:
        RefusedError: 415, another media type than ours, or packed; 401, not signed.
    """
    content_type = next(iter(headers.get("content-type", ())), "")
    if content_type.partition(";")[0].strip().lower() not in MEDIA_TYPES:
        raise RefusedError("send application/activity+json", status=415, code="content_type")
    if headers.get("content-encoding"):
        raise RefusedError("send the body unpacked", status=415, code="content_encoding")
    return signatures.parse(headers)


def _id(activity: Mapping[str, Any]) -> str:
    """The activity's id; "" where it has none that is an address."""
    uri = as_uri(activity.get("id"))
    return uri if origin(uri) else ""


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


async def _keep(
    node: Node,
    uri: str,
    signer: Signer,
    home: str,
    kind: str,
    activity: Mapping[str, Any],
    request: Request,
) -> str:
    """Keep it once, if this node hears that actor at all; on disk when this returns."""
    now, actor_uri = clock.now_ms(), signer.owner
    again = kind == "Follow" and not _is_replay(node, request)

    async def work(session: Session) -> str:
        # a verified request is a sign of life: what waits for that host is due
        await deliveries.host_answers(session, home, now)
        verdict = await admission.may_keep(
            session, kind, actor_uri, activity, node.uris, is_hub=node.settings.is_hub
        )
        if verdict != "known" and not signer.counted:
            count_stranger(node, home)
        if verdict == "not heard":
            if kind == "Delete":
                # of what may still be on its way to us: in memory, since it may be anything
                node.limits.deleted.add(deleted_name(actor_uri, as_uri(activity.get("object"))))
            return verdict
        if verdict == "stranger" and len(request.body) > STRANGER_BYTES:
            raise RefusedError(
                f"of strangers, at most {STRANGER_BYTES} bytes are taken",
                status=413,
                code="too_large",
            )
        await node.remotes.keep_met(session, actor_uri)
        kept = await inbox.keep(
            session,
            activity_uri=uri,
            actor_uri=actor_uri,
            type=kind,
            body=request.body.decode("utf-8"),
            now=now,
            again=again,
        )
        return "kept" if kept else "known"

    came = await node.database.write(work)
    if came == "kept":
        node.remotes.was_kept(actor_uri)
    return came


def _is_replay(node: Node, request: Request) -> bool:
    """Whether these very headers came before: a sender who asks again signs again."""
    written = repr([request.headers.get(name) for name in ("signature", "signature-input")])
    name = hashlib.sha256(written.encode()).hexdigest()
    known = node.limits.signatures.holds(name)
    node.limits.signatures.add(name)
    return known
