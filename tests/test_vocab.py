"""The words keep to what their README promises: context, terms, lists, charter and schemas agree
with each other, and each example does what it is an example of."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from jsonschema import Draft202012Validator
from pyld import jsonld

from pecfed.language import lists, schema
from pecfed.language.charter import charter, charters
from pecfed.language.sentences import SENTENCES

ROOT = Path(__file__).resolve().parent.parent
VOCAB, ACTORS = ROOT / "vocab", ROOT / "actors"
V1 = VOCAB / "v1"
EXAMPLES, INVALID = V1 / "examples", V1 / "examples" / "invalid"
COMMUNITY = ACTORS / "community"
PEC = "https://w3id.org/pecfed/ns/v1#"
ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"
KINDS = cast("tuple[schema.Kind, ...]", get_args(schema.Kind))
PLATFORMS = ("velo", "panier", "toits", "atelier", "coulisses")

type_of_example: dict[str, schema.Kind] = {
    "actor-member": "actor-profile",
    "statement": "statement",
    "event": "event",
    "event-call": "event",
    "event-elsewhere": "event",
    "resource": "resource",
    "resource-licence-unknown": "resource",
    "article": "article",
    "endorsement": "endorsement",
    "attestation": "attestation",
    "label": "label",
}
APPLY_FILES = [
    EXAMPLES / "apply" / "velo.toml",
    COMMUNITY / "hub.toml",
    COMMUNITY / "changes" / "velo-after.toml",
    COMMUNITY / "changes" / "coulisses-after.toml",
    *(COMMUNITY / f"{name}.toml" for name in PLATFORMS),
]
LETTERS = sorted(EXAMPLES.glob("*.json"))
REFUSED: dict[str, dict[str, str]] = tomllib.loads((INVALID / "SENTENCES.toml").read_text("utf-8"))


def plain(value: Any) -> Any:
    """TOML values with dates and times as ISO 8601 strings."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value


def read(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return plain(tomllib.loads(text)) if path.suffix == ".toml" else json.loads(text)


def everything() -> Iterator[tuple[schema.Kind, Any]]:
    """Every example there is, valid or not, with the kind it is checked as."""
    for name, kind in type_of_example.items():
        yield kind, read(EXAMPLES / f"{name}.json")
    for path in APPLY_FILES:
        yield "apply", read(path)
    yield "invited", read(COMMUNITY / "invited.toml")
    for name, entry in REFUSED.items():
        yield cast("schema.Kind", entry["schema"]), read(INVALID / name)


# ------------------------------------------------------------------ schemas and examples


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_says_what_it_is(kind: schema.Kind) -> None:
    found = schema.read_schema(kind)
    Draft202012Validator.check_schema(dict(found))
    assert found["title"] and found["description"]
    assert found["$id"].endswith(f"/{kind}.schema.json")
    refs = re.findall(r'"\$ref": "([^"]*)"', json.dumps(found))
    assert all(ref.startswith("#/$defs/") for ref in refs), "a schema is read by itself"


def test_every_schema_has_its_kind() -> None:
    files = {path.name.removesuffix(".schema.json") for path in (V1 / "schemas").iterdir()}
    assert files == set(KINDS)


def test_every_keyword_has_its_sentence() -> None:
    silent = {"$schema", "$id", "$ref", "$defs", "title", "description", "properties", "items"}
    silent |= {"propertyNames", "allOf", "if", "then", "contains", "minContains"}

    def keywords(part: Any) -> Iterator[str]:
        if not isinstance(part, dict):
            return
        yield from part
        for key in ("properties", "$defs"):
            for each in part.get(key, {}).values():
                yield from keywords(each)
        for key in ("items", "propertyNames", "additionalProperties", "if", "then", "contains"):
            yield from keywords(part.get(key))
        for key in ("allOf", "anyOf"):
            for each in part.get(key, ()):
                yield from keywords(each)

    used = {word for kind in KINDS for word in keywords(schema.read_schema(kind))}
    assert used - silent <= set(SENTENCES)


@pytest.mark.parametrize("name", type_of_example)
def test_a_valid_letter_passes(name: str) -> None:
    assert schema.problems(type_of_example[name], read(EXAMPLES / f"{name}.json")) == []


@pytest.mark.parametrize("path", APPLY_FILES, ids=lambda path: path.stem)
def test_a_valid_apply_file_passes(path: Path) -> None:
    assert schema.problems("apply", read(path)) == []


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_example_is_refused_with_its_sentence(name: str) -> None:
    wanted = REFUSED[name]
    kind = cast("schema.Kind", wanted["schema"])
    problem = schema.Problem(wanted["path"], wanted["sentence"])
    assert schema.problems(kind, read(INVALID / name)) == [problem]


def test_every_invalid_example_has_its_sentence() -> None:
    assert {path.name for path in INVALID.iterdir()} == {*REFUSED, "SENTENCES.toml"}
    assert {entry["schema"] for entry in REFUSED.values()} == set(KINDS)


ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "x" * 300,
    "2027-02-30",
    "fr\n",
    [],
    {},
    [{}, {}],
)


