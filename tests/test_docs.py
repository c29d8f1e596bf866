"""The docs can't lie: links lead somewhere, and commands, settings and keys are the code's.

Prose is read by people; what has a table is compared here and in `test_docs_wire.py`.
"""

import argparse
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import pecfed
from pecfed import cli
from pecfed.domain.membership import REASONS
from pecfed.language import schema
from pecfed.settings import SETTINGS
from tests.docs import DOCS, ROOT, fenced, rows, section, slug, text, ticked, without_blocks

# ------------------------------------------------------------------ links and paths


def broken_links(path: Path) -> Iterator[str]:
    """The relative links of a page that lead nowhere."""
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        to = (path.parent / name).resolve() if name else path
        if not to.exists():
            yield target
        elif anchor and to.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", without_blocks(to.read_text("utf-8")), re.MULTILINE)
            if anchor not in map(slug, headings):
                yield target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    """Files and headings; addresses on the web aren't asked."""
    assert list(broken_links(path)) == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_exists(path: Path) -> None:
    """From the root or from the package; CAPITALS stand for a name to be chosen."""
    names = re.findall(r"(?<![\w/.:@-])((?:[\w.]+/)+(?:[\w*.-]+)?)", path.read_text("utf-8"))
    rooms = {entry.name for place in (ROOT, ROOT / "pecfed") for entry in place.iterdir()}
    missing = [
        name
        for name in names
        if name.split("/")[0] in rooms - {".venv"}
        and not re.search(r"[A-Z]{3,}\b(?<!README)", name)
        and not any(any(place.glob(name.rstrip("/."))) for place in (ROOT, ROOT / "pecfed"))
    ]
    assert missing == []


def test_every_name_in_contributing_is_in_the_code() -> None:
    """Tables such as `HANDLERS`, and what stands after a file or a module."""
    page = text("CONTRIBUTING.md")
    source = "".join(path.read_text("utf-8") for path in (ROOT / "pecfed").rglob("*.py"))
    names = {each for each in ticked(page) if re.fullmatch("[A-Z]{3,}", each)}
    names |= set(re.findall(r"`(?:\w+/)*\w+\.py: (\w+)`", page))
    names |= set(re.findall(r"`clock\.(\w+)`", page)) - {"py"}
    assert len(names) > 10
    defined = r"^(?:async def |def |class )?{}\b"
    assert {n for n in names if not re.search(defined.format(n), source, re.MULTILINE)} == set()


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    """The checker can fail."""
    page = tmp_path / "page.md"
    page.write_text("# A `b` c\n[x](#a-b-c) [y](#gone) [z](nowhere.md) [w](https://x.example)\n")
    assert list(broken_links(page)) == ["#gone", "nowhere.md"]


# ------------------------------------------------------------------ commands


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command's parser."""
    for action in cli.parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("the command line has no commands")


def test_every_command_is_told() -> None:
    """And none that isn't there; the numbers of the order are the program's."""
    told = re.findall(r"^## `pecfed (\w+)`$", text("docs/commands.md"), re.MULTILINE)
    assert told == list(commands())


@pytest.mark.parametrize("name", list(commands()))
def test_every_option_is_told(name: str) -> None:
    """Each option and argument in the command's table, each choice in words, and an example."""
    part = section("docs/commands.md", f"## `pecfed {name}`")
    told = {ticked(row[0])[0].split()[0] for row in rows(part)}
    known = set()
    for action in commands()[name]._actions:
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._HelpAction):
            continue
        if action.option_strings:
            known |= set(action.option_strings)
        elif not action.choices:
            known.add(str(action.metavar or action.dest))
        choices = {str(choice) for choice in action.choices or () if choice}
        assert choices <= set(ticked(part)), f"{name}: {choices - set(ticked(part))}"
    assert told == known
    assert any(f"pecfed {name}" in block for block in fenced(part, "sh"))


