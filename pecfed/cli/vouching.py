"""`members endorse|attest|label|unlabel|revoke`: who vouches for whom, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from pecfed.cli.command import agreed, say, say_json, shown
from pecfed.errors import UsageError
from pecfed.federation.endorsing import read_statement
from pecfed.federation.node import Node
from pecfed.federation.resolve import resolve
from pecfed.language.charter import charter
from pecfed.services import attest, endorse, label, setup
from pecfed.store import objects
from pecfed.store.database import Session

DEEDS = ("endorse", "attest", "label", "unlabel", "revoke")
EXAMPLES = (
    "  pecfed members --dir node endorse @velo@node.velo.example --commitments governance-1\n"
    "  pecfed members --dir node revoke @velo@node.velo.example\n"
    "  pecfed members --dir hub attest velo@node.velo.example --questioned data,value\n"
    "  pecfed members --dir hub label velo@node.velo.example\n"
    "  pecfed members --dir hub unlabel velo@node.velo.example --reason not-verifiable\n"
)


def add_options(made: argparse.ArgumentParser) -> None:
    """The options of these deeds."""
    made.add_argument("--as", dest="as_", default="", metavar="ACTOR",
                      help="endorse, revoke: which actor of several")  # fmt: skip
    made.add_argument("--commitments", default="", metavar="IDS",
                      help="endorse: only these, as governance-1,data-3")  # fmt: skip
    made.add_argument("--questioned", default="", metavar="IDS",
                      help="attest: principles that aren't confirmed, as data,value")  # fmt: skip
    made.add_argument("--comment", default="", metavar="TEXT",
                      help="endorse, attest: words for everybody")  # fmt: skip
    made.add_argument("--digest", default="", metavar="SHA256",
                      help="attest: the version that was looked at, and no other")  # fmt: skip
    made.add_argument("--until", default="", metavar="DAY",
                      help="attest, label: the last day on which it holds")  # fmt: skip
    made.add_argument("--with", dest="with_", default="", metavar="NAME",
                      help="attest, label: the reviewer who agrees, where two must")  # fmt: skip
    made.add_argument("--yes", action="store_true",
                      help="unlabel, revoke: don't ask whether it is meant")  # fmt: skip


async def carry_out(node: Node, given: argparse.Namespace) -> int:
    """Do what is asked: at a hub or, for one's own endorsements, at any node."""
    if given.what == "endorse":
        return await _endorse(node, given)
    if given.what == "revoke" and not node.settings.is_hub:
        return await _take_back(node, given)
    setup.check_hub(node.settings)
    if given.what == "attest":
        return await _attest(node, given)
    if given.what == "label":
        return await _label(node, given)
    return await _end(node, given)


async def _endorse(node: Node, given: argparse.Namespace) -> int:
    member = await resolve(node, given.member)
    uri, statement = await read_statement(node, member)

    async def work(session: Session) -> tuple[str, Mapping[str, Any]]:
        actor = await setup.speaker(session, given.as_)
        language = next(iter(actor.profile.languages), node.settings.language)
        note = await endorse.endorse(
            session,
            node.uris,
            actor,
            node.settings,
            member=member,
            statement_uri=uri,
            statement=statement,
            commitments=_listed(given.commitments),
            comment={language: given.comment} if given.comment else {},
        )
        stored = await objects.get(session, note)
        assert stored is not None
        return note, stored.content.to_data()

    note, made = await node.database.write(work)
    if given.json:
        say_json({
            "uri": note,
            "credential": made["credential"]["id"],
            "member": member.uri,
            "digest": made["about"]["digest"],
            "commitments": made["commitments"],
            "valid_until": made["valid_until"],
        })  # fmt: skip
        return 0
    what = ", ".join(made["commitments"]) or "the whole statement"
    say(f"{shown(member.handle)}: {what}, as declared on {statement.declared}, is endorsed "
        f"until {made['valid_until']}.")  # fmt: skip
    say(note)
    return 0


