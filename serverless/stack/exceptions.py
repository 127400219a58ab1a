"""What keeps a stack from being described."""

from serverless.exceptions import ServerlessError

__all__ = ["StackConfigInvalid", "StackError"]


class StackError(ServerlessError):
    """The root of what is raised here."""


class StackConfigInvalid(StackError):
    """``[tool.serverless.stack]`` says something that no stack can be made of."""
