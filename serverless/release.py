"""Which code runs here: the release's own name, and the version that Lambda gave it."""

import os

__all__ = ["running"]


def running() -> dict[str, str]:
    """Return ``release``, as the release train names it, and ``version``, Lambda's; empty where nobody set them.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    return {"release": os.environ.get("RELEASE", ""), "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")}
