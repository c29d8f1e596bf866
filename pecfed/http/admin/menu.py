"""What the admin's menu leads to: one line each."""

from __future__ import annotations

from typing import NamedTuple

from pecfed.domain.account import Role


class Item(NamedTuple):
    """One line: where it leads, its word (`admin.menu.NAME`), who sees it, whether at hubs only."""

    path: str
    word: str
    role: Role
    hub: bool = False


# fmt: off
MENU: tuple[Item, ...] = (
    Item("/admin",         "start",   "observer"),
    Item("/admin/queue",   "queue",   "observer"),
    Item("/admin/notices", "notices", "observer"),
    Item("/admin/assessment", "assessment", "observer"),
    Item("/admin/requests", "requests", "observer"),
    Item("/admin/contest", "contest", "observer"),
    Item("/admin/account", "account", "observer"),
)
# fmt: on
