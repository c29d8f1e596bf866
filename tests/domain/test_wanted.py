"""The difference between a file and what is published."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pecfed.domain.content import Content
from pecfed.domain.note import Note
from pecfed.domain.profile import Profile
from pecfed.domain.resource import Resource
from pecfed.domain.statement import Declared, Statement, digest
from pecfed.domain.wanted import Wanted, difference

PROFILE = Profile("Lilas")
STATUTES = Resource("statuts", {"fr": "Statuts"}, "statutes")
SOURCE = Resource("code", {"fr": "Code"}, "software")
STATEMENT = Statement(
    "https://lilas.example/actors/lilas",
    "2018",
    "2026-11-23",
    "2027-11-23",
    (Declared("governance-1", "practised", {"fr": "Oui."}),),
)


@dataclass(frozen=True)
class Known:
    """Something published."""

    content: Content


def known(*contents: Content) -> list[Known]:
    return [Known(content) for content in contents]


def test_everything_is_new_to_a_new_actor() -> None:
    """Without an actor there is nothing yet: all is created, the profile too."""
    found = difference(Wanted("lilas", PROFILE, (STATEMENT, STATUTES)), None, [])
    assert [(change.verb, change.kind) for change in found.changes] == [
        ("create", "statement"),
        ("create", "resource"),
    ]
    assert found.profile == PROFILE and found.unchanged == 0 and not found.gone


def test_nothing_changes_when_nothing_changed() -> None:
    """The same file again is no difference at all."""
    found = difference(
        Wanted("lilas", PROFILE, (STATEMENT, STATUTES)), PROFILE, known(STATEMENT, STATUTES)
    )
    assert not found.changes and not found.gone and found.profile is None
    assert found.unchanged == 3


def test_changed_new_and_gone_are_told_apart() -> None:
    """By kind and uid."""
    better = replace(STATUTES, version="2")
    found = difference(
        Wanted("lilas", replace(PROFILE, url="https://lilas.example"), (better, SOURCE)),
        PROFILE,
        known(STATUTES, STATEMENT),
    )
    assert [(c.verb, c.uid) for c in found.changes] == [("update", "statuts"), ("create", "code")]
    assert [(c.verb, c.uid) for c in found.gone] == [("delete", "statement")]
    assert found.profile is not None and found.unchanged == 0


def test_notes_are_not_the_files_business() -> None:
    """What an actor said in passing isn't gone because no file names it."""
    assert not difference(Wanted("lilas", PROFILE, ()), PROFILE, known(Note("n", {}))).gone


def test_one_uid_for_two_kinds_is_two_things() -> None:
    """An event and a resource may have the same uid."""
    note = replace(STATUTES, uid="statement")
    found = difference(Wanted("lilas", PROFILE, (note,)), PROFILE, known(STATEMENT))
    assert [c.verb for c in (*found.changes, *found.gone)] == ["create", "delete"]


def test_a_statement_without_a_date_keeps_its_own() -> None:
    """Applying the file on another day is no new statement, unless it says something new."""
    tomorrow = replace(STATEMENT, declared="2026-11-24")
    same = difference(Wanted("lilas", PROFILE, (tomorrow,)), PROFILE, known(STATEMENT))
    assert not same.changes
    longer = replace(tomorrow, valid_until="2028-11-23")
    changed = difference(Wanted("lilas", PROFILE, (longer,)), PROFILE, known(STATEMENT))
    after = changed.changes[0].after
    assert isinstance(after, Statement) and after.declared == "2026-11-24"
    dated = Wanted("lilas", PROFILE, (tomorrow,), declared_given=True)
    assert difference(dated, PROFILE, known(STATEMENT)).changes[0].verb == "update"


def test_the_digest_is_of_the_value_alone() -> None:
    """It doesn't depend on the order of keys, and each word counts."""
    value = STATEMENT.to_value()
    backwards = dict(reversed(list(value.items())))
    assert digest(value) == digest(backwards)
    assert digest(value) != digest(replace(STATEMENT, declared="2026-11-24").to_value())
    assert digest({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert Statement.from_value(value) == STATEMENT