def spoiled(document: Any) -> Iterator[Any]:
    """The document with one value taken out or replaced by an odd one, for each value in turn."""
    if isinstance(document, dict):
        for key in document:
            yield {k: v for k, v in document.items() if k != key}
            for value in (*ODD, *spoiled(document[key])):
                yield {**document, key: value}
        yield {**document, "unheard-of": 1}
    elif isinstance(document, list):
        for index in range(min(len(document), 2)):
            for value in (*ODD, *spoiled(document[index])):
                yield [*document[:index], value, *document[index + 1 :]]


def test_the_fast_validator_agrees() -> None:
    """The inbox lets in what `problems` lets in, with each example and with spoiled ones."""
    assert find_spec("jsonschema_rs"), "the extra `fast` is part of the tests"
    cases = list(everything())
    for name, kind in (("statement", "statement"), ("event-call", "event"), ("resource",) * 2):
        document = read(EXAMPLES / f"{name}.json")
        del document["@context"]
        cases += [(cast("schema.Kind", kind), each) for each in spoiled(document)]
    cases += [("apply", each) for each in spoiled(read(EXAMPLES / "apply" / "velo.toml"))]
    differ = [
        (kind, document, schema.problems(kind, document))
        for kind, document in cases
        if schema.is_valid(kind, document) != (not schema.problems(kind, document))
    ]
    assert not differ


def test_at_most_twenty_problems_are_told() -> None:
    crowd = {"actor": {f"key-{number}": 1 for number in range(5000)}}
    assert len(schema.problems("apply", crowd)) == schema.MOST_PROBLEMS


# ------------------------------------------------------------------ context, terms, lists, charter


def context() -> dict[str, Any]:
    found: dict[str, Any] = read(V1 / "context.jsonld")["@context"]
    return found


def terms_in(ctx: dict[str, Any], within: str = "") -> Iterator[tuple[str, str, str]]:
    """(within, name, address) of each term; a prefix is none."""
    prefixes = {k: v for k, v in context().items() if isinstance(v, str) and v[-1] in "#/"}
    for name, value in ctx.items():
        if name in prefixes:
            continue
        short = value if isinstance(value, str) else value["@id"]
        prefix, _, rest = short.partition(":")
        yield within, name, prefixes[prefix] + rest if prefix in prefixes else short
        if isinstance(value, dict) and "@context" in value:
            yield from terms_in(value["@context"], name)


def test_context_and_terms_hold_the_same() -> None:
    told = tomllib.loads((V1 / "terms.toml").read_text("utf-8"))["term"]
    assert [(t.get("within", ""), t["name"], t["uri"]) for t in told] == list(terms_in(context()))
    for term in told:
        assert term["kind"] == ("class" if term["name"][0].isupper() else "property")
        assert set(term["label"]) == set(term["comment"]) == {"fr", "en"}
        assert term["since"] == "1"


