"""Whether an invited organisation is willing: its answer to our question, its link to us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from pecfed.domain import consent
from pecfed.domain.text import Texts
from pecfed.domain.uris import Uris, same_origin
from pecfed.federation import envelope, html, rel_me
from pecfed.federation.actor import profile_of
from pecfed.federation.foreign import addressed, authors, instant, plain_type
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document, as_uri, one_or_many, text_by_language
from pecfed.services import invitation, setup
from pecfed.store import invitations, members
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session
from pecfed.store.invitations import Invitation
from pecfed.store.remotes import RemoteActor

CLOCKS_DIFFER = 300_000  # milliseconds between our clock and that of the one who answers
ASKING: Texts = {
    "fr": "bonjour ! {hub} aimerait inscrire votre organisation dans son annuaire, avec ce que "
    "vous publiez déjà ici (événements, articles, vidéos, messages avec #{tag}), toujours avec "
    "un lien vers l’original. Rien n’est montré sans votre accord. Répondez « oui » ou « non » "
    "à ce message, ou placez un lien rel=me vers {page} dans votre profil. Vous pourrez "
    "partir quand vous voudrez.",
    "en": "hello! {hub} would like to list your organisation in its directory, with what you "
    "publish here already (events, articles, videos, notes with #{tag}), always with a link to "
    "the original. Nothing is shown unless you agree. Answer “yes” or “no” to this message, or "
    "put a rel=me link to {page} into your profile. You can leave whenever you like.",
}


def question(activity: Activity, hub: LocalActor, uris: Uris, hashtag: str) -> Document:
    """The Note that asks, to one actor alone, in both languages."""
    asked = activity.intent["invitation"]
    href, handle = asked["uri"], f"@{asked['handle']}"
    mention = f'<a href="{escape(href)}" class="u-url mention">{escape(handle)}</a>'
    page = uris.page(hub.username)
    told = {
        tag: f"<p>{mention} "
        + html.paragraphs(text.format(hub=hub.profile.name, tag=hashtag, page=page))[3:]
        for tag, text in ASKING.items()
    }
    document = envelope.obj(
        activity.object_uri, "Note", hub.uri, "note", asked["asked"], asked["asked"]
    )
    return document | {
        "to": [href],
        "cc": [],
        "content": "".join(told.values()),
        "contentMap": {"fr": told["fr"] + told["en"], "en": told["en"] + told["fr"]},
        "attachment": [],
        "tag": [{"type": "Mention", "href": href, "name": handle}],
    }


async def answered(node: Node, received: Received) -> Effect | str | None:
    """What a Note does that answers our question; None when it answers none.

    It must be the invited actor's own, from its own origin, and answer our question, or
    name the hub without answering anybody else and be written since we asked. What isn't
    a clear yes or no leaves the invitation open.

    Raises:
        FetchError: it is given by its id alone, and its origin can't be read.
    """
    asked = await _open(node, received.actor_uri)
    if asked is None or not same_origin(received.object_uri, received.actor_uri):
        return None
    document = received.inner
    if received.actor_uri not in authors(document):
        document = await node.fetcher.document(received.object_uri)
    hub = await node.database.read(setup.the_hub)
    if plain_type(document) != "Note" or authors(document) != [received.actor_uri]:
        return None
    hrefs = [each.get("href") for each in one_or_many(document.get("tag"))
             if isinstance(each, Mapping)]  # fmt: skip
    named = {*addressed(document.get("to")), *addressed(document.get("cc")), *map(as_uri, hrefs)}
    to_whom = as_uri(document.get("inReplyTo"))
    if to_whom != asked.note_uri and (to_whom or hub.uri not in named or _is_old(document, asked)):
        return None
    said = next(iter(text_by_language(document, "content").values()), "")
    if "<blockquote" in said.lower():
        return None  # whose words come first isn't clear
    willing = consent.answer(html.plain(said, 5000))
    if willing is None:
        return None
    actor = await node.remotes.refresh(received.actor_uri)
    uri = as_uri(document.get("id"))
    if willing:
        return agreeing(node, actor, "reply", uri)

    async def effect(session: Session) -> str:
        entry = await invitation.declined(session, actor, uri)
        return "declined" if entry else "nothing we asked"

    return effect


def _is_old(document: Mapping[str, Any], asked: Invitation) -> bool:
    """Whether a note says that it was written before we asked."""
    published = instant(document.get("published"))
    if not published:
        return False
    return datetime.fromisoformat(published).timestamp() * 1000 < asked.asked_at - CLOCKS_DIFFER


async def joined(node: Node, actor: RemoteActor, join_uri: str) -> Effect | None:
    """The effect of an invited actor's own Join; None where it wasn't invited."""
    asked = await _open(node, actor.uri)
    return agreeing(node, actor, "join", join_uri) if asked else None


async def _open(node: Node, actor_uri: str) -> Invitation | None:
    if not node.settings.is_hub:
        return None
    found = await node.database.read(lambda session: invitations.of_actor(session, actor_uri))
    return found if found is not None and found.state == "open" else None


def agreeing(node: Node, actor: RemoteActor, proof: consent.Proof, proof_uri: str) -> Effect:
    """The effect of an invited actor's agreement."""
    profile = profile_of(actor)

    async def effect(session: Session) -> str:
        hub = await setup.the_hub(session)
        entry = await invitation.agreed(session, node.uris, hub, actor, profile, proof, proof_uri)
        return "member" if entry else "nothing we asked"

    return effect


async def look(node: Node, asked: Invitation, leased_until: int | None = None) -> str:
    """Look for a link back to us now; where it was found, or "".

    What is found makes the actor a member. `leased_until`: `services/invitation.py: looked`.

    Raises:
        FetchError: the actor's origin can't be read at present.
    """
    actor = await node.remotes.refresh(asked.actor_uri)
    entry = await node.database.read(lambda s: members.by_id(s, asked.member_id))
    hub = await node.database.read(setup.the_hub)
    wanted = rel_me.addresses(node.uris, hub, entry.slug, actor.handle)
    where = await rel_me.links_to(node, actor, wanted)
    if where:
        await node.database.write(agreeing(node, actor, "link", where))
    else:
        await node.database.write(lambda s: invitation.looked(s, asked.member_id, leased_until))
    return where
