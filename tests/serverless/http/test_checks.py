from pytest_django.fixtures import Settings

from serverless.http.checks import check_origin_lock


def test_no_secret_is_a_warning_that_says_what_to_set(settings: Settings) -> None:
    settings.SERVERLESS = {}
    (warning,) = check_origin_lock()
    assert warning.id == "serverless.W001"
    assert "ORIGIN_SECRETS" in str(warning.hint)


def test_a_secret_is_enough(settings: Settings) -> None:
    settings.SERVERLESS = {"ORIGIN_SECRETS": ["x"]}
    assert check_origin_lock() == []
