"""The grammar of the federation on one screen: one file each, one line each in these tables.

`handle(node, received)` reads what it must from the network and returns the
effect: a function that changes the store, run in one transaction with the mark
that this activity is done. None means it concerns us not; a text says why.

`build(activity, actor, uris, settings)` writes one of ours for the wire.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from pecfed.domain.uris import Uris
from pecfed.federation.activities import (
    accept,
    add,
    announce,
    create,
    delete,
    flag,
    follow,
    ignore,
    join,
    leave,
    like,
    move,
    reject,
    remove,
    undo,
    update,
)
from pecfed.federation.node import Node
from pecfed.federation.received import Effect, Received
from pecfed.language.wire import Document
from pecfed.settings import Settings
from pecfed.store.activities import Activity
from pecfed.store.actors import LocalActor

Handler = Callable[[Node, Received], Awaitable[Effect | str]]
Builder = Callable[[Activity, LocalActor, Uris, Settings], Document]

HANDLERS: Mapping[str, Handler] = {
    "Accept": accept.handle,
    "Add": add.handle,
    "Announce": announce.handle,
    "Create": create.handle,
    "Delete": delete.handle,
    "EmojiReact": like.handle,
    "Flag": flag.handle,
    "Follow": follow.handle,
    "Join": join.handle,
    "Leave": leave.handle,
    "Like": like.handle,
    "Move": move.handle,
    "Reject": reject.handle,
    "Remove": remove.handle,
    "Undo": undo.handle,
    "Update": update.handle,
}
BUILDERS: Mapping[str, Builder] = {
    "Accept": accept.build,
    "Add": add.build,
    "Announce": announce.build,
    "Create": create.build,
    "Delete": delete.build,
    "Follow": follow.build,
    "Ignore": ignore.build,
    "Join": join.build,
    "Leave": leave.build,
    "Move": move.build,
    "Reject": reject.build,
    "Remove": remove.build,
    "Undo": undo.build,
    "Update": update.build,
}


def build(activity: Activity, actor: LocalActor, uris: Uris, settings: Settings) -> Document:
    """An activity of ours in its wire form."""
    return BUILDERS[activity.type](activity, actor, uris, settings)
