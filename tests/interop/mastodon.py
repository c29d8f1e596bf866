"""A small model of Mastodon: what it takes in, what it shows, what it asks of an actor.

Written from its documented behaviour and from what its source does (versions 4.4 to 4.7);
none of its code is here. It refuses what Mastodon drops or answers with an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.cast import AS2
from tests.interop.timeline import Document, kind, many, moment, renders

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


@dataclass
class Mastodon:
    """A server of a user who follows `followed` (None: whoever sends); it keeps `posts` by id.

    `fetch` gives what stands at an address, as its signed GET would.
    """

    followed: set[str] | None = None
    here: str = "https://mastodon.example"
    fetch: Callable[[str], Document | None] = lambda _: None
    posts: dict[str, Document] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    boosts: set[tuple[str, str]] = field(default_factory=set)
    profiles: dict[str, Document] = field(default_factory=dict)
    pinned: dict[str, list[str]] = field(default_factory=dict)
    edits: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

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

    def _follows(self, actor: str) -> bool:
        return self.followed is None or actor in self.followed

    def _concerns(self, obj: Document, actor: str) -> bool:
        """Whether a post is related to anybody here; others are dropped without a word."""
        answered = id_of(obj.get("inReplyTo"))
        named = [*many(obj.get("to")), *many(obj.get("cc"))]
        named += [
            each.get("href") for each in many(obj.get("tag")) if each.get("type") == "Mention"
        ]
        return (
            self._follows(actor)
            or answered.startswith(f"{self.here}/")
            or answered in self.posts
            or any(str(each).startswith(f"{self.here}/users/") for each in named)
        )

    def _create(self, letter: Document, actor: str) -> str:
        obj = letter.get("object")
        if isinstance(obj, str):
            obj = self.fetch(obj) if host(obj) == host(actor) else None
        wrong = self._wrong(obj, actor)
        if wrong or not isinstance(obj, dict):
            return wrong
        if obj["id"] in self.tombstones or not self._concerns(obj, actor):
            return "ignored"
        known = self.posts.setdefault(obj["id"], obj)
        return "done" if id_of(known["attributedTo"]) == actor else "another author's"

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
            old = datetime.now(UTC) - moment(obj["published"]) > timedelta(days=1)
            return "ignored" if old else self._create(letter, actor)
        before = moment(known.get("updated") or known["published"])
        if moment(obj.get("updated") or obj["published"]) > before:
            self.posts[obj["id"]] = obj
            self.edits.append(obj["id"])
            return "done"
        return self._recount(known, obj)

    def _recount(self, known: Document, obj: Document) -> str:
        """Its "implicit update": an unchanged `updated` brings a poll's tally, never a text."""
        if kind(obj) != "Question":
            return "an edit that is not newer"
        if obj.get("updated") != known.get("updated"):
            return "ignored"
        for name in ("oneOf", "anyOf", "votersCount", "closed", "endTime"):
            if name in obj:
                known[name] = obj[name]
        return "done"

    def _delete(self, letter: Document, actor: str) -> str:
        uri = id_of(letter.get("object"))
        if host(uri) != host(actor):
            return "another host's post"
        if uri == actor:
            self.profiles.pop(actor, None)
            for post in [each for each, obj in self.posts.items() if author(obj) == actor]:
                del self.posts[post]
            return "done"
        known = self.posts.get(uri)
        if known is not None and author(known) != actor:
            return "another author's"
        self.posts.pop(uri, None)
        self.tombstones.add(uri)  # for good; before its Create, for six hours
        return "done"

    def _announce(self, letter: Document, actor: str) -> str:
        uri = id_of(letter.get("object"))
        if not host(uri):
            return "nothing to fetch"
        moment(letter["published"])
        known = self.posts.get(uri)
        if known is not None and renders(known).visibility in {"private", "direct"}:
            return "not for everybody"
        if not self._follows(actor) and not uri.startswith(f"{self.here}/"):
            return "ignored"
        self.boosts.add((actor, uri))
        return "done"

    def _follow(self, letter: Document, actor: str) -> str:
        return "done" if host(letter.get("object")) and actor else "a Follow of nobody"

    def _accept(self, letter: Document, actor: str) -> str:
        inner = letter.get("object")
        if isinstance(inner, str):
            return "done" if self.asked.get(inner) == actor else "a Follow it never sent"
        if not isinstance(inner, dict):
            return "the Follow must be embedded"
        if inner.get("type") != "Follow":
            return "ignored"
        return "done" if id_of(inner.get("object")) == actor else "not its Follow to answer"

    _reject = _accept

    def _undo(self, letter: Document, actor: str) -> str:
        inner = letter.get("object")
        if isinstance(inner, str):
            return "done" if host(inner) == host(actor) else "not its own to undo"  # but no Like
        if not isinstance(inner, dict) or id_of(inner.get("actor")) != actor:
            return "not its own to undo"
        if inner.get("type") == "Announce":
            self.boosts.discard((actor, id_of(inner.get("object"))))
        known = {"Follow", "Announce", "Like", "Block", "Accept"}
        return "done" if inner.get("type") in known else "ignored"

    def _move(self, letter: Document, actor: str) -> str:
        target = id_of(letter.get("target"))
        if id_of(letter.get("object")) != actor:
            return "not its own to move"
        if actor not in many((self.fetch(target) or {}).get("alsoKnownAs")):
            return "the target doesn't know of it"
        self.moved[actor] = target
        return "done"

    def _add(self, letter: Document, actor: str) -> str:
        profile = self.profiles.get(actor) or self.fetch(actor) or {}
        if not profile.get("featured") or id_of(letter.get("target")) != profile["featured"]:
            return "ignored"
        pins = self.pinned.setdefault(actor, [])
        pins[:] = [uri for uri in pins if uri != id_of(letter.get("object"))]
        if letter["type"] == "Add":
            pins.append(id_of(letter.get("object")))
        return "done"

    _remove = _add

    def _flag(self, letter: Document, _actor: str) -> str:
        return "done" if many(letter.get("object")) else "a report of nothing"

    def _like(self, letter: Document, _actor: str) -> str:
        return "done" if host(id_of(letter.get("object"))) else "a Like of nothing"

    def _wrong(self, obj: Any, actor: str) -> str:
        """Why a post can't be kept, "" when it can."""
        if not isinstance(obj, dict) or host(obj.get("id")) != host(actor):
            return "the object's host is not its actor's"
        if not kind(obj):
            return "no type that is shown"
        if author(obj) != actor:
            return "another author's"
        shown = renders(obj)
        if not shown.text and not shown.title and not shown.media and not shown.options:
            return "nothing to show"
        for name in ("published", "updated"):
            if name in obj:
                moment(obj[name])
        return ""


def author(obj: Document) -> str:
    """Whose post it is; of several, the first."""
    return id_of(next(iter(many(obj.get("attributedTo"))), None))


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
