"""Small templates that break a rule, and such that hold it."""

from dataclasses import dataclass, field
from typing import Any

from serverless.stack.config import StackConfig
from serverless.stack.rules import Kind, judge

type Template = dict[str, Any]

CONFIG = StackConfig(project="shop", stage="production", region="eu-central-1")
SERVICE = {"Service": "lambda.amazonaws.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What ``rule`` finds in ``breaks`` (a logical id each time), and finds no more in ``holds``."""

    rule: str
    breaks: list[tuple[str, Template]]
    holds: list[Template]
    kind: Kind = "home"
    config: StackConfig = field(default=CONFIG)


def made(**resources: tuple[str, dict[str, Any]]) -> Template:
    """Return a template of resources: logical id -> type, properties."""
    return {"Resources": {name: {"Type": type_, "Properties": has} for name, (type_, has) in resources.items()}}


def found(case: Case, template: Template) -> list[str]:
    """Return the logical ids in which the case's rule finds something."""
    findings = judge(template, kind=case.kind, config=case.config)
    return [finding.resource for finding in findings if finding.rule == case.rule]


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
