"""`verify`: is a credential what it says, and is a copy of a log whole? Anybody may ask."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from pecfed import clock
from pecfed.cli.command import add_command, add_json, say, say_json, shown
from pecfed.domain.uris import is_plain, origin, same_origin
from pecfed.errors import PecfedError, UsageError
from pecfed.federation import kept, log_verdict, unsigned, verdict
from pecfed.federation.verdict import Step, Verdict
from pecfed.language.wire import Document, one_or_many, parse

MAX_FILES = 10_000
MAX_LINE = 200_000  # bytes; a line of a log has fewer
LOG = ".jsonl"
Found = Document | PecfedError | Path | BytesIO
"""A document, why there is none, or a copy of a log."""
OK, DOUBT = 0, 1


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`pecfed verify`."""
    made = add_command(
        commands,
        "verify",
        _verify,
        "verify a label, attestation or endorsement, or a copy of a hub's log",
        "  pecfed verify https://annuaire.example/label/velo@velo.example\n"
        "  pecfed verify label.json --save-keys annuaire.keys   # what it takes to do it offline\n"
        "  pecfed verify label.json --keys annuaire.keys        # asks nobody\n"
        "  pecfed verify folder/ --issuer https://annuaire.example/actors/annuaire\n"
        "  pecfed verify https://annuaire.example/log.jsonl",
        folder=False,
    )
    made.add_argument("what", metavar="WHAT", help="a file, a folder of them, or an address")
    made.add_argument("--issuer", default=None, metavar="URI",
                      help="who must have issued it; without, a file is only as good as its "
                      "issuer, and an address stands for its own site alone")  # fmt: skip
    made.add_argument("--keys", type=Path, default=None, metavar="FILE",
                      help="verify with what was saved there, and ask nobody")  # fmt: skip
    made.add_argument("--save-keys", type=Path, default=None, metavar="FILE",
                      help="save what it takes to verify this again offline")  # fmt: skip
    made.add_argument("--development", action="store_true",
                      help="permit plain http to this machine")  # fmt: skip
    add_json(made)


def _verify(given: argparse.Namespace) -> int:
    if given.keys and given.save_keys:
        raise UsageError("verify: choose --keys or --save-keys, not both")
    if given.issuer is not None and not (origin(given.issuer) and is_plain(given.issuer)):
        raise UsageError(
            f"verify: --issuer {given.issuer!r} is no address of an actor; "
            "write it as the credential does, such as https://annuaire.example/actors/annuaire"
        )
    is_address = given.what.startswith(("https://", "http://"))
    if is_address and given.keys:
        raise UsageError("verify: --keys asks nobody, so give it a file, not an address")
    saved = kept.load(given.keys) if given.keys else None
    found: list[tuple[str, Found]]
    found = list(_address(given) if is_address else _files(Path(given.what)))
    online = kept.Online(development=given.development)
    beside = {str(each["id"]): each for _, each in found if isinstance(each, dict) and "id" in each}
    source: verdict.Source = online
    if saved is not None:
        source = kept.Kept(saved, beside, development=given.development)
    verdicts = [
        (name, _by_whom(given, _judged(document, source, kept.heads(saved or {}))))
        for name, document in found
        if _is_meant(document) or len(found) == 1
    ]
    is_valid = bool(verdicts) and all(each.is_valid for _, each in verdicts)
    _tell(given, verdicts, is_valid=is_valid)
    if given.save_keys:
        if not is_valid:
            say("Nothing was saved.")
        else:
            kept.add(given.save_keys, online.read)
    return OK if is_valid else DOUBT


def _address(given: argparse.Namespace) -> Iterator[tuple[str, Found]]:
    """The document at an address, or the copy of a log."""
    is_log = urlsplit(given.what).path.endswith(LOG)
    limits: dict[str, Any] = {}
    if is_log:
        limits = {"limit": unsigned.MAX_LOG, "seconds": unsigned.LOG_SECONDS}
    try:
        body = unsigned.read(given.what, development=given.development, **limits)
        yield given.what, BytesIO(body) if is_log else parse(body)
    except PecfedError as error:
        yield given.what, error


