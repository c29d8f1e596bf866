"""One delivery after another: what each answer means, in which order, and what never gets lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pecfed import clock
from pecfed.federation.deliver import BACK_OFF, Sender
from pecfed.services import publish, setup
from pecfed.store import deliveries
from pecfed.store.database import Session
from pecfed.store.deliveries import Delivery
from tests.cast import Peer, gmt
from tests.federation.sending import arrived, send
from tests.servers import Server, eventually
from tests.things import resource


async def say(node: Server, version: str = "1") -> int:
    """Publish a resource, or correct it; the key of the activity."""

    async def work(session: Session) -> int:
        from pecfed.store import objects

        actor = await setup.speaker(session)
        known = await objects.of_actor(session, actor.uri)
        thing = resource(version=version)
        if known:
            await publish.update(session, node.node.uris, actor, known[0], thing)
        else:
            await publish.create(session, node.node.uris, actor, thing)
        return int(await session.value("SELECT max(id) FROM activities"))

    return await node.write(work)


async def states(node: Server) -> list[tuple[Any, ...]]:
    return await node.rows(
        "SELECT a.type, d.state, d.status, d.attempts FROM deliveries d "
        "JOIN activities a ON a.id = d.activity_id WHERE a.is_public = 1 ORDER BY d.id"
    )


@pytest.fixture
async def velo(lilas: Server, corbeau: Peer) -> Server:
    """Lilas, whom Corbeau follows."""
    await send(corbeau, lilas, corbeau.activity("Follow", lilas.actor_uri))
    await eventually(arrived(corbeau, "Accept"))
    await lilas.quiet()
    corbeau.got.clear()
    return lilas


WAITS = "waiting"
JUDGED: dict[int, tuple[str, str]] = {
    # the first time, and from the third time on
    200: ("delivered", "delivered"),
    202: ("delivered", "delivered"),
    204: ("delivered", "delivered"),
    301: ("parked", "parked"),
    307: ("parked", "parked"),
    400: (WAITS, "parked"),
    401: (WAITS, "parked"),
    403: (WAITS, "parked"),
    404: ("parked", "parked"),
    406: ("parked", "parked"),
    408: (WAITS, WAITS),
    410: ("parked", "parked"),
    413: (WAITS, "parked"),
    422: (WAITS, "parked"),
    429: (WAITS, WAITS),
    500: (WAITS, WAITS),
    501: ("parked", "parked"),
    502: (WAITS, WAITS),
    503: (WAITS, WAITS),
}


@pytest.mark.case("R3")
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_r3_what_each_answer_means(lilas: Server, corbeau: Peer) -> None:
    """Arrived, tried again, tried a few times, or given up; redirects are not followed."""
    activity, sender = await say(lilas), Sender(lilas.node)
    wrong = []
    for status, expected in JUDGED.items():
        corbeau.inbox_status = status
        for attempts, state in zip((0, 2), expected, strict=True):
            delivery = Delivery(1, activity, f"{corbeau.uri}/inbox", corbeau.url, attempts)
            outcome = await sender.send(delivery)
            if (outcome.state, outcome.status) != (state, status):
                wrong.append(f"{status} after {attempts}: {outcome}")
            if outcome.state == WAITS:
                pause = (outcome.due_at - clock.now_ms()) / 1000
                if not BACK_OFF[attempts] * 0.45 <= pause <= BACK_OFF[attempts] * 1.05:
                    wrong.append(f"{status} after {attempts}: pauses {pause} s")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_nobody_answers(lilas: Server, corbeau: Peer) -> None:
    """Tried for about a week in fourteen tries, ever less often; then parked, with its reason."""
    activity, sender = await say(lilas), Sender(lilas.node)
    dead = "http://127.0.0.1:9/inbox"
    dues = []
    for attempts in range(len(BACK_OFF)):
        outcome = await sender.send(Delivery(1, activity, dead, dead, attempts))
        assert (outcome.state, outcome.status) == (WAITS, None) and outcome.error
        dues.append(outcome.due_at - clock.now_ms())
    last = await sender.send(Delivery(1, activity, dead, dead, len(BACK_OFF)))
    assert last.state == "parked"
    assert len(dues) == 15 and sum(BACK_OFF) > 6 * 86_400
    never = await sender.send(Delivery(1, activity, "ftp://a.example/inbox", dead, 0))
    assert never.state == "parked"


@pytest.mark.case("R2")
@pytest.mark.parametrize(
    ("retry_after", "least"),
    [("120", 120), ("date", 90), ("9999999999", 6 * 3600), ("soon", 0), ("-5", 0), ("1e9", 0)],
)
async def test_r2_retry_after(lilas: Server, corbeau: Peer, retry_after: str, least: int) -> None:
    """A peer that asks for time gets it, six hours at the most."""
    said = gmt(datetime.now(UTC) + timedelta(seconds=100)) if retry_after == "date" else retry_after
    corbeau.inbox_status, corbeau.inbox_headers = 503, {"Retry-After": said}
    activity, sender = await say(lilas), Sender(lilas.node)
    outcome = await sender.send(Delivery(1, activity, f"{corbeau.uri}/inbox", corbeau.url, 0))
    pause = (outcome.due_at - clock.now_ms()) / 1000
    assert outcome.state == WAITS
    assert least - 1 <= pause <= max(least, BACK_OFF[0]) + 15


async def test_what_arrives_is_signed_anew(velo: Server, corbeau: Peer) -> None:
    """The actor's own key, a fresh date, the media type that everybody takes."""
    await say(velo)
    await eventually(arrived(corbeau, "Create"))
    (got,) = [got for got in corbeau.got if got.method == "POST"]
    assert got.headers["Content-Type"] == "application/activity+json"
    assert f'keyId="{velo.actor_uri}#main-key"' in got.headers["Signature"]
    assert got.headers["Host"] == corbeau.url.removeprefix("http://")
    assert got.json["object"]["resource"]["uid"] == "statuts"


