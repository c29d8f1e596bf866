"""Pages of others that are searched for a link: however they are written, it takes no time."""

from __future__ import annotations

import time

from pecfed.federation import rel_me, resolve

WORD = "a" * 1990
TAGS = 500


def test_links_of_a_page_of_endless_words() -> None:
    """A megabyte of tags without an attribute holds up nobody."""
    begun = time.process_time()
    assert not any(rel_me.links_of(f"<link {WORD}>" * TAGS, "https://x.example/"))
    assert time.process_time() - begun < 2


def test_the_head_of_such_a_page() -> None:
    """The same where the page of somebody is looked for."""
    begun = time.process_time()
    assert resolve._in_head(f"<link {WORD}>" * TAGS) == ""
    assert time.process_time() - begun < 2