def _files(path: Path) -> Iterator[tuple[str, Found]]:
    """The documents of a file, or of the files of a folder, by name."""
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    paths = [path]
    if path.is_dir():
        paths = sorted([*path.glob("*.json"), *path.glob(f"*{LOG}")])
    if len(paths) > MAX_FILES:
        raise UsageError(f"{path}: more than {MAX_FILES} files; verify them in parts")
    for each in paths:
        if each.suffix == LOG:
            yield each.name, each
            continue
        try:
            if each.stat().st_size > unsigned.MAX_BYTES:
                raise UsageError(f"{each}: more than {unsigned.MAX_BYTES} bytes")
            yield each.name, parse(each.read_bytes())
        except PecfedError as error:
            yield each.name, error


def _is_meant(document: Found) -> bool:
    """Whether a file of a folder is there to be verified; a status list or a statement isn't."""
    if not isinstance(document, dict):
        return True
    types = one_or_many(document.get("type"))
    is_list = "BitstringStatusListCredential" in types
    return "credential" in document or ("VerifiableCredential" in types and not is_list)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """A file's lines; one that is too long comes in pieces, which are no lines of a log."""
    while line := file.readline(MAX_LINE):
        yield line


def _judged(document: Found, source: verdict.Source, heads: Mapping[int, str]) -> Verdict:
    if isinstance(document, Path):
        with document.open("rb") as file:
            return log_verdict.log(_lines(file), source, clock.now(), heads)
    if isinstance(document, BytesIO):
        return log_verdict.log(_lines(document), source, clock.now(), heads)
    if isinstance(document, PecfedError):
        return Verdict("", "", "", "", (Step("file", False, document.message),))
    inner = document.get("credential")
    return verdict.credential(inner if isinstance(inner, dict) else document, source, clock.now())


def _by_whom(given: argparse.Namespace, of: Verdict) -> Verdict:
    """The verdict with whether its issuer is who was meant, where that can be said.

    Who gives an address means the site that it is on; a copy that another site serves,
    as a hub may of a member's endorsement, is its issuer's word all the same, and a doubt
    until that one is named.
    """
    is_address = given.what.startswith(("https://", "http://"))
    if not of.issuer or not (is_address or given.issuer):
        return of
    step = Step("issuer", True, f"{of.issuer} is who was meant")
    if given.issuer and of.issuer != given.issuer:
        step = Step("issuer", False, f"{of.issuer} issued it, not {given.issuer}")
    elif not given.issuer and not same_origin(given.what, of.issuer):
        there = "" if of.kind == log_verdict.KIND else f"verify {of.uri}, or "
        step = Step(
            "issuer",
            False,
            f"this is a copy of what an actor of another site issued: {there}"
            f"say that it is whom you trust: --issuer {of.issuer}",
        )
    return replace(of, steps=(*of.steps, step))


def _tell(
    given: argparse.Namespace, verdicts: list[tuple[str, Verdict]], *, is_valid: bool
) -> None:
    if given.json:
        say_json({"valid": is_valid, "items": [_item(*each) for each in verdicts]})
        return
    for name, each in verdicts:
        say(shown(name))
        for step in each.steps:
            say(f"  {'yes' if step.holds else 'NO '}  {step.name}: {shown(step.says)}")
        say(f"  {_conclusion(each)}")
    if not verdicts:
        say("There is nothing here that could be verified.")


def _conclusion(of: Verdict) -> str:
    if of.is_valid:
        is_meant = any(step.name == "issuer" for step in of.steps)
        return "Valid." if is_meant else f"Valid, if you trust {shown(of.issuer)}"
    doubts = sum(not step.holds for step in of.steps)
    return f"Not valid: {doubts} doubt{'s' if doubts > 1 else ''}."


def _item(name: str, of: Verdict) -> dict[str, Any]:
    return {
        "from": name,
        "valid": of.is_valid,
        "kind": of.kind,
        "id": of.uri,
        "issuer": of.issuer,
        "subject": of.subject,
        "steps": [{"step": s.name, "holds": s.holds, "says": s.says} for s in of.steps],
    }