def test_no_word_of_activitystreams_is_redefined() -> None:
    theirs = set(read(VOCAB / "external" / "activitystreams.jsonld")["@context"])
    assert theirs & set(context()) == {"as", "xsd"}


def offline(url: str, _: object) -> dict[str, Any]:
    assert url == ACTIVITYSTREAMS, f"{url} would have to be fetched"
    document = read(VOCAB / "external" / "activitystreams.jsonld")
    return {"contextUrl": None, "documentUrl": url, "document": document}


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("inline", [True, False], ids=["inline", "published"])
def test_no_key_of_a_letter_is_lost(path: Path, inline: bool) -> None:
    letter = read(path)
    dropped: list[Any] = []
    if inline:
        own = [each for each in letter["@context"] if isinstance(each, dict)]
        for definitions in own:
            assert definitions.items() <= context().items(), "as in the published context"
    else:
        letter["@context"] = [ACTIVITYSTREAMS, context()]
    options = {"documentLoader": offline}
    expanded = jsonld.expand(letter, options, on_property_dropped=dropped.append)
    assert not dropped
    # The ActivityStreams context sends what nobody defined to blank names.
    assert '"_:' not in json.dumps(expanded)


def test_there_is_a_letter_for_each_activity() -> None:
    known = json.loads((ACTORS / "card.schema.json").read_text("utf-8"))
    words = known["$defs"]["words"]["items"]["enum"]
    letters = {path.stem: read(path) for path in LETTERS}
    assert {word.lower() for word in words} <= set(letters)
    for word in words:
        assert letters[word.lower()]["type"] == word
    assert letters["tombstone"]["type"] == "Tombstone"


def test_every_host_is_an_example() -> None:
    """No letter and no invented platform points at somebody's real server."""
    allowed = (
        ".example", "w3.org", "w3id.org", "schema.org", "joinmastodon.org", "joinmobilizon.org",
        "joinpeertube.org", "purl.archive.org", "purl.imsglobal.org", "datatracker.ietf.org",
        "litepub.social",
    )  # fmt: skip
    files = [*LETTERS, *INVALID.iterdir(), *(p for p in APPLY_FILES if p.stem != "hub")]
    for path in files:
        for part in path.read_text("utf-8").split("://")[1:]:
            if part.startswith("</span>"):
                continue  # a link that hides its scheme: the host comes with its address
            host = part.split("/")[0].split('"')[0].split("#")[0].split("<")[0].strip("'\\n")
            assert host.endswith(allowed), f"{path.name}: {host}"


def test_schemas_allow_what_lists_and_charter_hold() -> None:
    apply, defs = schema.read_schema("apply"), schema.read_schema("apply")["$defs"]
    event, told = defs["event"]["properties"], charter("2018")
    assert set(apply["properties"]) == {"actor", "charter", "event", "resource", "poll"}
    for allowed, wanted in (
        (defs["legalForm"]["enum"], lists.labels("legal_form")),
        (defs["sectors"]["items"]["enum"], lists.labels("sector")),
        (defs["kind"]["enum"], lists.labels("resource_kind")),
        (defs["openness"]["enum"], lists.labels("openness")),
        (event["kind"]["enum"], lists.labels("event_kind")),
        (event["status"]["enum"], lists.labels("event_status")),
        (defs["level"]["enum"], [level.id for level in told.levels]),
        (defs["workingGroup"]["enum"], [group.id for group in told.working_groups]),
        (defs["charter"]["properties"]["version"]["enum"], charters()),
    ):
        assert list(allowed) == list(wanted)
    ids = [commitment.id for commitment in told.commitments]
    assert list(defs["charter"]["properties"]["commitments"]["properties"]) == ids
    answer = schema.read_schema("statement")["$defs"]["answer"]["properties"]
    assert answer["commitment"]["enum"] == ids
    for kind in KINDS:
        for name, shape in schema.read_schema(kind).get("$defs", {}).items():
            if name in defs and name not in {"charter", "event", "resource"}:
                assert shape == defs[name], f"{name} in {kind}"
