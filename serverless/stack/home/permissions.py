"""``docs/reference/permissions.md``: what each permission of each role is for, from the statements of the roles."""

from collections.abc import Iterator, Sequence
from typing import Final

from serverless.stack.config import StackConfig
from serverless.stack.home import statements
from serverless.stack.home.buckets import Buckets
from serverless.stack.home.parts import Database, Replica, Text
from serverless.stack.home.queues import Queue, Queues
from serverless.stack.home.secret import Secret
from serverless.stack.home.statements import Reached, Role, Statement

__all__ = ["markdown"]

# A stage with everything that has permissions of its own, under names that the page explains.
_CONFIG: Final = StackConfig(project="PROJECT", stage="STAGE", region="eu-central-1", domain="DOMAIN")
_QUEUE: Final = Queue(
    name="QUEUE",
    title="",
    queue_name="",
    dead_name="",
    arn="each queue",
    dead_arn="each dead-letter queue",
)
_REACHED: Final = Reached(
    buckets=Buckets(media="the media bucket"),
    queues=Queues(queues=[_QUEUE]),
    database=Database(
        host="",
        resource_id="the proxy, or the database where there is none",
        direct_host="",
        direct_resource_id="the database",
        port="",
        name="",
        admin_secret="the database's admin secret",  # noqa: S106 - no secret but words
        identifier="",
        proxy_name=None,
        max_connections=0,
        replicas=(Replica(host="", resource_id="each replica", identifier=""),),
    ),
    secret=Secret(arn="the app secret"),
)
# In an ARN what comes before and with it is the stack's own: partition, service, region and account.
_ACCOUNT: Final = "${AWS::AccountId}:"
_USERS: Final[dict[Role, str]] = {
    "web": "Web function",
    "worker": "Worker function",
    "migrator": "Migrator function",
    "invocation": "API Gateway",
    "scheduler": "EventBridge Scheduler",
}
_ABOVE: Final = """\
# Permissions

What each role of the home stack may do, and what for. This page is written by `serverless.stack.home.permissions`, from
the statements that the roles are made of (`serverless/stack/home/statements.py`).

Whatever is not here is refused. `*` stands for everything in the actions on network interfaces alone: those have no
names before they exist. No role may make a log group, change a bucket or a role, or read or delete an old version of a
file.

`PROJECT-STAGE` is what all names begin with. Of ARNs the end is shown, after the account, which is the stack's own. The
media bucket's folders are those that `signed` in `[tool.serverless]` names, here the defaults.
"""


def markdown() -> str:
    """Return the page."""
    return "\n".join([_ABOVE, *_sections()])


def _sections() -> Iterator[str]:
    for role, allowed in statements.of(_CONFIG, _REACHED).items():
        yield f"## {_USERS[role]}: `{role.capitalize()}Role`\n"
        yield "| statement | actions | on | what for |\n|---|---|---|---|"
        yield from (_row(statement) for statement in allowed)
        yield ""


def _row(statement: Statement) -> str:
    sid = f"`{statement.sid}`" if statement.effect == "Allow" else f"`{statement.sid}` (denied)"
    actions = ", ".join(f"`{action}`" for action in statement.actions)
    return f"| {sid} | {actions} | {_on(statement.resources)} | {statement.reason} |"


def _on(resources: Sequence[Text]) -> str:
    return ", ".join(dict.fromkeys(_plain(resource) for resource in resources))


def _plain(resource: Text) -> str:
    """Return a resource in words, or the end of its ARN."""
    if isinstance(resource, str):
        return f"`{resource}`" if resource == "*" else resource
    said = resource.data["Fn::Sub"]
    text, values = (said, {}) if isinstance(said, str) else said
    if "Media" in values:
        return f"`{text.removeprefix('${Media}/')}` in {values['Media']}"
    if "Database" in values:
        return f"user `{text.rpartition('/')[2]}` of {values['Database']}"
    return f"`{text.rpartition(_ACCOUNT)[2]}`"
