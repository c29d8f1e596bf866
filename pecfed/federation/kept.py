"""Documents kept in a file for verifying without the net: keys, status lists, statements.

One JSON object, `documents` by their address. A document of an actor alone is read, too:
that is enough where somebody only wants to pin whose keys count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pecfed import clock
from pecfed.errors import RefusedError, UsageError
from pecfed.federation import unsigned
from pecfed.federation.verdict import refuse_to_ask
from pecfed.language.wire import Document, one_or_many, parse

MAX_FILE = 50_000_000  # bytes
MAX_DOCUMENTS = 10_000


def heads(documents: Mapping[str, Mapping[str, Any]]) -> dict[int, str]:
    """The heads of logs among saved documents: for how many lines, which hash."""
    found: dict[int, str] = {}
    for each in documents.values():
        said = each.get("logHead")
        if isinstance(said, Mapping) and type(said.get("lines")) is int:
            found[said["lines"]] = str(said.get("hash"))
    return found


class Online:
    """Documents from their own addresses, each asked for once."""

    def __init__(self, *, development: bool) -> None:
        self.read: dict[str, Document] = {}
        self._development = development

    def __call__(self, url: str) -> Document:
        """What stands there now.

        Raises:
            FetchError: it can't be read.
            RefusedError: it is no JSON that is read in one way only.
        """
        if url not in self.read:
            self.read[url] = parse(unsigned.read(url, development=self._development))
        return self.read[url]


class Kept:
    """Documents that were saved; nothing is asked of the net.

    What is verified anyway (status lists, statements, credentials) may also lie beside
    the credential in its folder (`beside`); whose keys count says the file alone.
    """

    def __init__(
        self,
        documents: Mapping[str, Document],
        beside: Mapping[str, Document],
        *,
        development: bool,
    ) -> None:
        self._documents = documents
        self._beside = beside
        self._development = development

    def __call__(self, url: str) -> Document:
        """What was saved of that address.

        Raises:
            FetchError: nothing, or it is an address that nobody could rely on.
        """
        unsigned.check(url, development=self._development)
        if url in self._documents:
            return self._documents[url]
        found = self._beside.get(url)
        if found is None or "assertionMethod" in found or "publicKey" in found:
            raise refuse_to_ask(url)
        return found


def load(path: Path) -> dict[str, Document]:
    """The documents of a file that `save` wrote, or the one actor's document in it.

    Raises:
        UsageError: it is neither.
    """
    wrong = UsageError(
        f"{path}: holds no keys; make it with: pecfed verify FILE --save-keys {path}"
    )
    try:
        if path.stat().st_size > MAX_FILE:
            raise wrong
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except (ValueError, RecursionError):
        raise wrong from None
    documents = value.get("documents") if isinstance(value, dict) else None
    if documents is None and isinstance(value, dict) and isinstance(value.get("id"), str):
        documents = {value["id"]: value}
    if not isinstance(documents, dict) or not 0 < len(documents) <= MAX_DOCUMENTS:
        raise wrong
    if not all(isinstance(each, dict) for each in documents.values()):
        raise wrong
    return documents


def add(path: Path, documents: Mapping[str, Document]) -> None:
    """Save documents beside those that a file holds already; newer ones take their place.

    Not so an actor that no longer lists a key as it was pinned: that is for people to clear up.

    Raises:
        UsageError: another file than one of ours is there already, or it would hold too much.
        RefusedError: a key changed or is gone; nothing was saved.
    """
    known = load(path) if path.exists() else {}
    for uri in known.keys() & documents.keys():
        _check_pinned(path, uri, _keys(known[uri]), _keys(documents[uri]))
    merged = {**known, **documents}
    if len(merged) > MAX_DOCUMENTS:
        raise UsageError(
            f"{path}: would hold more than {MAX_DOCUMENTS} documents; use another file"
        )
    save(path, merged)


def _keys(actor: Mapping[str, Any]) -> dict[str, str]:
    """What an actor's document lists to sign with: each key by its id; none of other documents."""
    return {
        str(each.get("id")): str(each.get("publicKeyMultibase"))
        for each in one_or_many(actor.get("assertionMethod"))
        if isinstance(each, Mapping) and "revoked" not in each
    }


def _check_pinned(
    path: Path, uri: str, pinned: Mapping[str, str], listed: Mapping[str, str]
) -> None:
    for key, public in pinned.items():
        if listed.get(key) == public:
            continue
        what = f"{key} is another one" if key in listed else f"{uri} no longer lists {key}"
        raise RefusedError(
            f"{path}: a key that was saved there has changed: {what}. Nothing was saved. Ask "
            f"{uri} in another way whether it took that key back; then save to a new file",
            code="pinned",
        )


def save(path: Path, documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Write documents down, whole or not at all.

    Raises:
        UsageError: another file than one of ours is there already.
    """
    if path.exists():
        load(path)
    part = path.with_name(f"{path.name}.part")
    saved = {"saved": clock.seconds(clock.now()), "documents": dict(documents)}
    part.write_text(json.dumps(saved, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
