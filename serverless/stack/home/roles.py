"""A role for each function and each caller of one. What they may do, and why, stands in ``statements``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from troposphere import GetAtt, Output, Sub, Template, iam

from serverless.stack.config import StackConfig
from serverless.stack.home import statements
from serverless.stack.home.parts import Text
from serverless.stack.home.policy import document, trust
from serverless.stack.home.statements import Reached, Role
from serverless.stack.outputs import HomeOutput

__all__ = ["Roles", "add"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """ARNs of the roles that the stack itself hands on; those of the functions are outputs."""

    invocation: Text
    scheduler: Text


_OUTPUTS: Final[Mapping[Role, HomeOutput]] = {
    "web": HomeOutput.WEB_ROLE,
    "worker": HomeOutput.WORKER_ROLE,
    "migrator": HomeOutput.MIGRATOR_ROLE,
}


def add(template: Template, config: StackConfig, reached: Reached) -> Roles:
    """Add the roles, and the outputs that releases give to functions."""
    made: dict[Role, GetAtt] = {}
    for role, allowed in statements.of(config, reached).items():
        made[role] = GetAtt(
            template.add_resource(
                iam.Role(
                    f"{role.capitalize()}Role",
                    Description=f"{config.prefix}: {_USED_BY[role]}",
                    AssumeRolePolicyDocument=_trust(role),
                    Policies=[
                        iam.Policy(
                            PolicyName=role, PolicyDocument=document(*(statement.document() for statement in allowed))
                        )
                    ],
                )
            ),
            "Arn",
        )
    for function, output in _OUTPUTS.items():
        template.add_output(Output(output, Value=made[function]))
    return Roles(invocation=made["invocation"], scheduler=made["scheduler"])


_USED_BY: Final[Mapping[Role, str]] = {
    "web": "the web function",
    "worker": "the worker function",
    "migrator": "the migrator function",
    "invocation": "API Gateway, to invoke the web function",
    "scheduler": "EventBridge Scheduler, to invoke the worker",
}


def _trust(role: Role) -> dict[str, Any]:
    """Return who may take the role on.

    Scheduler names the group of its schedule, and Lambda the account. API Gateway names nobody, as far as is
    documented; a role is handed to a service of its own account only (iam:PassRole), so that nobody else's API has it.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """
    if role == "invocation":
        return trust("apigateway.amazonaws.com")
    if role != "scheduler":
        return trust("lambda.amazonaws.com", ours=True)
    scheduler = trust("scheduler.amazonaws.com", ours=True)
    group = Sub("arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default")
    scheduler["Statement"][0]["Condition"]["ArnEquals"] = {"aws:SourceArn": group}
    return scheduler