async def test_changes_arrive_in_their_order(velo: Server, corbeau: Peer) -> None:
    """While the Create waits its Updates wait behind it; then all come, oldest first."""
    corbeau.inbox_status = 503
    await say(velo)

    async def tried() -> bool:
        return bool((await states(velo))[0][2])

    await eventually(tried)
    for version in ("2", "3"):
        await say(velo, version)
    await asyncio.sleep(0.2)
    assert [row[3] for row in await states(velo)] == [1, 0, 0]
    queue = (await velo.status())["queue"]
    assert (queue["waiting"], queue["retrying"]) == (2, 1)
    corbeau.inbox_status = 202
    corbeau.got.clear()
    with clock.running_ahead(timedelta(minutes=2)):
        velo.node.database.bell("deliveries").ring()
        await eventually(arrived(corbeau, "Update", 2))
        await velo.quiet()
    versions = [each["object"]["resource"]["version"] for each in corbeau.posted()]
    assert versions == ["1", "2", "3"]
    assert [row[1] for row in await states(velo)] == ["delivered"] * 3


@pytest.mark.case("R4")
async def test_r4_a_sign_of_life_sends_what_waits(velo: Server, corbeau: Peer) -> None:
    """A host that was silent writes to us: what waits for it is sent at once."""
    corbeau.inbox_status = 503
    for version in "123456":
        await say(velo, version)
        await velo.write(lambda s: deliveries.host_failed(s, f"{corbeau.url}", clock.now_ms()))

    async def silent() -> bool:
        return bool((await velo.status())["silent_hosts"])

    await eventually(silent)
    corbeau.inbox_status = 202
    corbeau.got.clear()
    await send(corbeau, velo, corbeau.activity("Follow", velo.actor_uri))
    await eventually(arrived(corbeau, "Update", 5))


async def test_what_is_given_up_stays_in_sight(velo: Server, corbeau: Peer) -> None:
    """Parked with its reason; asked again, it goes; and nothing behind it was held up."""
    corbeau.inbox_status = 404
    await say(velo)

    async def parked() -> bool:
        return bool((await velo.status())["queue"]["parked"])

    await eventually(parked)
    (told,) = (await velo.status())["parked"]
    assert (told["type"], told["inbox"]) == ("Create", f"{corbeau.uri}/inbox")
    assert "404" in told["error"]
    corbeau.inbox_status = 202
    corbeau.got.clear()
    await velo.write(lambda s: deliveries.retry_parked(s, clock.now_ms()))
    await eventually(arrived(corbeau, "Create"))


@pytest.mark.case("R3")
async def test_r3_a_follower_that_is_gone_is_left_in_peace(velo: Server, corbeau: Peer) -> None:
    """Its inbox and its actor answer 410: nothing more is sent there."""
    corbeau.inbox_status = 410
    corbeau.gone(corbeau.uri)
    await say(velo)

    async def gone() -> Any:
        return await velo.value("SELECT gone_at FROM remote_actors")

    await eventually(gone)
    before = len(corbeau.got)
    await say(velo, "2")
    await velo.quiet()
    assert len(corbeau.got) == before


async def test_an_inbox_that_moved_is_found(velo: Server, corbeau: Peer) -> None:
    """Its actor names another inbox now: what comes next goes there."""
    corbeau.inbox_status = 404
    corbeau.serve(corbeau.actor(inbox=f"{corbeau.url}/new-inbox"))
    await say(velo)

    async def known() -> bool:
        inbox = await velo.value("SELECT inbox FROM remote_actors")
        return bool(inbox == f"{corbeau.url}/new-inbox")

    await eventually(known)
    corbeau.inbox_status = 202
    await say(velo, "2")
    await eventually(arrived(corbeau, "Update"))
    assert [got.path for got in corbeau.got if got.method == "POST"][-1] == "/new-inbox"


@pytest.mark.case("O6")
async def test_o6_each_correction_is_newer_than_the_last(velo: Server, corbeau: Peer) -> None:
    """`updated` rises strictly, however fast one corrects; Mastodon ignores it else."""
    for version in "12345":
        await say(velo, version)
    await eventually(arrived(corbeau, "Update", 4))
    told = [each["object"].get("updated", each["object"]["published"]) for each in corbeau.posted()]
    assert told == sorted(told) and len(set(told)) == 5


@pytest.mark.case("O7")
async def test_o7_a_new_profile_is_told(velo: Server, corbeau: Peer) -> None:
    """An Update with the whole actor reaches the followers; the same file again tells nothing."""
    for _ in range(2):
        await velo.apply('[actor]\nname = "Vélo Commun"\n')
    await eventually(arrived(corbeau, "Update"))
    await velo.quiet()
    (update,) = corbeau.posted("Update")
    assert (update["object"]["id"], update["object"]["name"]) == (velo.actor_uri, "Vélo Commun")
    assert update["object"]["publicKey"]["owner"] == velo.actor_uri
