"""rediss://, as ElastiCache speaks: a Valkey behind TLS, whose certificate for ``localhost`` the tests vouch for."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from serverless.cache import connection
from serverless.cache.backend import ValkeyCache
from serverless.emulator.services.process import free_port
from tests.serverless.cache.conftest import Make
from tests.valkeys import Server

USAGE = dict.fromkeys(
    ["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"],
    False,
)


def certify(folder: Path) -> None:
    """Write ``root.pem``, ``server.pem`` and ``server.key``, as strictly as Python 3.13 wants them."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test's root")])
    for name, public, authority in (("root", root_key.public_key(), True), ("server", key.public_key(), False)):
        now = datetime.now(UTC)
        subject = root if authority else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        builder = (
            x509.CertificateBuilder(issuer_name=root, subject_name=subject, public_key=public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=True, key_cert_sign=authority, crl_sign=authority, **USAGE),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        )
        (folder / f"{name}.pem").write_bytes(builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (folder / "server.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    certify(made)
    return made


@pytest.fixture
def port(server: Server, folder: Path) -> Iterator[int]:
    """Where TLS ends before Valkey."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    loop, found = asyncio.new_event_loop(), free_port()
    tasks: set[asyncio.Task[None]] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):
                while chunk := await reader.read(65_536):
                    writer.write(chunk)
                    await writer.drain()
        finally:
            writer.close()
            writer.transport.abort()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", server.port)
        for way in (pipe(reader, to_server), pipe(from_server, writer)):
            tasks.add(task := loop.create_task(way))
            task.add_done_callback(tasks.discard)

    async def stop() -> None:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(serve, "localhost", found, ssl=context), loop
    ).result(20)
    yield found
    asyncio.run_coroutine_threadsafe(stop(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "root.pem"))
    connection._tls.cache_clear()
    yield
    connection._tls.cache_clear()


def speaks(cache: ValkeyCache) -> bool:
    return bool(cache.set("key", "x" * 200_000)) and cache.get("key") == "x" * 200_000


@pytest.mark.usefixtures("trusted")
def test_it_speaks_tls_on_one_connection(make: Make, port: int, server: Server) -> None:
    before = server.clients()
    cache = make(f"rediss://localhost:{port}/0")
    for _ in range(5):
        assert speaks(cache)
        cache.set_many({"a": 1, "b": 2})
    assert server.clients() - before == 1, "session tickets are no answer left behind"


def test_a_certificate_of_nobody_known_is_refused(make: Make, port: int) -> None:
    connection._tls.cache_clear()
    assert not speaks(make(f"rediss://localhost:{port}/0"))


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused(make: Make, port: int) -> None:
    assert not speaks(make(f"rediss://127.0.0.1:{port}/0"))


@pytest.mark.usefixtures("trusted")
def test_who_does_not_speak_tls_is_a_miss(make: Make, server: Server) -> None:
    assert not speaks(make(f"rediss://localhost:{server.port}/0", SOCKET_TIMEOUT=1, SOCKET_CONNECT_TIMEOUT=1))


def test_who_speaks_tls_unasked_is_a_miss(make: Make, port: int) -> None:
    assert not speaks(make(f"redis://localhost:{port}/0", SOCKET_TIMEOUT=1))
