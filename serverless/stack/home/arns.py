"""ARNs of what has a name before it exists: functions, their aliases and logs, queues, users of the database."""

from troposphere import Sub

from serverless.stack import names
from serverless.stack.home.parts import Text
from serverless.stack.names import Function

__all__ = ["database_user", "function", "live", "log_streams", "queue"]


def function(prefix: str, which: Function) -> Sub:
    return _arn("lambda", f"function:{names.function(prefix, which)}")


def live(prefix: str, which: Function) -> Sub:
    """Return the alias that releases move, of a function that a release may still have to make."""
    return _arn("lambda", f"function:{names.function(prefix, which)}:{names.ALIAS}")


def log_streams(prefix: str, which: Function) -> Sub:
    """Return the log group of a function with all streams in it, as actions on streams name it."""
    return _arn("logs", f"log-group:{names.log_group(prefix, which)}:*")


def queue(name: str) -> Sub:
    return _arn("sqs", name)


def database_user(resource_id: Text, user: str) -> Sub:
    """Return what ``rds-db:connect`` names: a user of one database or proxy.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
    """
    return _arn("rds-db", f"dbuser:${{Database}}/{user}", Database=resource_id)


def _arn(service: str, resource: str, **values: Text) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}", **values)
