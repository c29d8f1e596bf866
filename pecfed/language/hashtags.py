"""The hashtags of `vocab/v1/hashtags.toml`, which posts carry by themselves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from pecfed.shipped import shipped


@cache
def _all() -> Mapping[str, Any]:
    return tomllib.loads((shipped("vocab") / "v1" / "hashtags.toml").read_text(encoding="utf-8"))


def community() -> str:
    """The community's own hashtag, without its `#`."""
    return str(_all()["community"])


def of_kind(kind: str) -> Mapping[str, str]:
    """The hashtag of a kind of post by language; empty where it has none."""
    found: Mapping[str, str] = _all().get(kind, {})
    return found
