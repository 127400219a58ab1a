"""Shapes of IAM documents that several modules need."""

from typing import Any

from troposphere import Ref

__all__ = ["document", "trust"]


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str, *, ours: bool = False) -> dict[str, Any]:
    """Return the document that lets ``service`` take a role on; ``ours``: only on behalf of this account.

    Not every service says on whose behalf. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if ours:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")}}
    return document(statement)
