"""The functions of a stage: code and configuration from one S3 object, published as versions, and asked.

Whatever faces traffic names the alias, so that nothing here can be noticed by a visitor.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from serverless import aws
from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.release.environment import FunctionConfig
from serverless.deploy.release.exceptions import FunctionFailed
from serverless.deploy.release.invoking import Invoker
from serverless.stack import names

__all__ = ["Functions", "matches"]

_PAUSE_S: Final = 1.0
# A function in a VPC waits for its network interface the first time: about a minute, by AWS's account up to two.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
_PATIENCE_S: Final = 300.0

_CONCURRENCY: Final = (
    "The account has too little concurrency left for it: lower web_concurrency and worker_concurrency in "
    "[tool.serverless.stack.stages], or ask for more at https://console.aws.amazon.com/servicequotas/ (Lambda)."
)


class Functions:
    """Lambda in one region."""

    def __init__(self, *, region: str, pause_s: float = _PAUSE_S) -> None:
        self._lambda = aws.client("lambda", region=region, read_timeout_s=60)
        self.invoke = Invoker(region=region, pause_s=pause_s).invoke
        self._pause_s = pause_s

    def there(self, name: str) -> bool:
        """Whether there is such a function. One whose creation failed is none: Lambda can do nothing but delete it."""
        found = self._find(name)
        return found is not None and not self._stillborn(found)

    def clear(self, name: str) -> None:
        """Delete what a creation that failed has left, if there is such a thing.

        https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
        """
        found = self._find(name)
        if found is not None and self._stillborn(found):
            self.delete(name)

    def ensure(self, config: FunctionConfig, *, bucket: str, key: str, sha256: str) -> None:
        """Make the function, or bring its unpublished code and configuration to what ``config`` says, and wait for it.

        ``sha256``: of the zip, base64. What is so already is left alone. Raises FunctionFailed.
        """
        self.clear(config.name)
        code = {"S3Bucket": bucket, "S3Key": key}
        if self._find(config.name) is None:
            with explained(f"Making the function {config.name}"):
                self._lambda.create_function(
                    FunctionName=config.name,
                    Code=code,
                    Architectures=[config.architecture],
                    PackageType="Zip",
                    Publish=False,
                    **config.asked(),
                )
            self._wait(config.name)
            return
        found = self._settled(config.name)
        # What failed is the change before, for a reason that may be gone. Lambda says so until the next one.
        failed = found.get("LastUpdateStatus") == "Failed"
        if failed or found["CodeSha256"] != sha256 or found.get("Architectures") != [config.architecture]:
            with explained(f"Changing the code of {config.name}"):
                self._lambda.update_function_code(
                    FunctionName=config.name, Architectures=[config.architecture], Publish=False, **code
                )
            self._wait(config.name)
        if failed or differences(found, config):
            with explained(f"Changing the configuration of {config.name}"):
                self._lambda.update_function_configuration(FunctionName=config.name, **config.asked())
            self._wait(config.name)

    def publish(self, config: FunctionConfig, *, sha256: str) -> str:
        """Publish what is there as a version, wait until it can be invoked, and compare it with ``config``.

        Lambda refuses if the code is not ``sha256``. Returns the version's number. Raises FunctionFailed.
        """
        with explained(f"Publishing a version of {config.name}"):
            answer = self._lambda.publish_version(
                FunctionName=config.name, CodeSha256=sha256, Description=config.description
            )
        version = str(answer["Version"])
        self._wait(config.name, version)
        if wrong := matches(self.describe(config.name, version), config, sha256=sha256):
            raise FunctionFailed(
                f"Version {version} of {config.name} is not what was asked for: {'; '.join(wrong)}. Something else "
                f"changes this function; find out what, then run the same command again."
            )
        return version

    def reserve(self, name: str, concurrency: int | None) -> None:
        """Reserve ``concurrency`` environments, its bound at the same time; None: whatever the account has left."""
        if self.reserved(name) == concurrency:
            return
        try:
            with explained(f"Reserving concurrency for {name}"):
                if concurrency is None:
                    self._lambda.delete_function_concurrency(FunctionName=name)
                else:
                    self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=concurrency)
        except AwsRefused as problem:
            if "UnreservedConcurrentExecution" in str(problem):
                raise FunctionFailed(
                    f"{concurrency} environments could not be reserved for {name}. {_CONCURRENCY}"
                ) from None
            raise

    def reserved(self, name: str) -> int | None:
        with explained(f"Reading the concurrency of {name}"):
            answer = self._lambda.get_function_concurrency(FunctionName=name)
        found = answer.get("ReservedConcurrentExecutions")
        return int(found) if found is not None else None

    def describe(self, name: str, qualifier: str) -> Mapping[str, Any]:
        with explained(f"Reading version {qualifier} of {name}"):
            found: Mapping[str, Any] = self._lambda.get_function_configuration(FunctionName=name, Qualifier=qualifier)
        return found

    def versions(self, name: str) -> list[str]:
        """Return the numbers of all published versions, oldest first; none where there is no such function."""
        try:
            with explained(f"Listing the versions of {name}"):
                pages = self._lambda.get_paginator("list_versions_by_function").paginate(FunctionName=name)
                found = [entry["Version"] for page in pages for entry in page["Versions"]]
        except AwsRefused as problem:
            if problem.code == "ResourceNotFoundException":
                return []
            raise
        return sorted({version for version in found if version != "$LATEST"}, key=int)

    def delete_version(self, name: str, version: str) -> None:
        with explained(f"Deleting version {version} of {name}"):
            self._lambda.delete_function(FunctionName=name, Qualifier=version)

    def delete(self, name: str) -> None:
        """Delete the function, all its versions and aliases; nothing where there is none."""
        if self._find(name) is not None:
            with explained(f"Deleting the function {name}"):
                self._lambda.delete_function(FunctionName=name)

    def live(self, name: str) -> str | None:
        """Return the version that the alias names; None where there is no alias, or no function."""
        try:
            with explained(f"Reading the alias {names.ALIAS} of {name}"):
                return str(self._lambda.get_alias(FunctionName=name, Name=names.ALIAS)["FunctionVersion"])
        except AwsRefused as problem:
            if problem.code == "ResourceNotFoundException":
                return None
            raise

    def aliased(self, name: str) -> set[str]:
        """Return every version that any alias sends anything to."""
        with explained(f"Listing the aliases of {name}"):
            pages = self._lambda.get_paginator("list_aliases").paginate(FunctionName=name)
            aliases = [alias for page in pages for alias in page["Aliases"]]
        routed = [
            version
            for alias in aliases
            for version in alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        ]
        return {alias["FunctionVersion"] for alias in aliases} | set(routed)

    def point(self, name: str, version: str, *, description: str) -> None:
        """Have the alias name ``version``, and it alone: all at once, within seconds."""
        values = {"FunctionName": name, "Name": names.ALIAS, "FunctionVersion": version, "Description": description}
        with explained(f"Pointing {name}:{names.ALIAS} at version {version}"):
            if self.live(name) is None:
                self._lambda.create_alias(**values)
            else:
                self._lambda.update_alias(**values, RoutingConfig={"AdditionalVersionWeights": {}})

    def unpoint(self, name: str) -> None:
        """Take the alias away: what a first release that failed leaves behind is a function that nothing calls."""
        with explained(f"Deleting the alias {names.ALIAS} of {name}"):
            self._lambda.delete_alias(FunctionName=name, Name=names.ALIAS)

    def _find(self, name: str) -> Mapping[str, Any] | None:
        try:
            with explained(f"Reading the function {name}"):
                found: Mapping[str, Any] = self._lambda.get_function_configuration(FunctionName=name)
        except AwsRefused as problem:
            if problem.code == "ResourceNotFoundException":
                return None
            raise
        return found

    def _stillborn(self, found: Mapping[str, Any]) -> bool:
        return found.get("State") == "Failed" and self.live(found["FunctionName"]) is None

    def _wait(self, name: str, qualifier: str = "$LATEST") -> None:
        """Until the function can be invoked and changed, as it was asked to be. Raises FunctionFailed."""
        found = self._settled(name, qualifier)
        if "Failed" in {found.get("State"), found.get("LastUpdateStatus")}:
            reason = found.get("LastUpdateStatusReason") or found.get("StateReason") or "AWS gives no reason"
            raise FunctionFailed(f"{name} did not take its code and configuration: {reason}")

    def _settled(self, name: str, qualifier: str = "$LATEST") -> Mapping[str, Any]:
        """Wait until nothing about the function is under way, whatever came of it, and describe it.

        https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
        """
        until = time.monotonic() + _PATIENCE_S
        while True:
            found = self.describe(name, qualifier)
            state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
            if state != "Pending" and update != "InProgress":
                return found
            if time.monotonic() > until:
                raise FunctionFailed(
                    f"{name} is still {state} ({update}) after {_PATIENCE_S:.0f} s. Look at it in Lambda's console, "
                    f"then run the same command again."
                )
            time.sleep(self._pause_s)


def matches(found: Mapping[str, Any], config: FunctionConfig, *, sha256: str) -> list[str]:
    """Return in what the version ``found`` is not what was asked; values of variables are left out."""
    wrong = differences(found, config)
    if found["CodeSha256"] != sha256:
        wrong.append(f"its code is {found['CodeSha256']}, not {sha256}")
    if found.get("Architectures") != [config.architecture]:
        wrong.append(f"its architecture is {found.get('Architectures')}, not {config.architecture}")
    return wrong


def differences(found: Mapping[str, Any], config: FunctionConfig) -> list[str]:
    """Return in what the configuration ``found`` is not ``config``."""
    asked = config.asked()
    wrong = [
        f"{key} is {found.get(key)!r}, not {asked[key]!r}"
        for key in ("Role", "Handler", "Runtime", "Timeout", "MemorySize", "Description")
        if found.get(key) != asked[key]
    ]
    variables = found.get("Environment", {}).get("Variables", {})
    if differing := sorted(
        name for name in variables.keys() | config.variables.keys() if variables.get(name) != config.variables.get(name)
    ):
        wrong.append(f"the variables {', '.join(differing)} differ")
    network = found.get("VpcConfig", {})
    wrong += [
        f"{key} are {network.get(key)}, not {config.vpc[key]}"
        for key in ("SubnetIds", "SecurityGroupIds")
        if sorted(network.get(key, [])) != sorted(config.vpc[key])
    ]
    if bool(network.get("Ipv6AllowedForDualStack")) != config.ipv6:
        wrong.append(f"Ipv6AllowedForDualStack is not {config.ipv6}")
    return wrong
