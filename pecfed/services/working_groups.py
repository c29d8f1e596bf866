"""On a node: the working groups of its hubs, whom its actors follow and what they address."""

from __future__ import annotations

from collections.abc import Sequence

from pecfed import clock
from pecfed.domain.content import Content
from pecfed.domain.uris import Uris
from pecfed.services import follow
from pecfed.store import actors, hub_groups, memberships
from pecfed.store.actors import LocalActor
from pecfed.store.database import Row, Session


async def address(
    session: Session, actor: LocalActor, object_uri: str, content: Content
) -> Sequence[Row]:
    """The groups that an object goes to: group_uri and inbox of each.

    Those of its working group at each hub where its author is a member, and those that an
    earlier version went to, so that they hear of the correction.
    """
    wanted = getattr(content, "working_group", "")
    if wanted:
        groups = [
            group
            for group in await hub_groups.of_member(session, actor.id)
            if group["working_group"] == wanted
        ]
        await hub_groups.address(session, object_uri, groups)
    return await hub_groups.addressed(session, object_uri)


async def keep_up(session: Session, uris: Uris, actor: LocalActor) -> None:
    """Follow the groups that the profile names, at each hub of which our actor is a member.

    Groups of hubs that is not (any more) so, or that the profile doesn't name, are unfollowed.
    """
    known = await hub_groups.of_member(session, actor.id)
    names = set(actor.profile.working_groups)
    wanted = {group["uri"]: group["inbox"] for group in known if group["working_group"] in names}
    for group in await hub_groups.followed(session, actor.id):
        if group["uri"] not in wanted:
            await follow.stop(session, uris, actor, group["uri"], group["inbox"])
    for uri, inbox in wanted.items():
        await follow.start(session, uris, actor, uri, inbox)


async def look_again(session: Session, hub_uri: str) -> None:
    """A hub took an actor of ours in, or changed its profile: its groups are read soon."""
    if await memberships.is_hub(session, hub_uri):
        await hub_groups.due(session, hub_uri, clock.now_ms())


async def were_read(
    session: Session, uris: Uris, hub_uri: str, groups: Sequence[tuple[str, str, str]]
) -> None:
    """A hub has these groups (the charter's id, uri and inbox of each): follow them."""
    await hub_groups.replace(session, hub_uri, groups)
    for actor_id in await memberships.actors_at(session, hub_uri):
        await keep_up(session, uris, await actors.by_id(session, actor_id, hold=True))
