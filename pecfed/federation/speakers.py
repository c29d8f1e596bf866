"""Letting a node speak for an actor: its keys on disk, then its row."""

from __future__ import annotations

from pecfed.domain.profile import Profile
from pecfed.errors import PecfedError
from pecfed.federation.keyfiles import ATTESTATION
from pecfed.federation.node import Node
from pecfed.services import keys, setup
from pecfed.services.rename import check_name, rename
from pecfed.store.actors import LocalActor
from pecfed.store.database import Session


async def rename_speaker(node: Node, actor: LocalActor, username: str) -> LocalActor:
    """Give an actor of ours another name; its key files follow it.

    Raises:
        UsageError: the name can't be had, or there are keys under it.
    """
    await node.database.read(lambda session: check_name(session, node.uris, actor, username))
    # both names lead to the keys until the database says which one it is
    node.keyring.files.link(actor.username, username)
    try:
        renamed = await node.database.write(
            lambda session: rename(session, node.uris, actor, username)
        )
    except PecfedError:
        node.keyring.files.unlink(username)
        raise
    node.keyring.files.unlink(actor.username)
    return renamed


async def make_attestation_key(node: Node) -> None:
    """Give the hub's actor a key for what it attests, if it has none."""
    hub = await node.database.read(setup.the_hub)
    if any(key.kind == "attestation" for key in hub.keys):
        return
    public = node.keyring.files.make_attestation(hub.username)
    await node.database.write(
        lambda session: keys.begin_attesting(session, hub, ATTESTATION, public)
    )


async def add_speaker(node: Node, username: str, card: str, name: str) -> None:
    """Make keys for an actor and let the node speak for it.

    Raises:
        UsageError: it already does.
    """
    # before there are keys of that name: they would stay
    await node.database.read(lambda session: setup.check_free(session, node.uris, username))
    rsa_public, ed25519_public = node.keyring.files.make(username)

    async def work(session: Session) -> None:
        await setup.add_actor(
            session,
            node.uris,
            username=username,
            card=card,
            profile=Profile(name),
            rsa_public=rsa_public,
            ed25519_public=ed25519_public,
        )

    await node.database.write(work)
