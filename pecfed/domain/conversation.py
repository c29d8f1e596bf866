"""What others say of what is ours, and how much of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MAX_TEXT = 5000  # characters of a message
MAX_LINKS = 10
MAX_ABOUT = 2000  # messages about one object or actor
MAX_OF_ACTOR = 100  # messages of one actor in a day
MAX_OF_HOST = 1000  # messages of one host in a day
MAX_REACTIONS = 20_000  # likes, and as many boosts, of one object
MAX_REACTIONS_OF_HOST = 2000  # of them from one host
MAX_REPORTS = 1000  # that are open
MAX_REPORTS_OF_HOST = 20
MAX_REPORTED = 20  # things that one report is about

DEAF = ("group", "instance")
"""Cards whose actors nobody reads mentions for."""
Reaction = Literal["like", "share"]
REACTIONS: Mapping[str, Reaction] = {"Like": "like", "EmojiReact": "like", "Announce": "share"}
"""Activities that are counted, by what they count as."""


@dataclass(frozen=True, slots=True)
class Said:
    """A note of somebody else's as plain text; times are milliseconds since 1970.

    `links` are the addresses that its text and attachments name, `language` a tag
    ("und" where it isn't told), `in_reply_to` an id or "". `vote` is the answer that
    a note without a text names: then it is a vote on a poll.
    """

    uri: str
    actor_uri: str
    content: str
    links: tuple[str, ...]
    language: str
    url: str
    is_public: bool
    in_reply_to: str
    published_at: int
    updated_at: int
    vote: str = ""
