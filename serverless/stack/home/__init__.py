"""The stack of the project's region: everything but CloudFront and the functions' code.

In: ``StackConfig``. Out: ``template(config)``. May touch: nothing. Each module adds one concern to the template and
returns what the others need of it (``parts``).
"""

from troposphere import Template

from serverless.stack.config import StackConfig
from serverless.stack.home import cache, database, network

__all__ = ["template"]


def template(config: StackConfig) -> Template:
    """Return the template of ``PREFIX-home``. It is over the 51,200 bytes that travel inline: it goes through S3.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    home = Template(Description=f"{config.prefix}: network, data, queues and the API, in the project's region.")
    home.set_version()
    places = network.add(home, config)
    database.add(home, config, places)
    cache.add(home, config, places)
    return home
