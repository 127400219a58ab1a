"""Debian packages made on the spot."""

import hashlib
import lzma
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from app.demo.photos import DemoPhoto, Package

PACKAGE = Package(name="pictures", pool="pool/p/pictures_1.0_all.deb")


def deb(path: Path, files: Mapping[str, bytes], *, compression: str = "xz", content: bytes | None = None) -> Path:
    """A package with these files in `usr/share/backgrounds/`, or with `content` in the place of its tar archive."""
    tarred = BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        for name, body in files.items():
            member = tarfile.TarInfo(f"./usr/share/backgrounds/{name}")
            member.size = len(body)
            tar.addfile(member, BytesIO(body))
    data = lzma.compress(tarred.getvalue()) if content is None else content
    members = {"debian-binary": b"2.0\n", "control.tar.xz": b"odd", f"data.tar.{compression}": data}
    with path.open("wb") as file:
        file.write(b"!<arch>\n")
        for name, body in members.items():
            file.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(body):<10}`\n".encode())
            file.write(body + b"\n" * (len(body) % 2))
    return path


def demo_photo(name: str, content: bytes) -> DemoPhoto:
    return DemoPhoto(
        title=name,
        author="Ada",
        licence="CC0 1.0",
        package=PACKAGE,
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
    )
