"""Reading what others send: JSON within bounds, and one or many of anything."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pecfed.errors import RefusedError
from pecfed.language import wire
from pecfed.language.wire import as_link, as_uri, one_or_many, parse, text_by_language, type_of

DEEP = b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
BARELY = b'{"a":' + b"[" * (wire.MAX_DEPTH - 1) + b"]" * (wire.MAX_DEPTH - 1) + b"}"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (DEEP, "too_deep"),
        (BARELY.replace(b"[]", b"[[]]"), "too_deep"),
        (b'{"actor":"a","actor":"b"}', "duplicate_key"),
        (b'{"object":{"id":"a","id":"a"}}', "duplicate_key"),
        (b'{"a":NaN}', "number_range"),
        (b'{"a":-Infinity}', "number_range"),
        (b'{"a":1e400}', "number_range"),
        (b'{"a":-1e400}', "number_range"),
        (b'{"a":9223372036854775808}', "number_range"),
        (b'{"a":' + b"9" * 5000 + b"}", "number_range"),
        (b'{"a":-9007199254740993}', "number_range"),
        (b'{"a":"' + b"x" * 65_537 + b'"}', "text_too_long"),
        (b'{"' + b"x" * 65_537 + b'":1}', "text_too_long"),
        (b'{"a":[' + b"0," * 20_000 + b"0]}", "too_many_values"),
        (b'{"a":"\\u0000"}', "bad_character"),
        (b'{"\\u0000":1}', "bad_character"),
        (b'{"a":"\\ud800"}', "bad_character"),
        (b'{"a":["\\udfff"]}', "bad_character"),
        (b'{"a":"\xff"}', "not_utf8"),
        (b'\xef\xbb\xbf{"a":1}', "not_json"),
        ('{"a":1}'.encode("utf-16"), "not_utf8"),
        ('{"a":1}'.encode("utf-16-le"), "not_json"),
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"a":1}x', "not_json"),
        (b'{"a":"\x01"}', "not_json"),
        (b"{'a':1}", "not_json"),
        (b"[]", "not_an_object"),
        (b'"a"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"1", "not_an_object"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_json_is_refused(body: bytes, code: str) -> None:
    """400 with its reason, quickly, whatever the bytes are."""
    began = time.perf_counter()
    with pytest.raises(RefusedError) as caught:
        parse(body)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert len(caught.value.message) < 120
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "body",
    [
        BARELY,
        b'{"a":9007199254740992}',
        b'{"a":[1.5,-0.0,1e10,"\\ud83d\\ude00","\\u00e9"]}',
        b'{"a":"' + b"x" * 65_536 + b'"}',
        b"{}",
    ],
)
def test_good_json_is_read(body: bytes) -> None:
    """What lies within the bounds comes out as it is."""
    assert parse(body) == json.loads(body)


def test_a_long_number_is_no_way_to_hold_us_up() -> None:
    """A megabyte of digits takes no longer than a megabyte of text."""
    began = time.perf_counter()
    for number in (b"1." + b"9" * 900_000, b"0." + b"0" * 900_000 + b"1", b"1e" + b"9" * 900_000):
        try:
            parse(b'{"a":' + number + b"}")
        except RefusedError:
            continue
    assert time.perf_counter() - began < 1


@given(st.binary(max_size=300))
def test_parse_refuses_or_gives_an_object(body: bytes) -> None:
    """Nothing else comes out, no other error."""
    try:
        assert isinstance(parse(body), dict)
    except RefusedError as error:
        assert error.status == 400


def test_the_fast_reader_is_there() -> None:
    """The extra `fast` is part of the tests, and what an inbox usually gets goes that way."""
    body = '{"a":[{"é":"c : \\"d\\""}],"b":1.5}'.encode()
    assert wire._quickly(body) == {"a": [{"é": 'c : "d"'}], "b": 1.5}


NAMES = st.sampled_from(["a", "b", "", ":", "é", '"', "\\", ' "', "\n", "\x00", "\ud800"])
NUMBERS = st.sampled_from(["0", "-0", "1.5", "1e400", "9007199254740993", "1" + "0" * 25, "NaN"])
SPACES = st.sampled_from(["", "", "", "", " ", "\u00a0"])


@st.composite
def written(draw: st.DrawFn, depth: int = 3) -> str:
    """JSON, or nearly so: keys that come twice, odd spaces, escapes, numbers out of range."""
    kind = draw(st.integers(0, 5 if depth else 2))
    if kind == 0:
        return draw(NUMBERS)
    if kind <= 2:
        return json.dumps(draw(NAMES), ensure_ascii=draw(st.booleans()))
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        value = draw(written(depth=depth - 1))
        name = json.dumps(draw(NAMES), ensure_ascii=draw(st.booleans()))
        parts.append(value if kind == 3 else f"{name}{draw(SPACES)}:{draw(SPACES)}{value}")
    inside = ",".join(parts)
    return f"[{inside}]" if kind == 3 else f"{{{inside}}}"


@given(st.one_of(written(), st.builds('{{"x":{}}}'.format, written())))
@example('{"a":1,"a":2}')
@example('{"a":{"b":1,"b":1},"c":9007199254740992}')
def test_the_fast_reader_never_knows_better(text: str) -> None:
    """It gives what the thorough one gives, or leaves it to that one."""
    body = text.encode("utf-8", "surrogatepass")
    quick = wire._quickly(body)
    if quick is not None:
        thorough = wire._thoroughly(body)
        assert repr(quick) == repr(thorough)  # -0.0 and 0, 1 and 1.0 are told apart


@pytest.mark.parametrize(
    ("value", "many", "uri"),
    [
        (None, [], ""),
        ("https://a.example/1", ["https://a.example/1"], "https://a.example/1"),
        ({"id": "https://a.example/1"}, [{"id": "https://a.example/1"}], "https://a.example/1"),
        (["https://a.example/1"], ["https://a.example/1"], "https://a.example/1"),
        ([{"id": "x"}], [{"id": "x"}], "x"),
        (["a", "b"], ["a", "b"], ""),
        ([], [], ""),
        ({"id": 3}, [{"id": 3}], ""),
        (3, [3], ""),
        ({"href": "x"}, [{"href": "x"}], ""),
    ],
)
def test_one_or_many(value: Any, many: list[Any], uri: str) -> None:
    """Nothing, one thing, an object or a list: each is read, none is guessed."""
    assert one_or_many(value) == many
    assert as_uri(value) == uri


def test_the_first_link_that_is_one() -> None:
    """A string, a Link, a list of either; scripts are no addresses."""
    assert as_link("https://a.example") == "https://a.example"
    assert as_link([{"type": "Link", "href": "https://b.example"}, "x"]) == "https://b.example"
    assert as_link(["javascript:alert(1)", {"href": 3}, "http://c.example"]) == "http://c.example"
    assert as_link(None) == as_link({"href": "data:x"}) == ""


def test_the_first_type_that_is_known() -> None:
    """Misskey and others send lists."""
    assert type_of({"type": ["pec:Thing", "Note"]}, frozenset({"Note"})) == "Note"
    assert type_of({"type": ["A", "B"]}) == "A"
    assert type_of({"type": "Note"}) == "Note"
    assert type_of({}) == type_of({"type": 3}) == type_of({"type": [{}]}) == ""


def test_text_by_language() -> None:
    """The map where there is one, else the plain text in no language."""
    assert text_by_language({"name": "x", "nameMap": {"fr": "y"}}, "name") == {"fr": "y"}
    assert text_by_language({"name": "x", "nameMap": {"fr": 3}}, "name") == {"und": "x"}
    assert text_by_language({"name": 3, "nameMap": ["x"]}, "name") == {}
