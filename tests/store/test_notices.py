"""Notices, who has read them, and the mails they go into."""

from __future__ import annotations

import pytest

from pecfed import clock
from pecfed.domain.notice import KINDS
from pecfed.services import notices as service
from pecfed.store import accounts, mails, notices
from pecfed.store.database import Database, Session
from tests.things import DAY, LILAS, ORME


async def recipient(session: Session, address: str, *, role: str = "operator",
                    account: str = "", language: str = "fr") -> mails.Recipient:  # fmt: skip
    """Somebody who is told by mail."""
    now = clock.now_ms()
    await mails.put(
        session, address=address, account=account, role=role, language=language,
        token=f"token-{address}", now=now,
    )  # fmt: skip
    found = await mails.by_address(session, address)
    assert found is not None
    return found


async def test_a_notice_is_there_for_whom_it_is_for(database: Database) -> None:
    """Operators see all, reviewers what is for them, an observer nothing but its own."""

    async def story(session: Session) -> None:
        await service.notice(session, "join", subject=LILAS, facts={"name": "Lilas"})
        await service.notice(session, "appeal", subject=ORME, to="reviewers")
        await service.notice(session, "question", subject=LILAS, to="account:anne")

        async def seen(role: str, account: str) -> list[str]:
            return [each.kind for each, _ in await service.listing(session, role, account)]

        assert await seen("operator", "anne") == ["question", "appeal", "join"]
        assert await seen("reviewer", "bob") == ["appeal"]
        assert await seen("observer", "eve") == []
        assert await seen("observer", "anne") == ["question"]
        assert await service.unread(session, "operator", "anne") == 3

    await database.write(story)


async def test_reading_counts_for_one_account(database: Database) -> None:
    """Twice is once, unknown numbers are nothing, another account's bell stays."""

    async def story(session: Session) -> None:
        first = await service.notice(session, "join", subject=LILAS)
        await service.notice(session, "report", subject=LILAS)
        assert first is not None
        assert await service.read(session, "anne", [first, 999]) == 1
        assert await service.read(session, "anne", [first]) == 0
        assert await service.unread(session, "operator", "anne") == 1
        assert await service.unread(session, "operator", "bob") == 2
        flags = [is_read for _, is_read in await service.listing(session, "operator", "anne")]
        assert flags == [False, True]
        assert [
            n.id for n, _ in await service.listing(session, "operator", "a", before=first)
        ] == []

    await database.write(story)


async def test_the_same_is_told_once(database: Database) -> None:
    """By kind, subject and ref; without a ref each time."""

    async def story(session: Session) -> None:
        for _ in range(2):
            await service.notice(session, "expiry", subject=LILAS, ref="2027-11-23")
            await service.notice(session, "join", subject=LILAS)
        await service.notice(session, "expiry", subject=ORME, ref="2027-11-23")
        kinds = [each.kind for each, _ in await service.listing(session, "operator", "anne")]
        assert kinds == ["expiry", "join", "join", "expiry"]

    await database.write(story)


async def test_facts_are_bounded(database: Database) -> None:
    """However much a peer calls itself."""

    async def story(session: Session) -> None:
        facts = {f"k{n}": "x" * 5000 for n in range(100)}
        await service.notice(session, "join", subject=LILAS, facts=facts | {"name": "a\u202eb"})
        ((found, _),) = await service.listing(session, "operator", "anne")
        assert len(found.facts) == 12
        assert max(map(len, found.facts.values())) == 300

    await database.write(story)


@pytest.mark.parametrize(("kind", "to"), [("nonsense", "operators"), ("join", "somebody")])
async def test_an_unknown_notice_is_refused(database: Database, kind: str, to: str) -> None:
    """It's our own mistake, and shows at once."""
    assert "nonsense" not in KINDS
    with pytest.raises(ValueError, match="no notice"):
        await database.write(lambda s: service.notice(s, kind, subject=LILAS, to=to))


