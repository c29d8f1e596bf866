"""Who may make this node keep something: the rule of the design, section 3, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pecfed.domain.conversation import DEAF, REACTIONS
from pecfed.domain.membership import State
from pecfed.domain.uris import Uris, same_origin
from pecfed.language.wire import as_uri, embedded, one_or_many, type_of
from pecfed.store import conversations, follows, invitations, members, memberships, objects
from pecfed.store.database import Session

Verdict = Literal["known", "stranger", "not heard"]
_REVIEWED: frozenset[State] = frozenset({"asked", "suspended"})
UNDONE = frozenset({"Follow", "Join", *REACTIONS})
"""What an Undo can take back here."""
MAX_NAMED = 20  # addresses of ours that one activity is asked about


@dataclass(frozen=True, slots=True)
class Named:
    """What of ours an activity names: actors and objects by id, a message kept earlier.

    `unclear` is the Undo of an id alone: only the database of its sender knows of what.
    """

    actors: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    message: str = ""
    unclear: bool = False

    @property
    def nothing(self) -> bool:
        """Whether it can't concern us."""
        return not (self.actors or self.objects or self.message or self.unclear)


def named(kind: str, activity: Mapping[str, Any], uris: Uris, *, is_hub: bool) -> Named:
    """What of ours an activity names in the places that count for its type; nothing is asked."""
    obj = activity.get("object")
    inner = embedded(obj)
    if kind == "Undo":
        undone = type_of(inner)
        if undone and undone not in UNDONE:
            return Named()
        if undone and inner.get("object"):
            return named(undone, inner, uris, is_hub=is_hub)
        return Named(unclear=same_origin(as_uri(obj), as_uri(activity.get("actor"))))
    if kind == "Follow":
        return Named(actors=_ours(uris, obj))
    if kind in {"Join", "Leave"}:
        about = _ours(uris, obj)
        joined = [uris.instance if uri == uris.directory else uri for uri in about]
        return Named(
            actors=tuple(joined) if is_hub else (), objects=about if kind == "Join" else ()
        )
    if kind in REACTIONS:
        return Named(objects=_ours(uris, obj))
    if kind == "Flag":
        about = _ours(uris, *one_or_many(obj))
        return Named(actors=about, objects=about)
    if kind in {"Create", "Update"}:
        hrefs = [
            tag.get("href") for tag in one_or_many(inner.get("tag")) if isinstance(tag, Mapping)
        ]
        addressed = [
            value
            for document in (inner, activity)
            for name in ("to", "cc")
            for value in one_or_many(document.get(name))
        ]
        return Named(
            actors=_ours(uris, *addressed, *hrefs),
            objects=_ours(uris, inner.get("inReplyTo")),
            message=as_uri(obj) if kind == "Update" else "",
        )
    return Named(message=as_uri(obj) if kind == "Delete" else "")


def _ours(uris: Uris, *values: object) -> tuple[str, ...]:
    """Those that are addresses of this node, each once, a bounded number of them."""
    start, found = f"{uris.base}/", dict[str, None]()
    for value in values:
        uri = as_uri(value)
        if uri.startswith(start) and len(uri) < 500:
            found[uri] = None
            if len(found) == MAX_NAMED:
                break
    return tuple(found)


async def may_keep(
    session: Session, kind: str, actor_uri: str, activity: Mapping[str, Any], uris: Uris, *,
    is_hub: bool
) -> Verdict:  # fmt: skip
    """Whether an activity of that type, by that actor, is kept at all, and whose it is.

    A hub hears its members (and applicants), a node the hubs it joined and the actors
    it follows; both hear followers about themselves. Of strangers a Follow of an actor
    of ours and its Undo are kept, what concerns their own membership, and what is said
    of something that is ours: one look at the activity, and one query. Applicants are
    heard, within the bounds of strangers: anybody can apply.
    """
    state = await members.state_of(session, actor_uri)
    if (
        state == "member"
        or await follows.is_followed(session, actor_uri)
        or await memberships.is_hub(session, actor_uri)
    ):
        return "known"
    if state in _REVIEWED:
        return "stranger"
    if is_hub and await _of_a_member(session, kind, actor_uri, activity):
        return "stranger"
    if kind in {"Create", "Join"} and await invitations.is_open(session, actor_uri):
        return "stranger"  # it was asked, and may answer
    about = named(kind, activity, uris, is_hub=is_hub)
    if about.nothing:
        return "not heard"
    but = DEAF if kind in {"Create", "Update"} else ()
    if about.unclear or await conversations.concerns(
        session, actor_uri, about.actors, about.objects, about.message, but
    ):
        return "stranger"
    if kind in {"Update", "Delete"} and await follows.is_follower(session, actor_uri):
        return "stranger"
    return "not heard"


async def _of_a_member(
    session: Session, kind: str, actor_uri: str, activity: Mapping[str, Any]
) -> bool:
    """Whether it is about what a member of the sender's own server publishes.

    A person of Mobilizon acts for a group, an account of PeerTube for a channel. It is
    only a hint: the object is asked for at its origin.
    """
    obj = activity.get("object")
    if kind not in {"Create", "Update", "Delete"} or not same_origin(as_uri(obj), actor_uri):
        return False
    authors = [as_uri(each) for each in one_or_many(embedded(obj).get("attributedTo"))[:5]]
    if kind == "Delete" and not authors:
        known = await objects.get(session, as_uri(obj))
        authors = [known.actor_uri] if known else []
    near = [uri for uri in authors if uri != actor_uri and same_origin(uri, actor_uri)]
    return any([await members.state_of(session, uri) == "member" for uri in near])
