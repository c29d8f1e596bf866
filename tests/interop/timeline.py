"""What a Mastodon timeline makes of a post: the part of the model that people see.

After sections 3.1 and 3.4 of the interoperability notes (Mastodon 4.4 to 4.7): which
properties are read, which are not, and what is left of the HTML. None of its code is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from tests.cast import PUBLIC

Document = dict[str, Any]
SUPPORTED = {"Note", "Question"}
CONVERTED = {"Image", "Audio", "Video", "Article", "Page", "Event"}
PUBLICS = {PUBLIC, "as:Public", "Public"}
PICTURES = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif"}
MEDIA = PICTURES | {"video/mp4", "video/webm", "audio/mpeg", "audio/ogg", "audio/wav"}
MAX_MEDIA = 4
MAX_ALT = 10_000
MAX_OPTIONS = 500
KEPT = {
    "p", "br", "span", "a", "del", "s", "pre", "blockquote", "code", "b", "strong", "u", "i", "em",
    "ul", "ol", "li", "ruby", "rt", "rp",
}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True)
class Media:
    """A picture (or film, or sound) under a post; without `alt` a blind person has nothing."""

    url: str
    alt: str


@dataclass(frozen=True)
class Option:
    """An answer of a poll and how many chose it."""

    name: str
    votes: int


@dataclass(frozen=True)
class Shown:
    """A post as people see it: `text` is HTML, `warning` hides it until a click.

    `links` are candidates for the one preview card; `tags` what it is found by.
    """

    title: str
    text: str
    warning: str
    language: str
    link: str
    visibility: str
    tags: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    links: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    multiple: bool = False
    ends: str = ""
    over: bool = False
    voters: int = 0
    edited: bool = False

    @property
    def public(self) -> bool:
        """Whether everybody sees it, in timelines too."""
        return self.visibility == "public"


def many(value: Any) -> list[Any]:
    """One or many as many."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def kind(obj: Document) -> str:
    """The type that it goes by: of several, the first one it knows; "" for none."""
    types = many(obj.get("type"))
    return next((each for each in types if each in SUPPORTED | CONVERTED), "")


def moment(value: Any) -> datetime:
    """A time on the wire.

    Raises:
        ValueError: it is none.
    """
    return datetime.fromisoformat(str(value).replace("Z", "+00:00"))


def web_address(url: Any, otherwise: str) -> str:
    """The permalink: a text, or the first Link that is HTML or doesn't say (`mimeType`)."""
    for each in many(url):
        if isinstance(each, str):
            found = each
        elif each.get("mimeType", "text/html") == "text/html":
            found = each.get("href", "")
        else:
            continue
        if found.startswith(("https://", "http://")):
            return str(found)
    return otherwise


def _visibility(obj: Document) -> str:
    to, cc = set(many(obj.get("to"))), set(many(obj.get("cc")))
    if to & PUBLICS:
        return "public"
    if cc & PUBLICS:
        return "unlisted"
    return "private" if any(str(each).endswith("/followers") for each in to | cc) else "direct"


def _first(obj: Document, name: str) -> str:
    mapped = obj.get(f"{name}Map") or {}
    return str(obj.get(name) or next(iter(mapped.values()), "") or "")


def renders(obj: Document) -> Shown:
    """A Note or Question by its content; all else by name, summary and address alone.

    Not read, of any type: location, startTime, endTime (but a Question's), duration, icon,
    image, preview, generator, audience, `@language`, inLanguage, and every extension.
    """
    note = kind(obj) in SUPPORTED
    maps = [obj.get(f"{name}Map") or {} for name in ("content", "name", "summary")]
    media, links = _attached(obj)
    multiple = "anyOf" in obj
    options = many(obj.get("anyOf" if multiple else "oneOf")) if kind(obj) == "Question" else []
    updated = obj.get("updated")
    return Shown(
        title="" if note else _first(obj, "name"),
        text=_first(obj, "content" if note else "summary"),
        warning=_first(obj, "summary") if note else "",
        language=next((next(iter(each)) for each in maps if each), ""),
        link=web_address(obj.get("url"), str(obj.get("id"))),
        visibility=_visibility(obj),
        tags=tuple(
            str(each["name"]).lstrip("#")
            for each in many(obj.get("tag"))
            if each.get("type") == "Hashtag" and each.get("name")
        ),
        media=media,
        links=links,
        options=tuple(
            Option(str(each.get("name")), (each.get("replies") or {}).get("totalItems", 0))
            for each in options[:MAX_OPTIONS]
        ),
        multiple=multiple,
        ends=str(obj.get("endTime", "")) if options else "",
        over=bool(options) and "closed" in obj,
        voters=obj.get("votersCount", 0) if options else 0,
        edited=updated is not None and updated != obj.get("published"),
    )


