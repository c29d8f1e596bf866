"""Strangers in memory: bounded by number and by size, whatever they send."""

from __future__ import annotations

from pecfed.federation.strangers import MOST, MOST_CHARACTERS, Met, Strangers
from pecfed.store.remotes import RemoteActor


def a_stranger(number: int, size: int = 10) -> Met:
    """An actor with a document of that many characters."""
    uri = f"https://s{number}.example/a"
    return Met(
        RemoteActor(uri, "Person", "a@s.example", "A", f"{uri}/i", f"{uri}/i", "x" * size, 0, None),
        [],
        kept=False,
    )


def test_the_oldest_are_forgotten() -> None:
    """Too many of them."""
    strangers = Strangers()
    for number in range(MOST + 3):
        strangers.add(a_stranger(number))
    assert strangers.get("https://s2.example/a") is None
    assert strangers.get("https://s3.example/a") is not None


def test_large_documents_leave_room_for_few() -> None:
    """Their size counts together, once each, and no more after they were kept."""
    strangers, size = Strangers(), MOST_CHARACTERS // 4
    for number in (1, 1, 2, 3, 4):
        strangers.add(a_stranger(number, size))
    assert all(strangers.get(f"https://s{number}.example/a") for number in (1, 2, 3, 4))
    strangers.forget("https://s2.example/a")
    strangers.add(a_stranger(5, size))
    assert strangers.get("https://s1.example/a") is not None
    strangers.add(a_stranger(6, size))
    assert strangers.get("https://s1.example/a") is None