async def test_what_waits_goes_into_one_mail(database: Database) -> None:
    """Each notice once; who said goodbye or has no such role gets none."""

    async def story(session: Session) -> None:
        await accounts.add(
            session, name="bob", role="reviewer", language="en", user_handle="b", now=1
        )
        anne = await recipient(session, "anne@ruche.example")
        bob = await recipient(session, "bob@ruche.example", role="reviewer", account="bob")
        gone = await recipient(session, "gone@ruche.example")
        assert await mails.end(session, gone.id, 1)
        await service.notice(session, "join", subject=LILAS)
        await service.notice(session, "report", subject=ORME)
        await service.notice(session, "appeal", subject=ORME, to="reviewers")
        await service.notice(session, "question", subject=ORME, to="account:bob")
        now = clock.now_ms()
        found = [await mails.claim(session, now) for _ in range(3)]
        told = {m.recipient.id: [n.kind for n in m.notices] for m in found if m}
        assert told == {anne.id: ["join", "report", "appeal"], bob.id: ["appeal", "question"]}
        assert found[2] is None

    await database.write(story)


async def test_a_mail_that_was_tried_doesnt_grow(database: Database) -> None:
    """What comes meanwhile waits for the next one, five minutes later at the earliest."""

    async def story(session: Session) -> None:
        await recipient(session, "anne@ruche.example")
        await service.notice(session, "join", subject=LILAS)
        now = clock.now_ms()
        first = await mails.claim(session, now)
        assert first is not None and first.attempts == 1
        await service.notice(session, "report", subject=LILAS)
        assert await mails.claim(session, now + 100_000) is None
        await mails.failed(session, first.id, "451 later", now + 1000)
        again = await mails.claim(session, now + 1000)
        assert again is not None
        assert (again.message_id, [n.kind for n in again.notices]) == (first.message_id, ["join"])
        await mails.sent(session, again.id, now)
        later = await mails.claim(session, now + service.GATHER + 5000)
        assert later is not None and [n.kind for n in later.notices] == ["report"]
        assert later.message_id != first.message_id

    await database.write(story)


async def test_goodbye_parks_what_waits_and_old_things_are_forgotten(database: Database) -> None:
    """A notice stays while a mail with it waits."""

    async def story(session: Session) -> None:
        anne = await recipient(session, "anne@ruche.example")
        number = await service.notice(session, "join", subject=LILAS)
        assert number is not None
        await service.read(session, "anne", [number])
        later = clock.now_ms() + DAY
        await notices.prune(session, later)
        await mails.prune(session, later)
        assert await mails.counts(session) == {"waiting": 1, "sent": 0, "parked": 0}
        assert await service.unread(session, "operator", "bob") == 1
        assert await mails.end(session, anne.id, later)
        assert not await mails.end(session, anne.id, later)
        assert await mails.retry(session, later) == 0
        assert not await mails.any_due(session, later)
        await mails.prune(session, later)
        await notices.prune(session, later)
        assert await mails.counts(session) == {"waiting": 0, "sent": 0, "parked": 0}
        assert await service.unread(session, "operator", "bob") == 0
        await mails.forget(session, anne.id)
        assert await mails.recipients(session) == []

    await database.write(story)


async def test_the_address_of_an_account_goes_with_it(database: Database) -> None:
    """Its role and language are the account's; once the account is gone nobody is told."""

    async def story(session: Session) -> None:
        await accounts.add(
            session, name="bob", role="reviewer", language="en", user_handle="b", now=1
        )
        bob = await recipient(session, "bob@ruche.example", role="operator", account="bob")
        assert (bob.role, bob.language, bob.is_told) == ("reviewer", "en", True)
        await service.notice(session, "join", subject=LILAS)
        assert not await mails.any_due(session, clock.now_ms())
        account = await accounts.by_name(session, "bob")
        assert account is not None
        await accounts.set_role(session, account.id, "operator")
        await service.notice(session, "report", subject=LILAS)
        assert await mails.any_due(session, clock.now_ms())
        await accounts.remove(session, account.id)
        mail = await mails.claim(session, clock.now_ms())
        assert mail is not None and not mail.recipient.is_told
        await mails.failed(session, mail.id, "nobody to tell", None)
        await service.notice(session, "question", subject=LILAS, to="account:bob")
        assert await mails.claim(session, clock.now_ms() + service.GATHER * 2) is None

    await database.write(story)
