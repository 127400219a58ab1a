"""The domain that the stage sends mail from: signed (DKIM), over TLS alone, with bounces and complaints told.

A new account sends to addresses of its own only, until AWS lifts that on request.
https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
"""

from typing import Final

from troposphere import GetAtt, Output, Ref, Template, route53, ses

from serverless.stack.config import StackConfig
from serverless.stack.home.topics import Topics
from serverless.stack.outputs import HomeOutput

__all__ = ["add"]

# Easy DKIM has three records. https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html
_TOKENS: Final = (1, 2, 3)
_TTL_S: Final = "3600"


def add(template: Template, config: StackConfig, topics: Topics) -> None:
    """Add identity, configuration set and their records; nothing where the stage sends no mail.

    Where Route 53 does not have the zone, a person makes the records, which ``stack deploy`` asks SES for and prints.
    """
    if not config.sends_from or topics.mail is None:
        return
    configuration_set = template.add_resource(_configuration_set(config))
    template.add_resource(
        ses.ConfigurationSetEventDestination(
            "MailEvents",
            ConfigurationSetName=Ref(configuration_set),
            EventDestination=ses.EventDestination(
                Name="bounces",
                Enabled=True,
                MatchingEventTypes=["BOUNCE", "COMPLAINT", "REJECT"],
                SnsDestination=ses.SnsDestination(TopicARN=topics.mail),
            ),
            # SES publishes a message to see whether it may.
            DependsOn=["MailTopicPolicy"],
        )
    )
    identity = template.add_resource(_identity(config, configuration_set))
    if _in_zone(config):
        template.add_resource(_records(config, identity))
    template.add_output(Output(HomeOutput.MAIL_FROM_DOMAIN, Value=config.sends_from))


def _configuration_set(config: StackConfig) -> ses.ConfigurationSet:
    return ses.ConfigurationSet(
        "MailSet",
        Name=config.prefix,
        # Mails hold links that open galleries and accounts: they travel encrypted or come back.
        # https://docs.aws.amazon.com/ses/latest/dg/security-protocols.html
        DeliveryOptions=ses.DeliveryOptions(TlsPolicy="REQUIRE"),
        ReputationOptions=ses.ReputationOptions(ReputationMetricsEnabled=True),
        SendingOptions=ses.SendingOptions(SendingEnabled=True),
        # Who bounced or complained gets nothing more, whatever the application believes.
        # https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html
        SuppressionOptions=ses.SuppressionOptions(SuppressedReasons=["BOUNCE", "COMPLAINT"]),
    )


def _identity(config: StackConfig, configuration_set: ses.ConfigurationSet) -> ses.EmailIdentity:
    return ses.EmailIdentity(
        "MailIdentity",
        EmailIdentity=config.sends_from,
        ConfigurationSetAttributes=ses.ConfigurationSetAttributes(ConfigurationSetName=Ref(configuration_set)),
        DkimAttributes=ses.DkimAttributes(SigningEnabled=True),
        DkimSigningAttributes=ses.DkimSigningAttributes(NextSigningKeyLength="RSA_2048_BIT"),
        # The topic has them; else SES mails each bounce to the sender, whom nobody reads.
        FeedbackAttributes=ses.FeedbackAttributes(EmailForwardingEnabled=False),
    )


def _in_zone(config: StackConfig) -> bool:
    """Whether the domain of mails is in the zone that Route 53 has."""
    below = config.sends_from == config.domain or config.sends_from.endswith(f".{config.domain}")
    return bool(config.hosted_zone_id) and below


def _records(config: StackConfig, identity: ses.EmailIdentity) -> route53.RecordSetGroup:
    return route53.RecordSetGroup(
        "MailRecords",
        HostedZoneId=config.hosted_zone_id,
        RecordSets=[
            route53.RecordSet(
                Name=GetAtt(identity, f"DkimDNSTokenName{n}"),
                Type="CNAME",
                TTL=_TTL_S,
                ResourceRecords=[GetAtt(identity, f"DkimDNSTokenValue{n}")],
            )
            for n in _TOKENS
        ],
    )
