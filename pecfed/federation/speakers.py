"""Letting a node speak for an actor: its keys on disk, then its row."""

from __future__ import annotations

from pecfed.domain.profile import Profile
from pecfed.federation.node import Node
from pecfed.services import setup
from pecfed.store.database import Session


async def add_speaker(node: Node, username: str, card: str, name: str) -> None:
    """Make keys for an actor and let the node speak for it.

    Raises:
        UsageError: it already does.
    """
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
