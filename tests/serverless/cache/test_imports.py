"""What a cold start pays for."""

import json
import subprocess
import sys

_ASKS = """
import json, sys
{code}
print(json.dumps(sorted(sys.modules)))
"""


def loaded(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", _ASKS.format(code=code)], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_who_has_no_cache_of_ours_does_not_load_it() -> None:
    """Its names and its checks are imported by every project that has the layer."""
    modules = loaded("import serverless.cache, serverless.cache.checks, serverless.cache.counts")
    assert not {"redis", "django_redis"} & modules


def test_who_has_one_server_does_not_load_the_cluster() -> None:
    modules = loaded(
        "from django.conf import settings; settings.configure()\n"
        "from serverless.cache.backend import ValkeyCache\n"
        "ValkeyCache('redis://127.0.0.1:9', {}).get('x')"
    )
    assert "serverless.cache.valkey" in modules
    assert "serverless.cache.cluster" not in modules