def _attached(obj: Document) -> tuple[tuple[Media, ...], tuple[str, ...]]:
    """At most four media, with their words; what has an `href`, or a type it can't show, a link."""
    media: list[Media] = []
    links: list[str] = []
    for each in many(obj.get("attachment")):
        if each.get("href"):
            links.append(each["href"])
        elif each.get("url"):
            url = web_address(each["url"], "")
            alt = str(each.get("summary") or each.get("name") or "")[:MAX_ALT]
            if each.get("mediaType") in MEDIA:
                media.append(Media(url, alt))
            else:
                links.append(url)
    return tuple(media[:MAX_MEDIA]), tuple(links)


class _Reader(HTMLParser):
    """HTML as lines of text: what it keeps of it, and what people see of that."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = str(dict(attrs).get("class") or "")
        if tag == "br":
            self.text += "\n"
            return
        if tag in {"p", "blockquote", "pre", "ul", "ol", *HEADINGS}:
            self.text = self.text.rstrip() + "\n\n"
        if tag == "li":
            self.text = self.text.rstrip() + "\n  • "
        if tag in {"strong", "b", *HEADINGS}:
            self.text += "**"
        if tag == "a" and "hashtag" not in classes:
            self.text += "‹"
        self._open.append((tag, classes))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                classes = self._open.pop(at)[1]
                break
        else:
            return
        if tag in {"strong", "b", *HEADINGS}:
            self.text += "**"
        if tag == "span" and "ellipsis" in classes:
            self.text += "…"
        if tag == "a" and "hashtag" not in classes:
            self.text += "›"

    def handle_data(self, data: str) -> None:
        inside = {tag for tag, _ in self._open}
        hidden = any("invisible" in classes for _, classes in self._open)
        if not hidden and not inside & {"script", "style"}:
            self.text += data


def reads(html: str) -> str:
    """The text that eyes see: links in ‹ ›, bold in ** **, a • for each item of a list."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join(line.rstrip() for line in reader.text.strip().split("\n"))


def card(shown: Shown, who: str = "") -> str:
    """A post on a page of text, as it stands in a timeline; golden files hold these."""
    lines = [f"{who} · {shown.language} · {shown.visibility}".strip(" ·")]
    if shown.warning:
        lines += ["", f"[content warning: {shown.warning}]"]
    if shown.title:
        lines += ["", f"## {shown.title}"]
    if shown.text:
        lines += ["", reads(shown.text)]
    if shown.title:
        lines += ["", f"‹{shown.link.split('://')[-1]}›"]
    mark = "☐" if shown.multiple else "○"
    if shown.options:
        total = max(shown.voters, 1)
        lines.append("")
        lines += [
            f"{mark} {each.name}  {round(100 * each.votes / total)}%" for each in shown.options
        ]
        lines.append(f"{shown.voters} people · {'closed' if shown.over else 'open'} · {shown.ends}")
    lines += [f"\n[picture: {each.alt}]" for each in shown.media]
    seen = reads(shown.text).lower()
    bar = [f"#{tag}" for tag in shown.tags if f"#{tag.lower()}" not in seen]
    if bar:
        lines += ["", " ".join(bar)]  # what it was found by and doesn't say: the bar below a post
    return "\n".join(lines) + "\n"
