"""Other people's plain text made into markup: the only file that vouches for any.

What members write is text, never HTML. It is escaped first; then line breaks become
paragraphs and bare https addresses become links.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from markupsafe import Markup, escape

from pecfed.exports.items import web_url

REL = "nofollow ugc noopener"
_AROUND = "()[]{}«»“”\"'‘’\u00a0\u202f"
_AFTER = _AROUND + ".,;:!?…"


def paragraphs(text: str) -> Markup:
    """A text as paragraphs: an empty line parts them, a line break stays one."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return Markup().join(
        Markup("<p>{}</p>").format(Markup("<br>\n").join(linked(line) for line in block))
        for block in blocks
        if block
    )


def linked(line: str) -> Markup:
    """One line, its https addresses as links."""
    return Markup(" ").join(_word(word) for word in line.split(" "))


def _word(word: str) -> Markup:
    """One word: a link where it is an address, without the punctuation around it."""
    core = word.lstrip(_AROUND)
    if not core.startswith("https://"):
        return escape(word)
    before = word[: len(word) - len(core)]
    address = core.rstrip(_AFTER)
    if core[len(address) :].startswith(")") and "(" in address:
        address += ")"  # as in …/wiki/Commun_(économie)
    url = web_url(address)
    if url is None:
        return escape(word)
    link = Markup('<a href="{}" rel="{}">{}</a>').format(url, REL, shown(url))
    return escape(before) + link + escape(core[len(address) :])


def shown(url: str) -> str:
    """An address as a reader sees it: without its scheme, and cut where it is long."""
    text = url.partition("://")[2].rstrip("/")
    return text if len(text) <= 72 else text[:71] + "…"


def host(url: str) -> str:
    """The host of an address, for naming a source."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def hidden(name: str, value: str) -> Markup:
    """A field of a form that isn't shown."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
