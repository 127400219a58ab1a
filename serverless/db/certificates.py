"""Who vouches for a database: the certificate authority of its region, or Amazon's own for a proxy.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html#rds-proxy-security.tls
"""

import re
from pathlib import Path
from typing import Final

from serverless.db.exceptions import UnknownAuthority

__all__ = ["knows", "region", "root", "verified"]

ROOTS: Final = Path(__file__).parent / "roots"
# loupe.c9akciq32.eu-central-1.rds.amazonaws.com, loupe.proxy-c9akciq32.eu-central-1.rds.amazonaws.com
_HOST: Final = re.compile(
    r".+?\.(?P<proxy>proxy-)?[a-z0-9-]+\.(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]+)\.rds\.amazonaws\.com"
)


def region(host: str) -> str | None:
    """Return the region that a host of RDS is in, or None for a name of somebody else's."""
    found = _HOST.fullmatch(host.lower())
    return found and found["region"]


def knows(region: str) -> bool:
    """Return whether databases of this region can be proven by the files that are here."""
    return (ROOTS / f"{region}.pem").is_file()


def root(host: str) -> Path | None:
    """Return the file of certificates that ``host`` is proven by; few, because libpq reads it for each connection.

    None where none is known: another name, or a region that is younger than the files.
    """
    if (found := _HOST.fullmatch(host.lower())) is None:
        return None
    file = ROOTS / ("proxy.pem" if found["proxy"] else f"{found['region']}.pem")
    return file if file.is_file() else None


def verified(host: str, *, given: str | None = None) -> dict[str, str]:
    """Return libpq's parameters that have ``host`` prove its name; ``given`` is a file of certificates of one's own.

    Raises UnknownAuthority.
    """
    if (file := given or root(host)) is None:
        raise UnknownAuthority(
            f'No root certificate is known for {host}. Set OPTIONS["sslrootcert"] (in DATABASE_URL: ?sslrootcert=…) to '
            "a file with it; docs/how-to/database.md."
        )
    return {"sslmode": "verify-full", "sslrootcert": str(file)}
