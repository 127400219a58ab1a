"""Log groups."""

import pytest

from serverless.stack import names
from tests.serverless.stack.facts import of_home


def test_each_function_and_the_api_have_a_group_with_an_end() -> None:
    found = of_home(log_retention_days=90).all("Logs::LogGroup").values()
    groups = {group["LogGroupName"]: group["RetentionInDays"] for group in found}
    for function in names.FUNCTIONS:
        assert groups[names.log_group("shop-prod", function)] == 90
    assert groups["/aws/vendedlogs/apis/shop-prod"] == 90


@pytest.mark.parametrize(("protected", "keep"), [(True, "Retain"), (False, "Delete")])
def test_logs_of_a_protected_stage_outlive_it(*, protected: bool, keep: str) -> None:
    for name in ("WebLog", "WorkerLog", "MigratorLog", "ApiLog"):
        group = of_home(protected=protected).resource(name)
        assert (group["DeletionPolicy"], group["UpdateReplacePolicy"]) == (keep, keep)
