"""A stolen node, for real: https on loopback, a certificate and a key that change."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pecfed.federation.probing import read_certificate
from tests.cast import Peer, new_key, peer
from tests.federation.conftest import let_in
from tests.federation.test_liveness import life, probe, waiting
from tests.servers import Server

Renew = Callable[[], None]


class Authority:
    """Somebody who signs certificates for 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._signed(self._key, "An authority", is_authority=True)

    def _signed(
        self, key: ec.EllipticCurvePrivateKey, name: str, *, is_authority: bool = False
    ) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        local = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("An authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([local]), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def load(self, context: ssl.SSLContext) -> None:
        """Let a server show a new certificate from its next connection on."""
        key = ec.generate_private_key(ec.SECP256R1())
        path = self._folder / "server.pem"
        pem = serialization.Encoding.PEM
        path.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + self._signed(key, "127.0.0.1").public_bytes(pem)
        )
        context.load_cert_chain(path)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """One that this process trusts, so that certificates are checked as anywhere."""
    made = Authority(tmp_path)
    trusting = ssl.create_default_context()
    pem = made.certificate.public_bytes(serialization.Encoding.PEM)
    trusting.load_verify_locations(cadata=pem.decode())
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", trusting)
    return made


@pytest.fixture
async def secured(authority: Authority) -> AsyncIterator[tuple[Peer, Renew]]:
    """Corbeau behind https, and how its certificate is renewed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.load(context)
    async with peer("corbeau", new_key(), tls=context) as made:
        yield made, lambda: authority.load(context)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_only_both_at_once(ruche: Server, secured: tuple[Peer, Renew]) -> None:
    """A renewal and a rotation are daily life; both between two probes hide the label."""
    corbeau, renew = secured
    await let_in(ruche, corbeau)
    found = await probe(ruche, corbeau)
    assert len(found.certificate) == 64 and found.issuer == "CN=An authority"
    first = found.certificate

    renew()
    await new_connections(ruche)
    found = await probe(ruche, corbeau)
    assert found.certificate != first and found.hidden_at is None

    corbeau.serve(corbeau.actor(key=new_key()))
    found = await probe(ruche, corbeau)
    assert found.hidden_at is None

    renew()
    await new_connections(ruche)
    corbeau.serve(corbeau.actor(key=new_key()))
    found = await probe(ruche, corbeau)
    assert found.hidden_at is not None
    item = await waiting(ruche, "suspicion", corbeau, "taken-over")
    assert item is not None and item.facts["issuer"] == "CN=An authority"
    told = "SELECT count(*) FROM notices WHERE kind = 'suspicion'"
    assert await ruche.value(told) == 1
    hidden = found.hidden_at
    assert (await probe(ruche, corbeau)).hidden_at == hidden
    assert (await life(ruche, corbeau)).hidden_because[0].startswith("taken-over ")


async def new_connections(hub: Server) -> None:
    """Let the hub forget the connections that it holds open."""
    connector = hub.node.client._session.connector
    assert connector is not None
    for pool in list(connector._conns.values()):
        for connection, _ in pool:
            connection.close()
    connector._conns.clear()


def test_what_is_no_certificate_is_none() -> None:
    """Its issuer isn't read, its fingerprint is one all the same."""
    assert read_certificate(b"") == ("", "")
    assert read_certificate(b"x")[1] == ""
