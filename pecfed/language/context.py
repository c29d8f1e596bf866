"""JSON-LD contexts for what we emit: inline, with just the terms a document uses."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pecfed.shipped import shipped

ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"

_STATEMENT = ("charterStatement", "Hashtag")
_RESOURCE = ("resource", "Hashtag")
_EVENT = (
    "uid", "workingGroup", "allDay", "eventKind", "deadline", "sources", "timezone",
    "displayEndTime", "eventStatus", "joinMode", "organizers", "externalParticipationUrl", "status",
    "category", "inLanguage", "isOnline", "commentsEnabled", "VirtualLocation", "PostalAddress",
    "address",
    "streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry", "Hashtag",
)  # fmt: skip
_ACTOR = (
    "profile", "directory", "workingGroups", "workingGroup",
    "PostalAddress", "address", "streetAddress", "postalCode",
    "addressLocality", "addressRegion", "addressCountry", "PropertyValue", "value",
    "manuallyApprovesFollowers", "discoverable", "indexable", "featured", "featuredTags",
    "attributionDomains", "Hashtag",
    "upcomingEvents", "webfinger", "implements", "movedTo", "publicKey", "publicKeyPem", "owner",
    "assertionMethod", "Multikey",
    "controller", "publicKeyMultibase", "expires",
)  # fmt: skip
TERMS = {
    "statement": _STATEMENT,
    "resource": _RESOURCE,
    "event": _EVENT,
    "tags": ("Hashtag",),
    "note": ("Hashtag",),
    "question": ("votersCount", "Hashtag"),
    "article": ("Hashtag",),
    "review": ("review",),
    "endorsement": ("credential", "Hashtag"),
    "attestation": ("credential", "Hashtag"),
    "label": ("credential", "Hashtag"),
    "log": ("logHead",),
    "decision": ("reason", "membership"),
    "actor": _ACTOR,
    "plain": (),
    "proof": (
        "proof", "DataIntegrityProof", "cryptosuite", "verificationMethod", "proofPurpose",
        "assertionMethod", "created", "proofValue",
    ),
}  # fmt: skip


@cache
def vocabulary() -> dict[str, Any]:
    """The whole context as published at `/ns/v1`."""
    text = (shipped("vocab") / "v1" / "context.jsonld").read_text(encoding="utf-8")
    context: dict[str, Any] = json.loads(text)["@context"]
    return context


@cache
def of_credentials() -> dict[str, Any]:
    """The context of our words in credentials, as published at `/ns/credentials/v1`."""
    text = (shipped("vocab") / "v1" / "credentials.jsonld").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def context(kind: str) -> list[Any]:
    """The `@context` of a document of that kind: always an array, ActivityStreams first."""
    every = vocabulary()
    used = {term: every[term] for term in TERMS[kind]}
    if not used:
        return [ACTIVITYSTREAMS]
    written = json.dumps(used)
    prefixes = {
        name: value
        for name, value in every.items()
        if isinstance(value, str) and value.endswith(("#", "/")) and f'"{name}:' in written
    }
    return [ACTIVITYSTREAMS, prefixes | used]


def with_proof(contexts: list[Any]) -> list[Any]:
    """The `@context` of a document once it has a proof: the proof's own words come last."""
    return [*contexts, context("proof")[1]]
