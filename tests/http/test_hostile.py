"""What others write stays text: no markup, no script address, no header, no log line of theirs."""

from __future__ import annotations

import ast
import asyncio
import logging
import re
import time
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pecfed
from pecfed.exports.items import web_url
from pecfed.http.sanitise import paragraphs
from tests.http.conftest import Served, publish
from tests.http.hive import EVIL, event
from tests.http.test_pages import HUB_PAGES

PACKAGE = Path(pecfed.__file__).parent
ALLOWED = {
    "a", "article", "bdi", "body", "br", "button", "code", "datalist", "dd", "details", "div",
    "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html",
    "input", "label", "legend", "li", "link", "main", "meta", "nav", "ol", "option", "p", "pre",
    "section", "select", "small", "span", "strong", "summary", "textarea", "time", "title", "ul",
}  # fmt: skip
OWN = {"img": r"/label/[^/\\]+\.svg\?[\w=&]+", "script": r"/static/[\w.]+\.js"}
"""What may be loaded into a page, from this very node: the badges of `/label/…`, our scripts."""


class Reader(HTMLParser):
    """Collects what a page would do: its elements, and the addresses it names."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.depth: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what should not be there."""
        is_own = tag in OWN and re.fullmatch(OWN[tag], dict(attrs).get("src") or "")
        if tag not in ALLOWED and not is_own:
            self.problems.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "src"} - {
                "src" if is_own else ""
            }:
                self.problems.append(f"{tag} {name}={value}")
            if name in {"href", "action"} and not re.match(r"(https?://|/|#)", value or ""):
                self.problems.append(f"{tag} {name}={value}")
        named = dict(attrs)
        goes_out = tag == "a" and (named.get("href") or "").startswith("http")
        if goes_out and named.get("rel") != "nofollow ugc noopener":
            self.problems.append(f"link out without rel: {attrs}")
        if tag not in {"br", "img", "input", "link", "meta"}:
            self.depth.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Elements close in order."""
        if not self.depth or self.depth.pop() != tag:
            self.problems.append(f"</{tag}> out of order")


def problems(text: str) -> list[str]:
    """What is wrong with a page."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader.problems + [f"<{tag}> left open" for tag in reader.depth]


async def test_no_page_holds_foreign_markup(hub: Served) -> None:
    """Corbeau's texts stand in every field there is, and are text everywhere."""
    found = 0
    for path in [*HUB_PAGES, "/members?q=corbeau", "/events?q=script", "/resources?q=alert"]:
        for language in ("fr", "en"):
            text = await hub.page(f"/{language}{path}")
            assert problems(text) == [], path
            assert EVIL not in text
            assert "javascript:" not in text
            found += text.count("&lt;script&gt;")
    assert found > 50


