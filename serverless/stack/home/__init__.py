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
    data = database.add(home, config, places)
    remembered = cache.add(home, config, places)
    files = buckets.add(home, config)
    tasks = queues.add(home, config)
    secrets = secret.add(home, config)
    allowed = roles.add(home, config, Reached(buckets=files, queues=tasks, database=data, secret=secrets))
    door = api.add(home, config, allowed, logs.add(home, config))
    sources.add(home, config, tasks, allowed)
    told = topics.add(home, config)
    mail.add(home, config, told)
    measured = Measured(queues=tasks, api=door, database=data, cache=remembered)
    dashboard.add(home, config, measured, alarms.add(home, config, measured, told))
    return home
