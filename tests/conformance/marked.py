"""Which tests say that they prove a case: read from their source, without running anything."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def marked() -> Mapping[str, list[str]]:
    """The tests of each case, as pytest names them without parameters."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        for number, test in cases_of(path.read_text("utf-8")):
            found[number].append(f"{name}::{test}")
    return found


def cases_of(source: str) -> Iterator[tuple[str, str]]:
    """Each case that a file's tests are marked with, and the test."""
    if ".case(" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                for number in sorted(_numbers(decorator)):
                    yield number, node.name


def _numbers(decorator: ast.AST) -> set[str]:
    """What `pytest.mark.case` is given, in a decorator or in its parameters."""
    return {
        str(argument.value)
        for call in ast.walk(decorator)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "case"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
