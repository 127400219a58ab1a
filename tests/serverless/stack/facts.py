"""What a template says, for tests to ask."""

from typing import Any

from troposphere import Template

from serverless.stack import home
from serverless.stack.config import StackConfig
from serverless.stack.profiles import Profile

__all__ = ["Facts", "config", "of", "of_home"]


class Facts:
    """The document as it goes to CloudFormation."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def all(self, kind: str) -> dict[str, Any]:
        """Return the properties of every resource of a type, such as ``EC2::VPC``, by logical name."""
        found = self.document["Resources"].items()
        return {name: each.get("Properties", {}) for name, each in found if each["Type"] == f"AWS::{kind}"}

    def one(self, kind: str) -> Any:
        (properties,) = self.all(kind).values()
        return properties

    def resource(self, name: str) -> Any:
        return self.document["Resources"][name]

    def output(self, name: str) -> Any:
        return self.document["Outputs"][name]["Value"]


def config(profile: Profile = "standard", **more: Any) -> StackConfig:
    values: dict[str, Any] = {"project": "shop", "stage": "prod", "region": "eu-central-1", "profile": profile}
    return StackConfig(**values | more)


def of(template: Template) -> Facts:
    return Facts(template.to_dict())


def of_home(profile: Profile = "standard", **more: Any) -> Facts:
    return of(home.template(config(profile, **more)))
