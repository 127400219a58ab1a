import pytest

from serverless.tasks.operate.wording import duration, seconds


@pytest.mark.parametrize(
    ("length", "said"),
    [(0, "0 s"), (0.0004, "0 s"), (0.25, "250 ms"), (1, "1 s"), (59.6, "1 min"), (90, "1 min 30 s"),
     (3600, "1 h"), (90_061, "1 d 1 h"), (400 * 86_400, "400 d")],
)  # fmt: skip
def test_a_length_of_time_has_its_two_largest_units(length: float, said: str) -> None:
    assert duration(length) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [(None, "-"), (0.0312, "31 ms"), (1, "1.0 s"), (14.26, "14.3 s"), (75, "1 min 15 s"), (-2, "0 s")],
)
def test_a_measured_time_is_as_exact_as_it_is_short(length: float | None, said: str) -> None:
    assert seconds(length) == said
