"""Where the admin stands: under the node's own address, or under another one alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pecfed.errors import UsageError
from pecfed.http import assets
from pecfed.settings import make
from pecfed.store.database import Database
from tests.admin import PASSWORD, code, enter
from tests.http.conftest import Served, serve

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@ONE_ENGINE
async def test_another_host_is_refused(hub: Served) -> None:
    """Addresses are those of the settings, whatever a request says."""
    anne = await enter(hub.database, hub.settings)
    for host in ("evil.example", "127.0.0.1", "localhost"):
        for path in ("/admin", "/admin/sign-in"):
            async with hub.client.get(
                path, headers={"Host": host}, cookies=anne.cookies
            ) as response:
                assert response.status == 421
                assert response.headers["Cache-Control"] == "no-store"


@ONE_ENGINE
async def test_the_admin_at_an_address_of_its_own(database: Database, tmp_path: Path) -> None:
    """It answers there alone, and nothing else does; forms and cookies are of that address."""
    elsewhere = "https://admin.ruche.example"
    async for served in serve(database, tmp_path, "hub", "ruche", admin_url=elsewhere):
        there = {"Host": "admin.ruche.example", "Origin": elsewhere}
        own = {"Origin": served.settings.url}
        sheet = assets.assets()["site.css"].path
        for path, status in (("/admin/sign-in", 200), ("/admin", 401), ("/", 421),
                             ("/api/v1/members", 421), (sheet, 200)):  # fmt: skip
            async with served.client.get(path, headers=there) as response:
                assert response.status == status, path
        async with served.client.get("/admin/sign-in", headers=own) as response:
            assert response.status == 421
        await enter(database, served.settings)
        fields = {"name": "anne", "password": PASSWORD, "code": code()}
        for headers, status in ((there | own, 403), (there, 303)):
            async with served.client.post(
                "/admin/sign-in", data=fields, headers=headers, allow_redirects=False
            ) as response:
                assert response.status == status
        cookie = response.headers["Set-Cookie"]
        assert cookie.startswith("__Host-pecfed=")
        assert all(part in cookie for part in ("; Secure", "; HttpOnly", "; SameSite=Strict"))
        assert "Domain" not in cookie


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    """Plain http is for this machine alone: by a tunnel, say."""
    url = "https://node.example"
    for wrong in ("admin.example", "http://admin.example", "https://a.example/x"):
        with pytest.raises(UsageError, match="admin_url"):
            make(tmp_path, {"url": url, "admin_url": wrong})
    assert make(tmp_path, {"url": url, "admin_url": f"{url}/"}).admin_url == ""
    assert make(tmp_path, {"url": url, "admin_url": "http://localhost:9000"}).admin
