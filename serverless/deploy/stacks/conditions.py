"""Which resources of a template are made with which parameters: CloudFormation's conditions. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["made"]


def made(template: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """Return the resources that are made, by logical id. A comparison with what only AWS knows counts as equal."""
    defaults = {name: str(entry.get("Default", "")) for name, entry in template.get("Parameters", {}).items()}
    conditions, values = template.get("Conditions", {}), defaults | dict(parameters)

    def holds(name: str) -> bool:
        return _holds(conditions[name], conditions, values)

    resources: dict[str, Mapping[str, Any]] = template.get("Resources", {})
    return {name: entry for name, entry in resources.items() if "Condition" not in entry or holds(entry["Condition"])}


def _holds(condition: Mapping[str, Any], conditions: Mapping[str, Any], values: Mapping[str, str]) -> bool:
    ((function, operands),) = condition.items()
    if function == "Condition":
        return _holds(conditions[operands], conditions, values)
    if function == "Fn::Equals":
        left, right = (_value(operand, values) for operand in operands)
        return left is None or right is None or left == right
    met = [_holds(operand, conditions, values) for operand in operands]
    return {"Fn::Not": lambda: not met[0], "Fn::And": lambda: all(met), "Fn::Or": lambda: any(met)}[function]()


def _value(operand: object, values: Mapping[str, str]) -> str | None:
    if isinstance(operand, Mapping):
        return values.get(str(operand.get("Ref", "")))
    return str(operand)
