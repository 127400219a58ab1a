"""The application's secret: one JSON object whose keys become variables when a function starts.

The first user's password of the database is another secret, which RDS makes, keeps and rotates.
"""

from dataclasses import dataclass
from typing import Final

from troposphere import Output, Ref, Template, secretsmanager

from serverless.stack.config import StackConfig
from serverless.stack.home.parts import Text
from serverless.stack.outputs import HomeOutput

__all__ = ["Secret", "add"]

# Django warns below 50 characters (security.W009).
_LENGTH: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    arn: Text


def add(template: Template, config: StackConfig) -> Secret:
    """Add the secret with a SECRET_KEY; ``stack deploy`` adds the keys that have to fit something outside.

    Whoever changes ``GenerateSecretString`` has CloudFormation make a new value, without the other keys: it signs
    everybody out. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
    """
    keep = "Retain" if config.protected else "Delete"
    secret = template.add_resource(
        secretsmanager.Secret(
            "AppSecret",
            Description=f"{config.prefix}: SECRET_KEY, ORIGIN_SECRETS, MEDIA_PRIVATE_KEY and the project's own",
            GenerateSecretString=secretsmanager.GenerateSecretString(
                SecretStringTemplate="{}",
                GenerateStringKey="SECRET_KEY",
                PasswordLength=_LENGTH,
                # Letters and digits: nothing that a shell, JSON or a comma list reads in its own way.
                ExcludePunctuation=True,
            ),
            DeletionPolicy=keep,
            UpdateReplacePolicy=keep,
        )
    )
    template.add_output(Output(HomeOutput.APP_SECRET, Value=Ref(secret)))
    return Secret(arn=Ref(secret))
