"""The canonical form: what is written quickly is what RFC 8785's own writer gives."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from pecfed.language.canonical import canonical

NUMBERS = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-180, 180)
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_both_writers_agree(value: Any) -> None:
    """Whatever JSON it is."""
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "number",
    [0.0, -0.0, 48.0, 0.1, 1e-4, 9.9e-5, 1e-7, 1e15, 1e16, 1e21, 123456789012345.6, 5e-324],
)
def test_numbers_at_the_edges(number: float) -> None:
    """Where Python and ECMAScript begin to write them differently."""
    assert canonical([number, -number]) == rfc8785.dumps([number, -number])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {1: 2}])
def test_what_has_no_canonical_form(value: Any) -> None:
    """Refused, wherever it stands."""
    for each in (value, [value], {"a": value}):
        with pytest.raises(ValueError):
            canonical(each)
