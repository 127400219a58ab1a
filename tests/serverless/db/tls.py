"""A certificate authority of the tests' own, a proxy that it vouches for, and behind it a PostgreSQL that lets in whom
RDS would: pg_hba.conf asks members of rds_iam for a token, and everybody else for a password.
"""

import asyncio
import select
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from serverless.credentials import Credentials
from serverless.emulator.services.postgres import start_postgres
from serverless.sigv4 import rds_token

HOST = "loupe.c9akciq32.eu-central-1.rds.amazonaws.com"
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/database-authentication.html
# A token that is good arrives from the second address: no build of PostgreSQL at hand could be told one.
_BY_PASSWORD, _BY_TOKEN = "127.0.0.1", "127.0.0.2"
_HBA = f"""
host all local {_BY_PASSWORD}/32 trust
host all +rds_iam {_BY_TOKEN}/32 trust
host all +rds_iam {_BY_PASSWORD}/32 reject
host all all {_BY_PASSWORD}/32 password
"""
_CLEARTEXT = b"R\0\0\0\x08\0\0\0\x03"  # AuthenticationCleartextPassword


def make_authority(folder: Path, *, name: str = "A test's root") -> Path:
    """Write ``root.pem`` and, for HOST, ``server.pem`` and ``server.key``; return the first."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def signed(subject: x509.Name, public: ec.EllipticCurvePublicKey, extension: x509.ExtensionType) -> bytes:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(issuer_name=root, subject_name=subject, public_key=public)
        builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=True)
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM)

    authority = x509.BasicConstraints(ca=True, path_length=None)
    (folder / "root.pem").write_bytes(signed(root, root_key.public_key(), authority))
    named = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    (folder / "server.pem").write_bytes(signed(subject, key.public_key(), named))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.key").write_bytes(pem)
    return folder / "root.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """What stands before PostgreSQL on RDS, on 127.0.0.1: its certificate, for HOST, is one that ``root`` vouches for.

    ``heard`` are the passwords that it was told.
    """

    port: int
    root: Path
    heard: list[str] = field(default_factory=list)


@contextmanager
def postgres() -> Iterator[int]:
    """A PostgreSQL of its own; its port, at which ``owner`` connects. The build at hand has no TLS."""
    state = Path(tempfile.mkdtemp(prefix="serverless-tls-"))
    state.chmod(0o755)  # PostgreSQL runs as another user when this is root
    for folder in ("logs", "run"):  # which a StateLock makes
        (state / folder).mkdir()
    process, url = asyncio.run(start_postgres(state))
    try:
        (state / "postgres" / "data" / "pg_hba.conf").write_text(_HBA)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")
        yield urlsplit(url).port or 0
    finally:
        asyncio.run(process.stop())
        shutil.rmtree(state)


def owner(port: int, *, dbname: str = "postgres") -> "psycopg.Connection[Any]":
    """Connect past the proxy as the superuser, whom RDS lends to nobody."""
    return psycopg.connect(host="127.0.0.1", port=port, user="local", dbname=dbname, autocommit=True)


@contextmanager
def proxy(folder: Path, *, to: int | None = None) -> Iterator[Proxy]:
    """Speak TLS, ask for a password as RDS does, and pass on what follows to the server at port ``to``, or hang up.

    https://www.postgresql.org/docs/current/protocol-flow.html
    """
    made = make_authority(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as server:
        stands = Proxy(port=server.getsockname()[1], root=made)

        def serve(plain: socket.socket) -> None:
            with plain, suppress(OSError):  # who does not trust it says so
                plain.recv(8)  # SSLRequest
                plain.sendall(b"S")
                with context.wrap_socket(plain, server_side=True) as secure:
                    if not (startup := secure.recv(4096)):
                        return  # who expected another name hangs up
                    secure.sendall(_CLEARTEXT)
                    said = secure.recv(65_536)  # PasswordMessage
                    stands.heard.append(said[5:-1].decode())
                    if to is not None:
                        good = _is_token(stands.heard[-1], user=_user(startup), port=stands.port)
                        _pass_on(secure, startup, said, to=to, by=_BY_TOKEN if good else _BY_PASSWORD)

        def accept() -> None:
            with suppress(OSError):  # the test is over
                while True:
                    threading.Thread(target=serve, args=[server.accept()[0]], daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        yield stands
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _user(startup: bytes) -> str:
    words = startup[8:].split(b"\0")
    return words[words.index(b"user") + 1].decode()


def _is_token(password: str, *, user: str, port: int) -> bool:
    stamps = parse_qs(password).get("X-Amz-Date")
    if not stamps:
        return False
    now = datetime.strptime(stamps[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    credentials = Credentials.from_environ()
    return password == rds_token(HOST, port=port, user=user, region="eu-central-1", credentials=credentials, now=now)


def _pass_on(client: ssl.SSLSocket, startup: bytes, said: bytes, *, to: int, by: str) -> None:
    with socket.create_connection(("127.0.0.1", to), source_address=(by, 0)) as upstream:
        upstream.sendall(startup)
        first = upstream.recv(len(_CLEARTEXT), socket.MSG_WAITALL)
        if first == _CLEARTEXT:
            upstream.sendall(said)
        else:
            client.sendall(first)
        while True:
            ready, _, _ = select.select([client, upstream], [], [])
            for source, sink in ((client, upstream), (upstream, client)):
                if source in ready or (source is client and client.pending()):
                    if not (said := source.recv(65_536)):
                        return
                    sink.sendall(said)
