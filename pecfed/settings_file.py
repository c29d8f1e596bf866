"""Writes the settings of a new node into its folder (a leaf room)."""

from __future__ import annotations

import os
from dataclasses import fields

from pecfed.settings import BY_NAME, FILE_NAME, Settings


def write(settings: Settings) -> None:
    """Write `DIR/pecfed.toml` (mode 0600, a database address may hold a password)."""
    lines = ["# The settings of this node; docs/operate.md explains each.\n"]
    for field in fields(settings):
        if field.name not in BY_NAME:
            continue
        value = getattr(settings, field.name)
        if value == BY_NAME[field.name].default and field.name not in {
            "role",
            "url",
            "database",
            "language",
        }:
            continue
        written = str(value).lower() if isinstance(value, bool | int) else _quoted(value)
        lines.append(f"{field.name} = {written}\n")
    path = settings.dir / FILE_NAME
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("".join(lines))


def _quoted(text: str) -> str:
    """A text as a TOML basic string."""
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x20 or c in '"\\\x7f' else c for c in text)
    return f'"{escaped}"'