@pytest.mark.parametrize(
    "path",
    [
        '/members?q="><script>alert(1)</script>',
        '/members?country="><script>',
        '/members?cursor="><script>',
        '/events?member="><script>alert(1)</script>',
        '/events?from="><script>alert(1)</script>',
        '/resources?license="><script>alert(1)</script>',
        '/members/"><script>alert(1)</script>',
        '/@"><script>alert(1)</script>',
        '/nothing"><script>?"><script>',
        "/fr//evil.example",
    ],
)
async def test_what_the_visitor_asks_is_text_too(hub: Served, path: str) -> None:
    """Nothing of an address comes back as markup, and no link leads to another site."""
    async with hub.client.get(path, allow_redirects=False) as response:
        text = await response.text()
        assert response.status < 500
        assert "Location" not in response.headers
    assert problems(text) == []
    assert "<script" not in text
    assert not re.search(r'href="//', text)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/x",
        "/fr//evil.example",
        "http://evil.example/fr",
        "/\\evil.example",
        "/fr?//x",
    ],
)
async def test_a_strange_target_leads_nowhere_else(hub: Served, target: str) -> None:
    """Request lines that a tidy client never sends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.client.port)
    request = f"GET {target} HTTP/1.1\r\nHost: {hub.settings.host}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    text = (await reader.read()).decode()
    writer.close()
    assert " 500 " not in text.splitlines()[0]
    assert not re.search(r'(Location: |href="|action=")(//|/\\|http://evil)', text)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "JAVASCRIPT:x",
        "data:text/html,<script>", "vbscript:x", "mailto:a@b.example", "tel:+33", "//evil.example",
        "https://", "https:///x", "https://a@evil.example", "https://a:b@evil.example/x",
        "https://evil.example/\r\nX: y", "https://evil.example/ x", 'https://evil.example/"x',
        "https://evil.example/<b>", "https://evil.example\\@good.example", "https://[::1",
        "https://evil.example/\u202ecod.exe", "https://evil.example:port/", "ftp://evil.example",
        "https://evil.example/\u0085x", "https://" + "a" * 3000, "", None,
    ],
)  # fmt: skip
def test_an_address_that_is_not_a_plain_web_address_is_dropped(address: str | None) -> None:
    """Only http and https with a host, no user name, nothing that ends an attribute."""
    assert web_url(address) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://vélo.example/été?q=1#a", "https://xn--vlo-bma.example/été?q=1#a"),
        ("http://lilas.example:8080/a|b", "http://lilas.example:8080/a|b"),
        ("https://реc.example:444/x", "https://xn--c-itb6a.example:444/x"),
    ],
)
def test_an_address_is_kept_as_it_is_and_its_host_shows(address: str, shown: str) -> None:
    """Hosts beyond ASCII are shown in the form that no look-alike can hide in."""
    assert web_url(address) == shown


def test_text_becomes_paragraphs_and_links() -> None:
    """Empty lines part paragraphs, line breaks stay, https addresses become links."""
    made = paragraphs("Un & deux\r\ntrois\n\n\n(voir https://a.example/b_(c)), http://d.example.")
    assert made == (
        "<p>Un &amp; deux<br>\ntrois</p><p>(voir "
        '<a href="https://a.example/b_(c)" rel="nofollow ugc noopener">a.example/b_(c)</a>),'
        " http://d.example.</p>"
    )
    assert paragraphs(" \n \n") == ""


@given(st.lists(st.sampled_from(["https://", *"a <>&\"'/:()«»\n\r\u00a0\u202e\0"]), max_size=60))
def test_any_text_makes_whole_markup(parts: list[str]) -> None:
    """It never raises, and holds nothing but p, br and a."""
    made = str(paragraphs("".join(parts)))
    assert problems(made) == []
    assert set(re.findall(r"<([a-z]+)", made)) <= {"p", "br", "a"}


def test_a_long_text_is_quick() -> None:
    """No pattern in it can be made slow."""
    for part in ("https://(", "((((", "\n \n", "https://a.example/" + "(" * 500 + ")" * 500 + " "):
        began = time.monotonic()
        paragraphs(part * (1_000_000 // len(part)))
        assert time.monotonic() - began < 5


def test_one_file_alone_vouches_for_markup() -> None:
    """`|safe` stands nowhere, `Markup` in sanitise.py only."""
    script = re.compile(
        r"""<script src="{{ asset\("[\w.-]+"\) }}"(?: type="module")? defer></script>"""
    )
    for path in (PACKAGE / "http" / "templates").rglob("*.html"):
        text = script.sub("", path.read_text("utf-8"))  # a file of our own
        assert not re.search(r"\|\s*safe|autoescape|<script|style=|\son\w+=", text), path
    for path in PACKAGE.rglob("*.py"):
        names = {
            node.id
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Name)
        }
        assert "Markup" not in names or path.name == "sanitise.py", path


async def test_the_log_has_one_line_for_one_trouble(
    hub: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A path with a line break in it is written on one line; the visitor sees no internals."""

    async def broken(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("pecfed.store.directory.entry", broken)
    with caplog.at_level(logging.ERROR):
        text = await hub.page("/en/members/a%0d%0aINFO%20forged%e2%80%a8x", 404)
        text = await hub.page("/en/members/abc", 500)
    assert "hunter2" not in text
    assert "Something didn" in text
    assert "hunter2" in caplog.text  # the operator does see it
    assert all("\r" not in record.getMessage() for record in caplog.records)


async def test_an_event_that_makes_no_sense_is_shown_all_the_same(hub: Served) -> None:
    """An end before the start, a made-up zone, the first and the last year there is."""
    first = datetime(1, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    for n, (start, end) in enumerate([(last, first), (first, last), (last, last)]):
        for zone in ("Pacific/Kiritimati", "America/Adak", "../../etc/passwd", "Europe", "\0"):
            uid = f"odd-{n}-{len(zone)}"
            made = event(uid, start=start, end=end, timezone=zone, all_day=n == 2)
            await publish(hub.database, "https://lilas.example/actors/lilas", made)
    for path in ("/fr/events", "/en/events", "/fr/members/lilas@lilas.example", "/api/v1/events"):
        await hub.page(path)
