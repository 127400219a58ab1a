"""What CloudFront verifies signed cookies and URLs with: a key group of one key, or of two during a rotation.

A public key never changes once CloudFront has it, so there are two places. A rotation fills the empty one, signs with
it (``MEDIA_KEY_PAIR_ID``), and empties the other when the longest signature of the old key has ended.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/924
"""

from typing import Final

from troposphere import Equals, If, Not, NoValue, Or, Output, Parameter, Ref, Template
from troposphere.cloudfront import KeyGroup, KeyGroupConfig, PublicKey, PublicKeyConfig

from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeOutput, EdgeParameter

__all__ = ["add"]

_PEM: Final = r"(-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*)?"
_PLACES: Final = (
    (EdgeParameter.MEDIA_PUBLIC_KEY, EdgeOutput.MEDIA_KEY_PAIR_ID, "MediaKey", "media"),
    (EdgeParameter.MEDIA_PUBLIC_KEY_SECOND, EdgeOutput.MEDIA_KEY_PAIR_ID_SECOND, "MediaKeySecond", "media-second"),
)


def add(template: Template, config: StackConfig) -> Ref:
    """Add both places and the group, and return the reference that signed behaviours trust."""
    for parameter, output, resource, name in _PLACES:
        template.add_parameter(
            Parameter(
                parameter,
                Type="String",
                Default="",
                AllowedPattern=_PEM,
                Description="Public key that verifies signatures of private files, in PEM form",
            )
        )
        template.add_condition(f"Has{resource}", Not(Equals(Ref(parameter), "")))
        key = PublicKey(
            resource,
            Condition=f"Has{resource}",
            PublicKeyConfig=PublicKeyConfig(
                CallerReference=f"{config.prefix}-{name}", Name=f"{config.prefix}-{name}", EncodedKey=Ref(parameter)
            ),
        )
        template.add_resource(key)
        template.add_output(Output(output, Condition=f"Has{resource}", Value=Ref(key)))
    one_at_least = Or(*(Not(Equals(Ref(parameter), "")) for parameter, *_ in _PLACES))
    said = f"Give {' or '.join(parameter for parameter, *_ in _PLACES)}: private files are signed."
    template.add_rule("SomeKey", {"Assertions": [{"Assert": one_at_least, "AssertDescription": said}]})
    return Ref(template.add_resource(_group(config)))


def _group(config: StackConfig) -> KeyGroup:
    keys = [If(f"Has{resource}", Ref(resource), NoValue) for _, _, resource, _ in _PLACES]
    return KeyGroup("MediaKeys", KeyGroupConfig=KeyGroupConfig(Name=f"{config.prefix}-media", Items=keys))