async def _take_back(node: Node, given: argparse.Namespace) -> int:
    member = await resolve(node, given.member)
    warning = (f"pecfed: this takes back for good what is endorsed of {shown(member.handle)}; "
               "it can be endorsed anew.")  # fmt: skip
    if not given.yes and not agreed(warning):
        return 1

    async def work(session: Session) -> int:
        actor = await setup.speaker(session, given.as_)
        return await endorse.take_back(session, node.uris, actor, member.uri)

    ended = await node.database.write(work)
    if given.json:
        say_json({"member": member.uri, "revoked": ended})
    else:
        say(f"{shown(member.handle)} is no longer endorsed.")
    return 0


async def _attest(node: Node, given: argparse.Namespace) -> int:
    language = node.settings.language
    questioned = _listed(given.questioned)

    async def work(session: Session) -> tuple[attest.Subject, str]:
        of = await attest.subject(session, given.member)
        text = charter(of.statement.charter)
        known = [each.id for each in text.principles]
        for each in questioned:
            if each not in known:
                raise UsageError(f"there is no principle {each!r}, only {', '.join(known)}")
        found = {each: "questioned" if each in questioned else "confirmed" for each in known}
        hub = await setup.the_hub(session)
        made = await attest.attest(
            session,
            node.uris,
            hub,
            node.settings,
            given.member,
            principles=found,
            by=_by(given),
            digest=given.digest,
            reason=given.reason or "meets-criteria",
            comment={language: given.comment} if given.comment else {},
            valid_until=given.until,
        )
        return of, made

    of, made = await node.database.write(work)
    if given.json:
        say_json({
            "credential": made,
            "member": of.entry.slug,
            "digest": of.about.digest,
            "questioned": questioned,
        })  # fmt: skip
        return 0
    doubt = f" ({', '.join(questioned)} in question)" if questioned else ""
    say(f"{of.entry.slug}: its statement of {of.about.declared} is attested{doubt}.")
    say(f"{of.about.digest}  {made}")
    return 0


async def _label(node: Node, given: argparse.Namespace) -> int:
    async def work(session: Session) -> str:
        return await label.give(
            session,
            node.uris,
            await setup.the_hub(session),
            node.settings,
            given.member,
            by=_by(given),
            reason=given.reason or "meets-criteria",
            valid_until=given.until,
        )

    made = await node.database.write(work)
    if given.json:
        say_json({"credential": made, "member": given.member})
    else:
        say(f"{given.member} has the label: {made}")
    return 0


async def _end(node: Node, given: argparse.Namespace) -> int:
    """`unlabel`, and at a hub `revoke`: for good, since a credential that is revoked stays so."""
    if not given.reason:
        raise UsageError(f"members {given.what}: give a --reason (see: members --help)")
    what = "the label" if given.what == "unlabel" else "what is attested, and the label"
    warning = (f"pecfed: this takes back {what} of {given.member}, in public and for good; "
               "it can be given anew.")  # fmt: skip
    if not given.yes and not agreed(warning):
        return 1
    service = label.take if given.what == "unlabel" else attest.revoke

    async def work(session: Session) -> int:
        return await service(
            session,
            node.uris,
            await setup.the_hub(session),
            given.member,
            by="operator",
            reason=given.reason,
            message=given.message,
        )

    ended = await node.database.write(work)
    if given.json:
        say_json({"member": given.member, "revoked": ended})
    else:
        say(f"{given.member}: {ended} credential{'s' if ended > 1 else ''} revoked.")
    return 0


def _by(given: argparse.Namespace) -> Sequence[str]:
    """Who decides: the operator at the command line, and who agrees."""
    return ["operator", *([f"reviewer:{given.with_}"] if given.with_ else [])]


def _listed(text: str) -> list[str]:
    """Ids apart by commas."""
    return [each.strip() for each in text.split(",") if each.strip()]
