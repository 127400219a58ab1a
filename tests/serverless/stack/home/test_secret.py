"""The application's secret."""

import pytest

from tests.serverless.stack.facts import of_home


def test_it_begins_with_a_key_that_django_takes() -> None:
    facts = of_home()
    made = facts.one("SecretsManager::Secret")["GenerateSecretString"]
    assert (made["SecretStringTemplate"], made["GenerateStringKey"]) == ("{}", "SECRET_KEY")
    assert made["PasswordLength"] >= 50
    assert facts.output("AppSecretArn") == {"Ref": "AppSecret"}


def test_it_has_no_name_that_a_deleted_one_could_hold_for_a_month() -> None:
    assert "Name" not in of_home().one("SecretsManager::Secret")


@pytest.mark.parametrize(("protected", "keep"), [(True, "Retain"), (False, "Delete")])
def test_that_of_a_protected_stage_outlives_it(*, protected: bool, keep: str) -> None:
    secret = of_home(protected=protected).resource("AppSecret")
    assert (secret["DeletionPolicy"], secret["UpdateReplacePolicy"]) == (keep, keep)
