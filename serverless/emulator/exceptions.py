"""What stops the local cloud, each in one sentence that also says what to do next."""

from pathlib import Path

from serverless.exceptions import ServerlessError


class EmulatorError(ServerlessError):
    """Base of everything that ends `python -m serverless.emulator` with one sentence and exit code 1."""


class ConfigInvalid(EmulatorError):
    """The configuration, from `[tool.serverless]` or the command line, cannot be used."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The emulator's configuration cannot be used: {problem}")


class PortInUse(EmulatorError):
    """Another program listens where the cloud's front door should stand."""

    def __init__(self, port: int, *, host: str = "127.0.0.1") -> None:
        self.port = port
        super().__init__(
            f"Port {port} on {host} is already in use: stop the program that holds it, or choose another with --port."
        )


class StateUnusable(EmulatorError):
    """The state directory cannot be read or written, or another cloud holds it."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(
            f"The state directory {path} cannot be used ({reason}): mend it, or choose another with --state-dir."
        )


class ToolMissing(EmulatorError):
    """A program or package that the emulator runs on is not installed."""

    def __init__(self, tool: str, *, hint: str) -> None:
        self.tool = tool
        super().__init__(f"{tool} is missing: {hint}")


class SetupFailed(EmulatorError):
    """A management command that prepares the project ended with an error; its output was printed."""

    def __init__(self, command: str, code: int) -> None:
        self.command = command
        self.code = code
        super().__init__(f"`{command}` failed with exit code {code}: mend what it prints above, then start again.")


class ServiceFailed(EmulatorError):
    """A local service (PostgreSQL, Valkey, S3, SQS) cannot be started, or answers wrongly."""

    def __init__(self, service: str, reason: str, *, log: Path | None = None) -> None:
        self.service = service
        where = f" (see {log})" if log else ""
        super().__init__(f"{service} did not start: {reason}{where}.")
