"""Reading the docs as tests do: sections, tables, blocks, what stands in back ticks."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOP = ("README.md", "CONTRIBUTING.md", "FEDERATION.md", "SECURITY.md", "CHANGELOG.md")
DOCS = [*(ROOT / name for name in TOP), *sorted((ROOT / "docs").rglob("*.md"))]
TICKED = re.compile(r"`([^`\n]+)`")


def text(name: str) -> str:
    """A doc, by its path from the root."""
    return (ROOT / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    """What stands under a heading, to the next one of its depth or above."""
    page = text(name)
    assert f"\n{heading}\n" in page, f"{name} has no heading {heading!r}"
    after = page.split(f"\n{heading}\n", 1)[1]
    depth = len(heading) - len(heading.lstrip("#"))
    return re.split(rf"\n#{{1,{depth}}} ", after, maxsplit=1)[0]


def rows(part: str) -> list[list[str]]:
    """The cells of every table row but heads and rules."""
    lines = [line for line in part.splitlines() if line.startswith("|")]
    rules = {number for number, line in enumerate(lines) if re.fullmatch(r"[|\s:-]+", line)}
    wanted = [line for n, line in enumerate(lines) if n not in rules and n + 1 not in rules]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in wanted]


def ticked(cell: str) -> list[str]:
    """What stands in `back ticks`, in a cell or a section."""
    return TICKED.findall(without_blocks(cell))


def slug(heading: str) -> str:
    """The anchor that forges give a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def fenced(page: str, language: str) -> list[str]:
    """The blocks of that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def without_blocks(page: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
