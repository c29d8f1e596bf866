"""What soon is no longer valid is told in time, once."""

from __future__ import annotations

from datetime import timedelta

from pecfed import clock
from pecfed.services import expiry, notices
from tests.conftest import MakeServer
from tests.servers import Server

FILE = """
[actor]
name = "Lilas"
summary.fr = "Des lilas."
[charter]
version = "2018"
declared = {declared}
valid_until = {until}
[charter.commitments.governance-1]
level = "planned"
"""


async def told(lilas: Server) -> list[str]:
    """The last days that its operator was told of."""
    found = await lilas.read(lambda s: notices.listing(s, "operator", "anne"))
    return [each.facts["until"] for each, _ in found if each.kind == "expiry"]


async def test_a_statement_that_ends_soon(make_server: MakeServer) -> None:
    """Thirty days before its last day, once; anew for the next version; not once it is over."""
    lilas = await make_server(username="lilas")
    today = clock.now().date()
    until = today + timedelta(days=40)
    await lilas.apply(FILE.format(declared=today, until=until))
    assert await lilas.write(expiry.tell) == 0
    with clock.running_ahead(timedelta(days=11)):
        assert await lilas.write(expiry.tell) == 1
        assert await lilas.write(expiry.tell) == 0
    assert await told(lilas) == [until.isoformat()]
    later = until + timedelta(days=1)
    await lilas.apply(FILE.format(declared=today, until=later))
    with clock.running_ahead(timedelta(days=60)):
        assert await lilas.write(expiry.tell) == 0
    with clock.running_ahead(timedelta(days=20)):
        assert await lilas.write(expiry.tell) == 1
    assert await told(lilas) == [later.isoformat(), until.isoformat()]
