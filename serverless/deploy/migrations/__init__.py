"""Which migrations may run while the release before them still serves, which only after the switch, and which never.

In: the project's migrations, and the names of those that are applied. Out: findings, each with what to do instead, and
the commands that migrate before and after the switch.
May touch: migration files, squawk in a process of its own. No database.

A migration says of itself ``after_switch = True`` (the code before it must not serve any more) or
``while_serving = "why the code before it can live with it"``.
"""

from serverless.deploy.migrations.findings import Finding
from serverless.deploy.migrations.history import History, applied
from serverless.deploy.migrations.judge import judge
from serverless.deploy.migrations.plan import Plan, plan

__all__ = ["Finding", "History", "Plan", "applied", "judge", "plan"]
