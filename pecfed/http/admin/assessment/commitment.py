"""One commitment of a self-assessment: its text, what is answered, what others answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from pecfed.domain import assessment as rules
from pecfed.domain.assessment import Wrong
from pecfed.domain.statement import Declared
from pecfed.errors import FetchError, RefusedError
from pecfed.federation.hub_api import Example
from pecfed.http.admin.assessment.view import Line, View, commitment_of, named, path, view
from pecfed.http.admin.render import render, see_other
from pecfed.http.admin.session import form
from pecfed.http.appkeys import DATABASE, NODE
from pecfed.http.language import LANGUAGES
from pecfed.language.charter import Commitment, charter
from pecfed.services import assessment
from pecfed.store import memberships
from pecfed.store.database import Session

MORE_LINKS = 2
"""Empty fields for links, beside those that are filled."""
MOST_LANGUAGES = 8
EXPLANATION = "explanation."
"""What the names of the fields for texts begin with; the language follows."""
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, the version that it is of, and what is wrong with it.

    `theirs` is what somebody else saved meanwhile.
    """

    answer: Declared
    version: int
    wrong: Sequence[tuple[Wrong, str]] = ()
    theirs: Declared | None = None
    is_conflict: bool = False


async def commitment_page(request: web.Request) -> web.Response:
    """The form; with `?examples=1` also what other members say, as their hub tells it."""
    commitment = commitment_of(request)

    async def read(session: Session) -> tuple[View, Sequence[str]]:
        actor = await named(session, request)
        rows = await memberships.of_actor(session, actor.id)
        hubs = [row["hub_uri"] for row in rows if row["state"] in {"member", "asked"}]
        return await view(session, actor), hubs

    found, hubs = await request.app[DATABASE].read(read)
    answer = found.found.draft.answers.get(commitment.id) or Declared(commitment.id, "")
    typed = Typed(answer, found.found.version(commitment.id))
    examples, failed = await _examples(request, found, hubs, commitment)
    return await _answer(
        request, found, commitment, typed, has_hub=bool(hubs), examples=examples, failed=failed
    )


async def _examples(
    request: web.Request, found: View, hubs: Sequence[str], commitment: Commitment
) -> tuple[Sequence[Example] | None, bool]:
    """What others say where it is asked for, and whether a hub failed to tell; None unasked."""
    if "examples" not in request.query:
        return None, False
    api, failed = request.app[NODE].hub_api, False
    for hub in hubs:
        try:
            examples = await api.examples(hub, commitment.id, but=found.actor.uri)
        except FetchError:
            failed = True
            continue
        if examples:
            return examples, False
    return [], failed


async def save(request: web.Request) -> web.Response:
    """Keep what was typed in the draft, and go on; what can't be kept comes back with a reason.

    Where somebody else saved the same answer meanwhile, both are shown, and saving again
    means to replace theirs.
    """
    commitment = commitment_of(request)
    typed = _typed(request, commitment)

    async def work(session: Session) -> tuple[View, RefusedError | None]:
        actor = await named(session, request)
        problem = None
        if not typed.wrong:
            try:
                await assessment.save(session, actor, typed.answer, typed.version)
            except RefusedError as error:
                problem = error
        return await view(session, actor), problem

    found, problem = await request.app[DATABASE].write(work)
    if typed.wrong:
        return await _answer(request, found, commitment, typed, status=400)
    if problem is not None:
        theirs = found.found.draft.answers.get(commitment.id) or Declared(commitment.id, "")
        both = Typed(
            typed.answer, found.found.version(commitment.id), theirs=theirs, is_conflict=True
        )
        return await _answer(request, found, commitment, both, status=problem.status)
    after = _after(commitment)
    if form(request).get("then") == "next" and after:
        return see_other(path(found.actor, "commitments", after))
    return see_other(f"{path(found.actor)}#{commitment.id}")


def _typed(request: web.Request, commitment: Commitment) -> Typed:
    """The form's fields as an answer."""
    fields = form(request)
    texts = {
        name.removeprefix(EXPLANATION): text
        for name, text in fields.items()
        if name.startswith(EXPLANATION) and _TAG.fullmatch(name.removeprefix(EXPLANATION))
    }
    answer = rules.written(
        commitment.id,
        fields.get("level", ""),
        dict(list(texts.items())[:MOST_LANGUAGES]),
        fields.getall("evidence", []),
    )
    version = fields.get("version", "")
    return Typed(
        answer,
        int(version) if re.fullmatch(r"[0-9]{1,9}", version) else -1,
        rules.wrong(answer, charter()),
    )


def _after(commitment: Commitment) -> str:
    """The id of the commitment that follows, "" after the last one."""
    ids = [each.id for each in charter().commitments]
    at = ids.index(commitment.id) + 1
    return ids[at] if at < len(ids) else ""


async def _answer(
    request: web.Request,
    found: View,
    commitment: Commitment,
    typed: Typed,
    *,
    status: int = 200,
    has_hub: bool = False,
    examples: Sequence[Example] | None = None,
    failed: bool = False,
) -> web.Response:
    principle, line = _place(found, commitment)
    tags = dict.fromkeys((*LANGUAGES, *typed.answer.explanation))
    return await render(
        request,
        "admin/assessment_commitment.html",
        status=status,
        view=found,
        principle=principle,
        line=line,
        number=[each.commitment.id for each in found.lines].index(commitment.id) + 1,
        after=_after(commitment),
        typed=typed,
        tags=list(tags),
        links=[*typed.answer.evidence, *[""] * MORE_LINKS],
        levels=charter().levels,
        has_hub=has_hub,
        examples=examples,
        failed=failed,
    )


def _place(found: View, commitment: Commitment) -> tuple[object, Line]:
    """The principle that a commitment belongs to, and its line."""
    for principle, lines in found.sections:
        for line in lines:
            if line.commitment.id == commitment.id:
                return principle, line
    raise AssertionError(f"{commitment.id} is in the charter")
