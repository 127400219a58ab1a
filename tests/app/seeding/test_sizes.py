from random import Random

import pytest

from app.seeding.sizes import Impossible, Sizes, shares, skewed, uneven


@pytest.mark.parametrize(
    "wrong", [{"galleries": 0}, {"photos": -1}, {"events": -1}, {"studios": -1}, {"galleries": 3, "studios": 4}]
)
def test_numbers_that_do_not_go_together_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Impossible):
        Sizes(**wrong)


def test_studios_follow_the_galleries_unless_they_are_named() -> None:
    assert Sizes().studio_count == 250
    assert Sizes(galleries=7).studio_count == 1
    assert Sizes(galleries=7, studios=5).studio_count == 5


@pytest.mark.parametrize("total", [250, 10_000, 12_345])
def test_shares_are_exact_and_leave_nobody_without(total: int) -> None:
    found = shares(total, skewed(250), least=1)
    assert sum(found) == total
    assert min(found) >= 1


def test_one_studio_is_large_and_most_are_small() -> None:
    found = shares(10_000, skewed(250), least=1)
    assert found[0] == max(found) > 1_000
    assert sorted(found)[125] < 25


def test_galleries_differ() -> None:
    found = shares(1_000_000, uneven(10_000, Random(1)))  # noqa: S311
    assert sum(found) == 1_000_000
    assert max(found) > 5 * sorted(found)[5_000] > 0
