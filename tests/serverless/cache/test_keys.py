from datetime import UTC, datetime

import pytest
from django.core.cache.backends.base import memcache_key_warnings

from serverless.cache import versioned_key

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def test_whatever_a_value_depends_on_is_in_its_key() -> None:
    keys = {
        versioned_key("sheet", of="a", version=1),
        versioned_key("card", of="a", version=1),
        versioned_key("sheet", of="b", version=1),
        versioned_key("sheet", of="a", version=2),
        versioned_key("sheet", of="a", version=1, shown=(None,)),
        versioned_key("sheet", of="a", version=1, shown=("", WHEN)),
        versioned_key("sheet", of="a", version=1, shown=("None",)),
    }
    assert len(keys) == 7
    assert versioned_key("sheet", of="a", version=1, shown=("", WHEN)) in keys


def test_any_subject_makes_a_key_that_every_cache_takes() -> None:
    key = versioned_key("app.room:what-it-is_1", of="ä\n{}" * 1000, version=10**30)
    assert not list(memcache_key_warnings(key))
    assert not set("{}") & set(key)


@pytest.mark.parametrize("name", ["", "Sheet", "a b", "a{b}", "ä", "x" * 65, "1"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        versioned_key(name, of=1, version=1)


@pytest.mark.parametrize("version", ["1", None, True, 1.0])
def test_a_version_is_a_number(version: object) -> None:
    with pytest.raises(TypeError, match="number"):
        versioned_key("sheet", of=1, version=version)  # type: ignore[arg-type]
