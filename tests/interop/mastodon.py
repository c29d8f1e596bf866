"""A small model of Mastodon: what it takes in, what it shows, what it asks of an actor.

Written from its documented behaviour and from what its source does (versions 4.4 to 4.7);
none of its code is here. It refuses what Mastodon drops or answers with an error.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from tests.cast import AS2, PUBLIC, Got

Document = dict[str, Any]
SUPPORTED = {"Note", "Question"}
CONVERTED = {"Image", "Audio", "Video", "Article", "Page", "Event"}
ACTORS = {"Application", "Group", "Organization", "Person", "Service"}
USERNAME = r"[a-z0-9_]+([.-]+[a-z0-9_]+)*"


def host(uri: Any) -> str:
    """Host and port of a web address, "" of anything else."""
    parts = urlsplit(uri) if isinstance(uri, str) else urlsplit("")
    return parts.netloc if parts.scheme in {"http", "https"} else ""


def id_of(value: Any) -> str:
    """The id of what is named or embedded."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def moment(value: Any) -> datetime:
    """A time on the wire.

    Raises:
        ValueError: it is none.
    """
    return datetime.fromisoformat(str(value).replace("Z", "+00:00"))


@dataclass(frozen=True)
class Shown:
    """A post as people see it: `text` is HTML, `warning` hides it until a click."""

    title: str
    text: str
    warning: str
    language: str
    link: str
    public: bool


def renders(obj: Document) -> Shown:
    """A Note by its content; an Event by its name and summary, and by nothing else of it."""
    note = obj["type"] in SUPPORTED
    maps = [obj.get(f"{name}Map") or {} for name in ("content", "name", "summary")]
    text = obj.get("content") or next(iter(maps[0].values()), "")
    return Shown(
        title="" if note else obj.get("name", ""),
        text=text if note else obj.get("summary", ""),
        warning=obj.get("summary") or "" if note else "",
        language=next((next(iter(each)) for each in maps if each), ""),
        link=obj["url"] if isinstance(obj.get("url"), str) else obj["id"],
        public=PUBLIC in obj.get("to", []),
    )


@dataclass
class Mastodon:
    """A server whose user follows the senders; `posts` are what it keeps, by id."""

    posts: dict[str, Document] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    boosts: set[tuple[str, str]] = field(default_factory=set)
    profiles: dict[str, Document] = field(default_factory=dict)

    def accepts(self, letter: Document) -> str:
        """What comes of a letter: "done", "ignored" (it has no use for it), or why it is wrong."""
        context = letter.get("@context")
        if AS2 not in (context if isinstance(context, list) else [context]):
            return "no ActivityStreams context"
        actor = id_of(letter.get("actor"))
        if not host(actor) or host(letter.get("id")) != host(actor):
            return "the id is not its actor's"
        act: Callable[[Document, str], str] | None = getattr(
            self, f"_{str(letter.get('type')).lower()}", None
        )
        return act(letter, actor) if act else "ignored"

    def _create(self, letter: Document, actor: str) -> str:
        obj = letter.get("object")
        wrong = self._wrong(obj, actor)
        if wrong or not isinstance(obj, dict):
            return wrong
        if obj["id"] in self.tombstones:
            return "ignored"
        self.posts.setdefault(obj["id"], obj)
        return "done"

    def _update(self, letter: Document, actor: str) -> str:
        obj = letter.get("object")
        if isinstance(obj, dict) and obj.get("type") in ACTORS:
            if obj.get("id") != actor:
                return "another actor's profile"
            self.profiles[actor] = obj
            return "done"
        wrong = self._wrong(obj, actor)
        if wrong or not isinstance(obj, dict):
            return wrong
        known = self.posts.get(obj["id"])
        if known is None:
            return self._create(letter, actor)
        before = moment(known.get("updated") or known["published"])
        if "updated" not in obj or moment(obj["updated"]) <= before:
            return "an edit that is not newer"
        self.posts[obj["id"]] = obj
        return "done"

    def _delete(self, letter: Document, actor: str) -> str:
        uri = id_of(letter.get("object"))
        if host(uri) != host(actor):
            return "another host's post"
        self.posts.pop(uri, None)
        self.tombstones.add(uri)
        return "done"

    def _announce(self, letter: Document, actor: str) -> str:
        uri = id_of(letter.get("object"))
        if not host(uri):
            return "nothing to fetch"
        moment(letter["published"])
        self.boosts.add((actor, uri))
        return "done"

    def _follow(self, letter: Document, actor: str) -> str:
        return "done" if host(letter.get("object")) and actor else "a Follow of nobody"

    def _accept(self, letter: Document, actor: str) -> str:
        inner = letter.get("object")
        if not isinstance(inner, dict):
            return "the Follow must be embedded"
        if inner.get("type") != "Follow":
            return "ignored"
        return "done" if id_of(inner.get("object")) == actor else "not its Follow to answer"

    _reject = _accept

    def _undo(self, letter: Document, actor: str) -> str:
        inner = letter.get("object")
        if not isinstance(inner, dict) or id_of(inner.get("actor")) != actor:
            return "not its own to undo"
        return "done" if inner.get("type") in {"Follow", "Announce", "Like", "Block"} else "ignored"

    def _wrong(self, obj: Any, actor: str) -> str:
        """Why a post can't be kept, "" when it can."""
        if not isinstance(obj, dict) or host(obj.get("id")) != host(actor):
            return "the object's host is not its actor's"
        if obj.get("type") not in SUPPORTED | CONVERTED:
            return "no type that is shown"
        if id_of(obj.get("attributedTo")) != actor:
            return "another author's"
        if PUBLIC not in obj.get("to", []):
            return "not public"
        if any("mediaType" not in each for each in obj.get("attachment", [])):
            return "an attachment without its media type"
        if not renders(obj).text:
            return "nothing to show"
        moment(obj["published"])
        return ""


def signature_lacks(got: Got, now: datetime) -> str:
    """What is missing in a request's draft-cavage signature, "" when nothing is.

    Whether the value holds is for others to say (test_active_boxes.py).
    """
    found = re.findall(r'([A-Za-z]+)="([^"]*)"', got.headers.get("Signature", ""))
    values = dict(found)
    if len(values) != len(found) or not {"keyId", "signature"} <= values.keys():
        return "keyId and signature, once each"
    if values.get("algorithm", "hs2019") not in {"rsa-sha256", "hs2019"}:
        return "the algorithm"
    signed = set(values.get("headers", "date").split())
    wants = {"date", "(request-target)", "digest" if got.method == "POST" else "host"}
    if not wants <= signed:
        return f"a signed {', '.join(sorted(wants - signed))}"
    sent = parsedate_to_datetime(got.headers["Date"])
    if not now - timedelta(minutes=65) <= sent <= now + timedelta(minutes=60):
        return "a date of today"
    if got.method == "POST":
        digest = base64.b64encode(hashlib.sha256(got.body).digest()).decode()
        if got.headers.get("Digest") != f"SHA-256={digest}":
            return "the body's digest"
    return ""


def actor_lacks(
    actor: Document, fetch: Callable[[str], Document], webfinger: Callable[[str], Document]
) -> list[str]:
    """What an actor's document is missing, as Mastodon reads it.

    `fetch` gives a document by its address, `webfinger` the JRD of `acct:NAME@HOST`.
    """
    uri, key = actor["id"], actor.get("publicKey", {})
    fields = actor.get("attachment", [])
    checks = {
        "the context": AS2 in actor["@context"],
        "a type of actor": actor["type"] in ACTORS,
        "a username": re.fullmatch(USERNAME, actor["preferredUsername"], re.IGNORECASE),
        "an inbox": host(actor["inbox"]),
        "collections": all(host(actor[name]) for name in ("outbox", "followers", "following")),
        "a shared inbox on its host": host(actor["endpoints"]["sharedInbox"]) == host(uri),
        "a short plain name": 0 < len(actor["name"]) <= 2048 and "<" not in actor["name"],
        "a summary of 20 kB": len(actor.get("summary", "")) <= 20_000,
        "a url on its host": host(actor["url"]) == host(uri),
        "fields": isinstance(fields, list) and len(fields) <= 50,
        "its key": (key["id"].partition("#")[0], key["owner"]) == (uri, uri),
        "a PEM": key["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----\n"),
        "a lock": isinstance(actor["manuallyApprovesFollowers"], bool),
        "flags": isinstance(actor["discoverable"], bool) and isinstance(actor["indexable"], bool),
        "a join date": moment(actor["published"]),
        "counters": all(
            isinstance(fetch(actor[name])["totalItems"], int)
            for name in ("outbox", "followers", "following")
        ),
        "a network to see": all(
            fetch(actor[name]).get("first") for name in ("followers", "following")
        ),
        "a WebFinger loop": loops(actor, webfinger),
    }  # fmt: skip
    return [name for name, holds in checks.items() if not holds]


def loops(actor: Document, webfinger: Callable[[str], Document]) -> bool:
    """Whether the handle leads to the actor, and to itself."""
    handle = actor.get("webfinger") or f"{actor['preferredUsername']}@{host(actor['id'])}"
    subject = f"acct:{handle.removeprefix('acct:')}"
    jrd = webfinger(subject)
    if jrd["subject"].lower() != subject.lower():
        jrd = webfinger(jrd["subject"])
    kinds = {"application/activity+json", f'application/ld+json; profile="{AS2}"'}
    links = [each for each in jrd["links"] if each["rel"] == "self" and each.get("type") in kinds]
    return bool(links) and links[0]["href"] == actor["id"]


def verified_link(html: str) -> str:
    """The address that a profile field can earn a tick for: one link, whose text is its address."""
    match = re.fullmatch(r'<a href="(https://[^"]+)"([^>]*)>([^<]*)</a>', html)
    return match[1] if match and match[1] == match[3] and "me" in match[2] else ""
