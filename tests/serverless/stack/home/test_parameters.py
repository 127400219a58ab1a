"""What the stack is told later, and what it is before."""

from serverless.stack.outputs import HomeParameter
from tests.serverless.stack.facts import of_home


def test_parameters_are_those_that_deploys_know_and_may_be_left_out() -> None:
    parameters = of_home().document["Parameters"]
    assert parameters.keys() == set(HomeParameter)
    assert all("Default" in parameter for parameter in parameters.values())
    assert parameters["DistributionArn"]["Default"] == ""
    assert (parameters["FunctionsLive"]["Default"], parameters["FunctionsLive"]["AllowedValues"]) == (
        "no",
        ["yes", "no"],
    )


def test_uploads_come_from_the_domain_or_at_first_from_any_distribution() -> None:
    with_domain = of_home(domain="shop.example").document["Parameters"]["SiteOrigin"]
    assert with_domain["Default"] == "https://shop.example"
    assert of_home().document["Parameters"]["SiteOrigin"]["Default"] == "https://*.cloudfront.net"


def test_conditions_rest_on_parameters() -> None:
    assert of_home().document["Conditions"] == {
        "HasDistribution": {"Fn::Not": [{"Fn::Equals": [{"Ref": "DistributionArn"}, ""]}]},
        "HasFunctions": {"Fn::Equals": [{"Ref": "FunctionsLive"}, "yes"]},
    }


def test_only_what_needs_functions_waits_for_them() -> None:
    resources = of_home().document["Resources"]
    conditional = {name: each["Condition"] for name, each in resources.items() if "Condition" in each}
    assert conditional == dict.fromkeys(
        ["MappingDefault", "Tick", "WorkerInvocations", "OldestTaskAlarmDefault"], "HasFunctions"
    )
