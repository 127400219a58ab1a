"""Removing what releases have made beside the stacks: the functions, and what Lambda keeps of them in the network."""

import time
from typing import Any, Final

from serverless import aws
from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.stacks import state as states
from serverless.deploy.stacks.exceptions import StackFailed
from serverless.deploy.stacks.state import State
from serverless.deploy.stacks.watch import Terminal
from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.outputs import HomeOutput

__all__ = ["delete_functions", "wait_for_interfaces"]

# Lambda says up to 20 minutes; people have seen 40.
_PATIENCE_S: Final = 3600.0


def delete_functions(config: StackConfig, terminal: Terminal) -> None:
    """Delete the functions of a stage, those that are there."""
    cloud = aws.client("lambda", region=config.region)
    for which in names.FUNCTIONS:
        name = names.function(config.prefix, which)
        try:
            with explained(f"Deleting the function {name}"):
                cloud.delete_function(FunctionName=name)
        except AwsRefused as problem:
            if problem.code != "ResourceNotFoundException":
                raise
        else:
            terminal.log(f"{name}: function deleted")


def wait_for_interfaces(config: StackConfig, home: State | None, terminal: Terminal) -> None:
    """Wait until Lambda has taken its network interfaces out of home's subnets, which it does as the functions' roles.

    CloudFormation knows of neither: it would delete the roles at once, and wait for the subnets for ever.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
    """
    group = home.outputs.get(HomeOutput.SECURITY_GROUP) if home else None
    if not group:
        return
    cloud, begun, said = aws.client("ec2", region=config.region), time.monotonic(), 0
    while count := _interfaces(cloud, group):
        waited = time.monotonic() - begun
        if waited > _PATIENCE_S:
            raise StackFailed(
                f"Lambda still has {count} network interfaces in {config.prefix} after {waited / 60:.0f} min; nothing "
                f"but the edge and the functions is deleted. Run "
                f"{states.command(config, f'destroy --yes-destroy {config.prefix}')} again later."
            )
        if count != said:
            terminal.log(f"{config.prefix}: Lambda removes {count} network interfaces, which takes it up to 40 minutes")
            said = count
        time.sleep(terminal.pause_s)


def _interfaces(cloud: Any, group: str) -> int:
    with explained(f"Counting the network interfaces of {group}"):
        pages = cloud.get_paginator("describe_network_interfaces").paginate(
            Filters=[{"Name": "group-id", "Values": [group]}]
        )
        return sum(len(page["NetworkInterfaces"]) for page in pages)
