import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Every test client has the same address; what earlier tests tried must not count."""
    cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis
