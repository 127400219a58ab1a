from serverless.coldstart.measure import ColdStart
from serverless.coldstart.report import text


def test_it_says_whose_time_it_was_and_what_to_do(start: ColdStart) -> None:
    said = text(start)
    assert said.startswith("Cold start, until the first event can be taken: 65 ms")
    assert "packages 44 ms, Django 11 ms, this project 8 ms, Python 1 ms, serverless 1 ms" in said
    assert "   29.0    44%  pandas < shop.views\n" in said
    assert "move the work into a task" in said


def test_the_rest_is_summed_up(start: ColdStart) -> None:
    said = text(start, top=1)
    assert said.splitlines()[-1] == "   24.6         6 more (--top 7)"
