"""Imports only go down, and each dangerous thing has one home.

The rooms and streets are those of docs/architecture.md. Each complaint names
the file, the line and the street it left.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "pecfed"
LONGEST_FILE = 400

# From top to bottom. A room may import from the rows below its own, and from itself.
ROWS: tuple[frozenset[str], ...] = (
    frozenset({"cli", "app", "demo", "__main__"}),
    frozenset({"http", "work"}),
    frozenset({"federation", "connectors", "exports"}),
    frozenset({"services"}),
    frozenset({"store"}),
    frozenset({"domain"}),
    frozenset({"language"}),
    frozenset({"errors", "settings", "settings_file", "clock", "shipped"}),
)
DEPTH = {room: depth for depth, row in enumerate(ROWS) for room in row}
# Here neighbours may import each other: the top composes, and a leaf may use a leaf
# (settings raises what errors defines).
OPEN_ROWS = (ROWS[0], ROWS[-1])

# Folders with one file for each thing: their files are strangers to each other, and only
# the table in the folder's `__init__.py` knows them all.
STRANGERS = ("activities", "objects", "exports", "pages", "connectors")

# Imported where they are used, since an installation may lack them: the extras, and the
# one module that imports such an extra at its top. The second line is heavy, and most nodes
# go for days without it.
OPTIONAL = {
    "uvloop", "orjson", "asyncpg", "jsonschema_rs", "pecfed.store.postgresql",
    "PIL", "argon2", "segno", "webauthn",
}  # fmt: skip

SQL = re.compile(r"\b(SELECT\s+\S|INSERT INTO\b|UPDATE\s+\S+\s+SET\b|DELETE FROM\b)")
HOMES: dict[str, tuple[str, ...]] = {
    "time.time": ("clock.py",),
    "datetime.now": ("clock.py",),
    "datetime.utcnow": ("clock.py",),
    "datetime.today": ("clock.py",),
    "date.today": ("clock.py",),
    "datetime.datetime.now": ("clock.py",),
    "os.environ": ("settings.py",),
    "os.getenv": ("settings.py",),
}


def sources() -> dict[str, str]:
    """Every source file of the package, by its path in it."""
    return {
        path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8")
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def room_of(name: str) -> str:
    """The room of a file (`http/routes.py`) or a module (`http.routes`)."""
    return re.split(r"[./]", name)[0]


def imports(tree: ast.AST, name: str) -> Iterator[tuple[int, str]]:
    """Each imported module, with its line; names imported from pecfed's rooms too."""
    package = ["pecfed", *name.split("/")[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def is_of(module: str, package: str) -> bool:
    """Tell whether `module` is `package` or something in it."""
    return module == package or module.startswith(f"{package}.")


def street_problem(name: str, module: str) -> str | None:
    """Say what is wrong with the file `name` importing `module`, if anything."""
    ours, theirs = room_of(name), room_of(module.removeprefix("pecfed."))
    if theirs == ours or theirs not in DEPTH or ours not in DEPTH:
        return None
    if DEPTH[theirs] < DEPTH[ours]:
        return f"{ours} is below {theirs}: the street from {ours} to {theirs} goes uphill"
    if DEPTH[theirs] == DEPTH[ours] and ROWS[DEPTH[ours]] not in OPEN_ROWS:
        return f"{ours} and {theirs} are neighbours: there is no street between them"
    return None


def stranger_problem(name: str, module: str) -> str | None:
    """Say whether a file of a one-thing-each folder imports its neighbour."""
    *folders, file = name.split("/")
    if file == "__init__.py" or not folders or folders[-1] not in STRANGERS:
        return None
    package = ".".join(["pecfed", *folders])
    if not is_of(module, package) or is_of(module, f"{package}.{file.removesuffix('.py')}"):
        return None
    return f"the files of {folders[-1]}/ are strangers: it imports {module}"


def import_problems(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """What is wrong with the imports of one file."""
    for line, module in imports(tree, name):
        if is_of(module, "pecfed"):
            for problem in (street_problem(name, module), stranger_problem(name, module)):
                if problem:
                    yield line, problem
        if is_of(module, "aiohttp.web") and room_of(name) != "http" and name != "app.py":
            yield line, "aiohttp's server is for http/ and app.py"
        if any(is_of(module, thing) for thing in ("os.environ", "os.getenv", "time.time")):
            yield line, f"{module} is reached through its module, so that this test sees it"


def hidden_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Imports inside a function: what is optional or heavy may be, a cycle may not be hidden so."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            for module in modules:
                if not any(is_of(module, optional) for optional in OPTIONAL):
                    yield node.lineno, f"{module} is imported inside a function"


def dotted(node: ast.AST) -> str:
    """`os.environ` for the expression os.environ, nothing for what isn't a plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def docstrings(tree: ast.AST) -> set[int]:
    """The ids of the constants that are docstrings: prose may say SELECT."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            found.add(id(body[0].value))
    return found


def home_problems(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Things used outside the one place they belong to."""
    prose = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            homes = HOMES.get(dotted(node))
            if homes and name not in homes:
                yield node.lineno, f"{dotted(node)} belongs to {', '.join(homes)}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_sql = id(node) not in prose and SQL.search(node.value)
            if is_sql and room_of(name) != "store":
                yield node.lineno, "SQL belongs to store/"


def problems(name: str, source: str) -> list[str]:
    """Everything that is wrong with one source file, a sentence each."""
    tree = ast.parse(source, name)
    found = [*import_problems(name, tree), *hidden_imports(tree), *home_problems(name, tree)]
    room = room_of(name.removesuffix(".py"))
    if room not in DEPTH and name != "__init__.py":
        found.append((1, f"{room} is no room of the house: see docs/architecture.md"))
    length = len(source.splitlines())
    if length >= LONGEST_FILE:
        found.append((length, f"{length} lines: a file has one subject and under {LONGEST_FILE}"))
    return [f"pecfed/{name}:{line}: {text}" for line, text in sorted(set(found))]


def client_makers(files: dict[str, str]) -> list[str]:
    """The files that make an HTTP client of their own."""
    return [name for name, source in files.items() if re.search(r"\bClientSession\(", source)]


def test_every_file_keeps_to_the_streets() -> None:
    """What is wrong anywhere in the package: nothing."""
    found = [problem for name, source in sources().items() for problem in problems(name, source)]
    assert found == [], "\n".join(found)


def test_one_module_alone_makes_the_http_client() -> None:
    """Everything that goes out passes one guard."""
    assert len(client_makers(sources())) == 1, client_makers(sources())


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        ("domain/event.py", "from pecfed.store import events", "store goes uphill"),
        ("domain/event.py", "from ..store.events import all", "store goes uphill"),
        ("services/join.py", "import pecfed.federation.deliver", "federation goes uphill"),
        ("errors.py", "from pecfed import clock, domain", "domain goes uphill"),
        ("http/routes.py", "from pecfed.work import runner", "no street between"),
        ("exports/csv.py", "from pecfed.federation import keys", "no street between"),
        ("exports/csv.py", "from pecfed.exports.ical import fold", "strangers"),
        ("federation/activities/undo.py", "from . import follow", "strangers"),
        ("federation/activities/undo.py", "from .follow import build", "strangers"),
        ("http/pages/home.py", "from pecfed.http.pages import members", "strangers"),
        ("work/runner.py", "from aiohttp import web", "aiohttp's server"),
        ("demo/story.py", "import aiohttp.web", "aiohttp's server"),
        ("domain/event.py", "def f():\n    from pecfed.domain import place", "inside a function"),
        ("services/join.py", "Q = 'SELECT 1 FROM members'", "SQL belongs"),
        ("work/prune.py", "Q = f'DELETE FROM {t}'", "SQL belongs"),
        ("domain/event.py", "import time\nt = time.time()", "time.time belongs to clock.py"),
        ("domain/event.py", "t = datetime.now(UTC)", "datetime.now belongs to clock.py"),
        ("cli.py", "import os\nx = os.environ['HOME']", "os.environ belongs to settings.py"),
        ("cli.py", "from os import environ", "reached through its module"),
        ("utils.py", "x = 1", "no room of the house"),
        ("domain/event.py", "x = 1\n" * LONGEST_FILE, "400 lines"),
    ],
)
def test_an_offence_is_seen(name: str, source: str, complaint: str) -> None:
    """The checker can fail: each rule is broken once."""
    (found,) = problems(name, source)
    assert complaint in found
    assert found.startswith(f"pecfed/{name}:")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("http/pages/home.py", "from pecfed.http.negotiate import wants\nfrom aiohttp import web"),
        ("federation/activities/__init__.py", "from pecfed.federation.activities import follow"),
        ("store/members.py", "Q = 'SELECT 1'"),
        ("domain/event.py", '"""We SELECT nothing."""\nimport time\nt = time.monotonic()'),
        ("store/postgres.py", "def f():\n    import asyncpg"),
        ("app.py", "from pecfed.http import routes\nfrom pecfed import cli"),
        ("settings.py", "import os\nfrom pecfed.errors import UsageError\nx = os.environ"),
    ],
)
def test_what_is_allowed_passes(name: str, source: str) -> None:
    """The checker forbids no more than it says."""
    assert problems(name, source) == []


def test_a_second_http_client_is_seen() -> None:
    """The client's rule can fail too."""
    files = {"federation/client.py": "s = ClientSession()", "work/x.py": "aiohttp.ClientSession( )"}
    assert client_makers(files) == ["federation/client.py", "work/x.py"]
