import pytest

from serverless.emulator.cdn import Behaviour, behaviours
from serverless.emulator.cdn.behaviours import match

KNOWN = behaviours(static="S", media="M", signed=["originals", "reports"])


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/static/a.css", "S"),
        ("/media/a", "M"),
        ("/media/", "M"),
        ("/media", None),
        ("/mediator/a", None),
        ("/Media/a", None),
        ("/studio/media/a", None),
        ("/", None),
        ("*", None),
        ("//media//a", "M"),
        ("/./media/./a", "M"),
        ("/x/../media/a", "M"),
        ("/../../media/a", "M"),
        ("/%6dedia/a", "M"),
        ("/x/%2E%2e/media/a", "M"),
        ("/media/../a/b", None),
        ("/media/%2e%2e/a/b", None),
        ("/media%2Fa", None),
        ("/%252e%252e/media/a", None),
        ("/originals/a", "M"),
        ("/reports/a", "M"),
        ("/zips/a", None),
    ],
)
def test_the_path_is_normalised_before_it_is_matched(path: str, bucket: str | None) -> None:
    found = match(KNOWN, path)
    assert (found and found.bucket) == bucket


def test_what_is_signed_is_locked_and_passes_one_parameter_on() -> None:
    private = Behaviour(bucket="M", signed=True, forwards=("response-content-disposition",))
    assert KNOWN["originals"] == KNOWN["reports"] == private
    assert behaviours(static="S", media="M", signed=["media"])["media"] == private
    assert not KNOWN["media"].signed
    assert not KNOWN["static"].signed
