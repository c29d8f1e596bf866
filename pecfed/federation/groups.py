"""Working groups on the wire: made from the charter, found at a hub, addressed by members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pecfed.domain.profile import Profile
from pecfed.domain.text import clean
from pecfed.domain.uris import PUBLIC_SPELLINGS, same_origin
from pecfed.errors import FetchError
from pecfed.federation import html
from pecfed.federation.foreign import addressed
from pecfed.federation.gathering import UNKNOWN_KIND, hinted
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.charter import WorkingGroup, charter
from pecfed.language.wire import as_link, as_uri, one_or_many, parse, text_by_language, type_of
from pecfed.services import groups, log, setup
from pecfed.services.groups import Offered
from pecfed.store import actors, passed_on
from pecfed.store.database import Session

PASSED_TYPES = frozenset(
    {"Note", "Article", "Page", "Event", "Question", "Video", "Audio", "Image", "Document"}
)
"""What a group announces: things people read, no activity and no actor."""
UNFIT = frozenset({"older than ours", "withdrawn before", "somebody else's", "of another kind"})
"""What the directory says of an object that a group doesn't announce either."""
MAX_GROUPS = 20
TITLE = 120  # characters


async def make_groups(node: Node) -> list[str]:
    """Let a hub speak for the charter's working groups; the names of those made or changed.

    Which version of the charter that is, is written into the log.
    One whose name another actor of this node has is left out.
    """
    await node.database.write(log.present_charter)
    groups_ = charter().working_groups
    return [group.username for group in groups_ if await _make_group(node, group)]


async def _make_group(node: Node, group: WorkingGroup) -> bool:
    """Make one group, or bring its profile in step; whether anything was new."""
    language = node.settings.language
    found = await node.database.write(
        lambda session: groups.keep_described(session, node.uris, group, language)
    )
    if found != "missing":
        return found == "changed"
    name, summary = groups.describe(group, language)
    rsa_public, ed25519_public = node.keyring.files.make(group.username)

    async def add(session: Session) -> bool:
        if await actors.called(session, group.username) is not None:
            return False  # another process was faster, or it is somebody's former name
        await setup.add_actor(
            session,
            node.uris,
            username=group.username,
            card="group",
            profile=Profile(name, summary),
            rsa_public=rsa_public,
            ed25519_public=ed25519_public,
        )
        return True

    return await node.database.write(add)


def _addressed(*documents: Mapping[str, Any]) -> set[str]:
    """Everybody that an activity or its object is addressed to."""
    return {
        uri
        for document in documents
        for name in ("to", "cc", "audience")
        for uri in addressed(document.get(name))
    }


async def passing_on(node: Node, received: Received, kept: Effect | str) -> Effect | str:
    """The effect `kept` of a Create or Update, and what our groups make of it.

    They pass on what is its sender's own, public, and of a kind that people read; the object
    as embedded, else as its origin serves it.

    Raises:
        FetchError: it is given by its id alone, and its origin can't be read.
    """
    if not node.settings.is_hub or (isinstance(kept, str) and kept != UNKNOWN_KIND):
        return kept
    document = received.inner
    ours = {to for to in _addressed(received.activity, document) if node.uris.is_ours(to)}
    if not ours and received.type != "Update":
        return kept
    if not document:
        document = await node.fetcher.document(received.object_uri)
    uri, author = as_uri(document.get("id")), as_uri(document.get("attributedTo"))
    if (
        type_of(document) not in PASSED_TYPES
        or author != received.actor_uri
        or uri != received.object_uri
        or not same_origin(uri, author)
        or not _addressed(document if "to" in document else received.activity) & PUBLIC_SPELLINGS
    ):
        return kept
    offered = Offered(
        verb="Update" if received.type == "Update" else "Create",
        object_uri=uri,
        author_uri=author,
        title=_title(document),
        url=as_link(document.get("url")),
        groups=ours,
        activity=received.activity,
    )
    return _and(node, kept, offered, received.actor_uri)


def pointing_on(node: Node, received: Received, kept: Effect | str) -> Effect | str:
    """The effect of an Announce, and of our groups', where a member points them to something.

    Only what the directory keeps is announced by them, by its id: an Announce of another
    Announce, of ours or of a stranger's thing goes no further.
    """
    if not node.settings.is_hub or isinstance(kept, str):
        return kept
    ours = {to for to in _addressed(received.activity) if node.uris.is_ours(to)}
    if not ours:
        return kept

    async def effect(session: Session) -> str:
        note = await kept(session)
        found = await groups.directory_object(session, hinted(received))
        if found is None or note in UNFIT - {"older than ours"}:
            return note
        offered = Offered("Announce", found.uri, found.actor_uri, "", found.url, ours, None)
        return _told(note, await groups.pass_on(session, node.uris, offered, received.actor_uri))

    return effect


def _and(node: Node, kept: Effect | str, offered: Offered, sender_uri: str) -> Effect:
    async def effect(session: Session) -> str:
        note = kept if isinstance(kept, str) else await kept(session)
        if note in UNFIT:
            return note
        return _told(note, await groups.pass_on(session, node.uris, offered, sender_uri))

    return effect


def _told(note: str, names: list[str]) -> str:
    return f"{note}, passed on by {', '.join(names)}" if names else note


def deleting(node: Node, received: Received, kept: Effect) -> Effect:
    """The effect `kept` of a Delete, which the groups that announced the object pass on."""

    async def effect(session: Session) -> str:
        before = await passed_on.of_object(session, received.object_uri)
        note = await kept(session)
        names = await groups.deleted(
            session, node.uris, before, received.activity, received.actor_uri
        )
        return _told(note, names)

    return effect if node.settings.is_hub else kept


def _title(document: Mapping[str, Any]) -> str:
    """What a list calls it: its name, else the beginning of what it says."""
    for name in ("name", "content", "summary"):
        for text in text_by_language(document, name).values():
            if shown := html.plain(text, TITLE * 4):
                line = " ".join(shown.split())
                return clean(line if len(line) <= TITLE else f"{line[: TITLE - 1]}…", TITLE)
    return ""


async def read_groups(node: Node, hub_uri: str) -> list[tuple[str, str, str]]:
    """The working groups that a hub names: the charter's id, uri and inbox of each.

    Each is read from its own address, which must be the hub's, and names its working group.

    Raises:
        FetchError: the hub or one of them can't be read now.
    """
    hub = await node.remotes.refresh(hub_uri)
    known = {group.id for group in charter().working_groups}
    found: dict[str, tuple[str, str, str]] = {}
    named = one_or_many(parse(hub.document.encode()).get("workingGroups"))[:MAX_GROUPS]
    for uri in map(as_uri, named):
        if not same_origin(uri, hub_uri) or uri == hub_uri:
            continue
        try:
            actor = await node.remotes.refresh(uri)
        except FetchError as error:
            if error.retry:
                raise
            continue
        group = parse(actor.document.encode()).get("workingGroup")
        if isinstance(group, str) and group in known and actor.type == "Group":
            found.setdefault(group, (group, actor.uri, actor.shared_inbox))
    return list(found.values())
