"""Any JSON that a peer may send: real shapes with something wrong in them, and sheer nonsense.

Addresses aren't known before servers listen, so a strategy gives names such as `@hub`;
`filled` puts the addresses in their places.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

AS2 = "https://www.w3.org/ns/activitystreams"
TYPES = (
    "Follow", "Undo", "Join", "Leave", "Accept", "Reject", "Create", "Update", "Delete", "Announce",
    "Add", "Remove", "Move", "Like", "Dislike", "EmojiReact", "View", "Flag", "Block", "Invite",
    "Ignore", "Offer", "Question", "Note", "Event", "Arrive", "x", "é", "__class__",
)  # fmt: skip
NAMES = (
    "@hub", "@instance", "@ours", "@said", "@directory", "@hub/followers", "@victim", "@event",
    "@statement", "@victim/inbox", "@me", "@me#main-key", "@mine", "@gone", "@odd", "@alien",
)  # fmt: skip
WORDS = (
    "", " ", "x", "0", "null", "é\u202e\u0301", "\U0001f41d", "<script>alert(1)</script>",
    "a" * 3000,
    "acct:a@b.example", "javascript:alert(1)", "http://[::1", "https://", "//a",
    "http://127.0.0.1:1/",
    "https://127.0.0.1:9/x", f"{AS2}#Public", "as:Public", "Public", "2026-11-20T09:00:00Z",
    "2026-13-40", "0000-00-00T00:00:00Z", "99999-01-01T00:00:00Z", "-1", "P1D", "@me", "../..",
)  # fmt: skip
NUMBERS = (0, -1, 1, 3.5, 1e300, -0.0, 2**53, 48, 1e-320, True, False, None)

scalars = st.one_of(st.sampled_from(NAMES), st.sampled_from(WORDS), st.sampled_from(NUMBERS))
keys = st.sampled_from(
    (
        "id", "type", "actor", "object", "target", "attributedTo", "to", "cc", "name", "nameMap",
        "content", "contentMap", "summary", "published", "updated", "startTime", "endTime",
        "location",
        "latitude", "url", "href", "tag", "attachment", "icon", "mediaType", "inReplyTo", "oneOf",
        "replies", "totalItems", "charterStatement", "resource", "commitments", "member",
        "credential", "credentialSubject", "issuer", "statement", "validFrom",
        "charter",
        "publicKey", "owner", "publicKeyPem", "inbox", "outbox", "preferredUsername", "alsoKnownAs",
        "movedTo", "formerType", "context", "@context", "@id", "proof", "items", "audience", "kind",
    )
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=8,
)


def a_note(**more: Any) -> dict[str, Any]:
    """Something that would be kept if nothing in it were wrong."""
    return {
        "id": "@mine", "type": "Note", "attributedTo": "@me", "to": [f"{AS2}#Public"],
        "content": "<p>x</p>", "published": "2026-11-20T09:00:00Z",
    } | more  # fmt: skip


REAL: tuple[Mapping[str, Any], ...] = (
    a_note(),
    a_note(inReplyTo="@ours", tag=[{"type": "Mention", "href": "@hub", "name": "@ruche"}]),
    a_note(inReplyTo="@ours", content=None, name="oui"),
    a_note(resource={"uid": "a", "name": {"fr": "A"}, "kind": "statutes", "openness": "public"}),
    a_note(charterStatement={
        "member": "@me", "charter": "2018", "declared": "2026-11-20", "validUntil": "2027-11-20",
        "commitments": [{"commitment": "governance-1", "level": "planned"}],
    }),
    a_note(credential={
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": "@mine",
        "type": ["VerifiableCredential", "EndorsementCredential"], "issuer": {"id": "@me"},
        "validFrom": "2026-11-20T09:00:00Z", "validUntil": "2099-11-20T09:00:00Z",
        "credentialSubject": {
            "id": "@victim",
            "statement": {"id": "@statement", "digest": "0" * 64, "charter": "2018"},
        },
        "credentialStatus": {
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": "1", "statusListCredential": "@mine",
        },
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022"},
    }),
    a_note(
        type="Event", name="Fête", startTime="2027-05-12T18:00:00+02:00",
        endTime="2027-05-12T20:00:00+02:00", location={"type": "Place", "latitude": 47.2},
        attachment=[{"type": "Image", "url": "@odd", "mediaType": "image/png"}],
    ),
    a_note(type="Question", oneOf=[{"type": "Note", "name": "oui", "replies": {"totalItems": 1}}]),
    {"id": "@mine", "type": "Tombstone", "formerType": "Note"},
    {"id": "@said", "type": "Follow", "actor": "@me", "object": "@hub"},
    {"id": "@said", "type": "Join", "actor": "@me", "object": "@hub"},
    {"id": "@said", "type": "Like", "actor": "@me", "object": "@ours"},
    {"id": "@me", "type": "Organization", "preferredUsername": "mallory", "inbox": "@me/inbox",
     "publicKey": {"id": "@me#main-key", "owner": "@me"}},
)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn, real: Mapping[str, Any]) -> dict[str, Any]:
    """A real document of which some parts are replaced, added or left out."""
    found = dict(real)
    for _ in range(draw(st.integers(0, 3))):
        key = draw(st.one_of(st.sampled_from(sorted(found)) if found else keys, keys))
        if draw(st.booleans()):
            found[key] = draw(anything)
        else:
            found.pop(key, None)
    return found


objects = st.one_of(
    st.sampled_from(NAMES), st.sampled_from(REAL).flatmap(broken), st.sampled_from(REAL).map(dict),
    anything, st.lists(st.sampled_from(NAMES), max_size=3),
)  # fmt: skip


POSTS, GONE, FOLLOW, JOIN, LIKE, ACTOR = REAL[:8], *REAL[8:]
LIKELY: tuple[tuple[str, Any], ...] = (
    *((kind, post) for kind in ("Create", "Update") for post in POSTS),
    ("Update", ACTOR), ("Delete", GONE), ("Delete", "@mine"), ("Delete", "@event"),
    ("Undo", FOLLOW), ("Undo", JOIN), ("Undo", LIKE), ("Follow", "@hub"), ("Follow", "@instance"),
    ("Announce", "@mine"), ("Announce", "@event"), ("Announce", "@ours"), ("Like", "@ours"),
    ("Flag", ["@ours"]), ("Join", "@hub"), ("Leave", "@hub"), ("Move", "@me"), ("Add", "@mine"),
    ("Accept", FOLLOW), ("Reject", FOLLOW),
)  # fmt: skip
"""What peers really send."""


@st.composite
def likely(draw: st.DrawFn) -> tuple[str, Any]:
    """A type and an object that go together, the object broken now and then."""
    kind, about = draw(st.sampled_from(LIKELY))
    if isinstance(about, dict) and draw(st.booleans()):
        about = draw(broken(about))
    return kind, about


@st.composite
def activities(draw: st.DrawFn) -> dict[str, Any]:
    """An activity of whatever type, about whatever; mostly its sender's own."""
    either = st.one_of(likely(), likely(), st.tuples(st.sampled_from(TYPES), objects))
    kind, about = draw(either)
    made: dict[str, Any] = {
        "@context": AS2, "id": "@new", "type": kind, "actor": "@me", "object": about,
    }  # fmt: skip
    for key in ("target", "to", "cc", "published", "updated", "result", "content", "proof"):
        if not draw(st.integers(0, 5)):
            made[key] = draw(anything)
    if not draw(st.integers(0, 4)):
        made[draw(st.sampled_from(("id", "type", "actor", "@context")))] = draw(anything)
    if not draw(st.integers(0, 7)):
        made["actor"] = draw(st.sampled_from(({"id": "@me"}, ["@me"], "@victim", "@hub")))
    return made


def filled(value: Any, places: Mapping[str, str]) -> Any:
    """The same with addresses in place of their names."""
    if isinstance(value, str) and value.startswith("@"):
        for name in sorted(places, key=len, reverse=True):
            if value.startswith(name):
                return places[name] + value.removeprefix(name)
        return value
    if isinstance(value, dict):
        return {key: filled(inner, places) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, places) for inner in value]
    return value
