"""What makes us doubt that a member is still who it was: pure rules, for its label's sake.

Each alone is daily life: certificates are renewed every few weeks, keys are rotated, actors
move. Only what nobody but a thief or a new owner of the domain would do is told.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

Cause = Literal["taken-over", "moved-unproven"]
CAUSES: tuple[Cause, ...] = ("taken-over", "moved-unproven")


def is_taken_over(
    keys_before: Collection[str], keys: Collection[str], certificate_before: str, certificate: str
) -> bool:
    """Whether an actor's keys and its host's certificate changed at once, between two looks.

    One key that stayed is enough to be the same; where a certificate isn't known (""), or
    no key is listed, nothing can be said.
    """
    if not keys_before or not keys or not certificate_before or not certificate:
        return False
    return certificate != certificate_before and not set(keys_before) & set(keys)


def is_moved_unproven(moved_to: str, aliases_of_target: Collection[str] | None, uri: str) -> bool:
    """Whether an actor's document says that it moved, and the target doesn't agree (FEP-7628).

    None for a target that can't be read at present: nothing can be said then.
    """
    return bool(moved_to) and aliases_of_target is not None and uri not in aliases_of_target