def test_examples_are_well_formed() -> None:
    """Every `pecfed …` line of a block is something the command line understands."""
    seen = 0
    for path in DOCS:
        for block in fenced(path.read_text("utf-8"), "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                words = re.sub(r"\s+#.*|\s*&$", "", line).strip()
                if words.startswith("pecfed "):
                    found = re.findall(r'"[^"]*"|\S+', words)[1:]
                    cli.parser().parse_args([word.strip('"') for word in found])
                    seen += 1
    assert seen > 40


# ------------------------------------------------------------------ settings, keys, fields


def test_every_setting_is_told() -> None:
    """In the order of the table, with its default."""
    told = [
        (ticked(row[0])[0], ticked(row[1])[0] if row[1] else "")
        for row in rows(section("docs/operate.md", "## Settings"))
    ]
    assert told == [
        (s.name, str(s.default).lower() if s.kind is bool else str(s.default)) for s in SETTINGS
    ]


APPLY = {
    "## `[actor]`": "$defs/actor",
    "### `[actor.location]`": "$defs/actor/properties/location",
    "### `[[actor.links]]`": "$defs/actor/properties/links/items",
    "### `[[actor.history]]`": "$defs/actor/properties/history/items",
    "## `[charter]`": "$defs/charter",
    "### `[charter.commitments.ID]`": "$defs/commitment",
    "## `[[event]]`": "$defs/event",
    "### `[event.location]`": "$defs/event/properties/location",
    "## `[[resource]]`": "$defs/resource",
    "## `[[poll]]`": "$defs/poll",
    "## Pictures": "$defs/picture",
}


def at(document: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """The part of a schema that a path names."""
    for step in pointer.split("/"):
        document = document[step]
    return document


@pytest.mark.parametrize("heading", APPLY)
def test_every_key_of_the_apply_file_is_told(heading: str) -> None:
    """And which of them are required."""
    part = section("docs/apply-file.md", heading).split("\n### ")[0]
    told = {ticked(row[0])[0]: row[0].endswith("*") for row in rows(part)}
    wanted = at(schema.read_schema("apply"), APPLY[heading])
    required = wanted.get("required", ())
    assert told == {key: key in required for key in wanted["properties"]}


def test_the_apply_schema_has_no_other_table() -> None:
    """A new table at the top, or inside one, needs a section."""
    apply = schema.read_schema("apply")
    assert set(apply["properties"]) == {"actor", "charter", "event", "resource", "poll"}
    inner = [
        f"{name}/{key}"
        for name in ("actor", "charter", "commitment", "event", "resource", "poll")
        for key, value in apply["$defs"][name]["properties"].items()
        if "properties" in value or "properties" in value.get("items", {})
    ]
    assert inner == [
        "actor/links", "actor/location", "actor/history", "charter/commitments", "event/location",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "name"),
    [("### `legal_form`", "legalForm"), ("### Kind of resource", "kind"), ("### `sectors`", "")],
)
def test_the_closed_lists_are_told(heading: str, name: str) -> None:
    """Every id, in the schema's order."""
    defs = schema.read_schema("apply")["$defs"]
    ids = defs[name]["enum"] if name else defs["sectors"]["items"]["enum"]
    assert ticked(section("docs/apply-file.md", heading)) == ids


def test_every_reason_is_told_in_both_languages() -> None:
    """As `domain/membership.py` has them."""
    for name, heading, language in (
        ("docs/hub.md", "### Reasons", "en"),
        ("docs/fr/annuaire.md", "### Raisons", "fr"),
    ):
        told = {ticked(row[0])[0]: row[1] for row in rows(section(name, heading))}
        assert told == {code: words[language] for code, words in REASONS.items()}


# ------------------------------------------------------------------ the rest


def test_every_dependency_is_told() -> None:
    """With what it is for: a row in docs/dependencies.md."""
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    every = [*project["dependencies"], *extras["fast"], *extras["postgres"], *extras["test"]]
    names = {re.split(r"[<>=;\[ ]", each)[0] for each in every} - {"pecfed"}
    told = {name for row in rows(text("docs/dependencies.md")) for name in ticked(row[0])}
    assert names <= told
    assert told - names <= {"asyncio", "sqlite3", "execute_fetchall", "fast", "postgres"}


def test_the_changelog_tells_of_this_version() -> None:
    """The newest heading is the version of the program."""
    newest = re.findall(r"^## \[([\d.]+)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert newest[0] == pecfed.__version__


def test_the_decisions_are_listed() -> None:
    """Numbered without a gap, each with its three parts, and in the list."""
    found = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    index = text("docs/decisions/README.md")
    for path in found:
        page = path.read_text("utf-8")
        assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ]
        assert f"]({path.name}) {page.splitlines()[0].partition('. ')[2]}" in index


def test_docs_for_platforms_are_in_french_too() -> None:
    """Each names the other; they have as many headings and the same commands."""
    for one, other in (("platform", "plateforme"), ("hub", "annuaire"), ("follow", "suivre")):
        english, french = text(f"docs/{one}.md"), text(f"docs/fr/{other}.md")
        assert f"(fr/{other}.md)" in english
        assert f"(../{one}.md)" in french
        assert len(re.findall("^#+ ", english, re.M)) == len(re.findall("^#+ ", french, re.M))
        blocks = [
            [
                re.sub(r"\s+#.*", "", line)
                for block in fenced(page, "sh")
                for line in block.splitlines()
            ]
            for page in (english, french)
        ]
        assert blocks[0] == blocks[1]
