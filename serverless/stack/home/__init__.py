"""The stack of the project's region: everything but CloudFront and the functions' code.

In: ``StackConfig``. Out: ``template(config)``. May touch: nothing. Each module adds one concern to the template and
returns what the others need of it (``parts``).
"""

from troposphere import Template

from serverless.stack.config import StackConfig
from serverless.stack.home import (
    alarms,
    api,
    buckets,
    cache,
    dashboard,
    database,
    logs,
    mail,
    network,
    parameters,
    queues,
    roles,
    secret,
    sources,
    topics,
)
from serverless.stack.home.measures import Measured
from serverless.stack.home.statements import Reached

__all__ = ["template"]


def template(config: StackConfig) -> Template:
    """Return the template of ``PREFIX-home``. It is over the 51,200 bytes that travel inline: it goes through S3.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    home = Template(Description=f"{config.prefix}: network, data, queues and the API, in the project's region.")
    home.set_version()
    parameters.add(home, config)
    places = network.add(home, config)
    rows = database.add(home, config, places)
    kept = cache.add(home, config, places)
    waiting = queues.add(home, config)
    reached = Reached(buckets=buckets.add(home, config), queues=waiting, database=rows, secret=secret.add(home, config))
    may = roles.add(home, config, reached)
    door = api.add(home, config, may, logs.add(home, config))
    sources.add(home, config, waiting, may)
    told = topics.add(home, config)
    mail.add(home, config, told)
    measured = Measured(queues=waiting, api=door, database=rows, cache=kept)
    dashboard.add(home, config, measured, alarms.add(home, config, measured, told))
    return home
