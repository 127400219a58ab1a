"""CPU of our signed cookies and URLs (ECDSA P-256) beside botocore's CloudFrontSigner (RSA-2048, SHA-1).

    python -m benchmarks.signing [--rounds 20]

In rounds of 200 signatures: theirs, then ours. Verifying is CloudFront's work. The imports, each in processes of their
own, are what a function pays once, at its first signature.
"""

import argparse
import base64
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import django
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ROUND = 200
URL = "https://loupe.test/originals/s/g/p.jpg"
IMPORTS = {
    "ours": "from cryptography.hazmat.primitives import hashes, serialization\n"
    "from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa",
    "botocore": "from botocore.signers import CloudFrontSigner\n"
    "from cryptography.hazmat.primitives import hashes, serialization\n"
    "from cryptography.hazmat.primitives.asymmetric import padding, rsa",
}
TIMED = "import time\nstarted = time.process_time()\n{}\nprint(time.process_time() - started)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    rounds: int = parser.parse_args().rounds
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.test")
    django.setup()
    from serverless.storage import signed_cookies, signed_url

    signer = botocore_signer()

    def their_cookies() -> None:
        # botocore has no cookies; this is what its users write around it.
        policy = signer.build_policy("https://loupe.test/media/g/*", until()).encode()
        base64.b64encode(policy), base64.b64encode(signer.rsa_signer(policy))

    compare("cookies", lambda: signed_cookies("media/g/", expires_in=3600), their_cookies, rounds)
    compare(
        "URL",
        lambda: signed_url("originals/s/g/p.jpg", expires_in=3600),
        lambda: signer.generate_presigned_url(URL, date_less_than=until()),
        rounds,
    )
    ours, theirs = (statistics.median(import_s(name) for _ in range(5)) for name in IMPORTS)
    print(
        f"imports before the first: ours {ours * 1000:.0f} ms, botocore {theirs * 1000:.0f} ms, "
        f"ratio {ours / theirs:.2f} (target <= 1)"
    )


def botocore_signer() -> CloudFrontSigner:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    sha1 = hashes.SHA1()  # noqa: S303 - CloudFront's default, which botocore's own example uses
    return CloudFrontSigner("KTESTS", lambda message: key.sign(message, padding.PKCS1v15(), sha1))


def until() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def compare(what: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> None:
    ours()  # imports and reads the key
    pairs = [(cpu_us(theirs), cpu_us(ours)) for _ in range(rounds)]
    their, our = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(own / other for other, own in pairs)
    print(f"{what}: ours {our:.0f} us, botocore {their:.0f} us, ratio {ratio:.2f} (target <= 1)")


def cpu_us(call: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(ROUND):
        call()
    return (time.process_time() - started) / ROUND * 1e6


def import_s(name: str) -> float:
    code = TIMED.format(IMPORTS[name])
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
