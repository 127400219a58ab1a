"""CloudFront's function before each request that is not for a file: ``viewer_function.js`` and what it has to know.

Maintenance is two parameters of the stack, which CloudFormation writes into the code: switching it publishes the
function anew and leaves the distribution as it is. A key value store would be read without a stack update, but needs a
request signed with SigV4A, and so a compiled library, on every machine that operates the site.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
"""

import json
from pathlib import Path
from typing import Final

from troposphere import GetAtt, Sub, Template
from troposphere.cloudfront import Function, FunctionAssociation, FunctionConfig

from serverless.events.build import TEXT_TYPES
from serverless.pages import CSP, EDGE, MAINTENANCE, RETRY_AFTER_S, shell
from serverless.stack.config import StackConfig
from serverless.stack.outputs import EdgeParameter

__all__ = ["COOKIE", "DOOR", "FUNCTION_BYTES", "add", "source"]

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions
FUNCTION_BYTES: Final = 10 * 1024
# Who asks for DOOR and the secret gets the cookie that opens a shut site.
DOOR: Final = "/_maintenance/"
COOKIE: Final = "maintenance-pass"
_PASS_S: Final = 86_400

# An HTTP API's request line and header values together, less what CloudFront adds after this function has run: the
# origin's secret, Via, X-Amz-Cf-Id, the viewer's host and address, and one more address in X-Forwarded-For.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
_HEADER_BYTES: Final = 10_240 - 512
# A request to Lambda, less what an event holds beside the body: headers twice, the query three times, escaped.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_TEXT_BYTES: Final = 6 * 1024**2 - 64 * 1024
_BINARY_BYTES: Final = _TEXT_BYTES // 4 * 3  # as base64
_CODE: Final = Path(__file__).with_suffix(".js")


def source() -> str:
    """Return the code for ``Fn::Sub``: the two parameters stand in it as ``${Maintenance}``, ``${MaintenanceBypass}``.

    Both consist of letters, digits, ``-`` and ``_``, so that they cannot leave their quotation marks. The second stands
    in the published code, which whoever may read functions of the account can see: it opens a shut site, nothing else.
    """
    settings = {
        "maintenance": f"${{{EdgeParameter.MAINTENANCE}}}",
        "bypass": f"${{{EdgeParameter.MAINTENANCE_BYPASS}}}",
        "door": DOOR,
        "cookie": COOKIE,
        "attributes": f"Path=/; Max-Age={_PASS_S}; Secure; HttpOnly; SameSite=Lax",
        "retryAfter": str(RETRY_AFTER_S),
        "headerBytes": _HEADER_BYTES,
        "textBytes": _TEXT_BYTES,
        "binaryBytes": _BINARY_BYTES,
        "textTypes": TEXT_TYPES,
        "csp": CSP,
        "shell": shell(),
        "pages": {"413": EDGE[413].parts, "431": EDGE[431].parts, "maintenance": MAINTENANCE.parts},
    }
    lines = (line.strip() for line in _CODE.read_text("utf-8").splitlines())
    code = "\n".join(line for line in lines if line and not line.startswith("//"))
    return f"const SETTINGS = {json.dumps(settings, separators=(',', ':'))};\n{code}\n"


def add(template: Template, config: StackConfig) -> FunctionAssociation:
    """Add the function, and return what attaches it to a behaviour."""
    function = template.add_resource(
        Function(
            "ViewerFunction",
            Name=f"{config.prefix}-viewer",
            AutoPublish=True,
            FunctionCode=Sub(source()),
            FunctionConfig=FunctionConfig(
                Comment="Who asks, whether it is too much, and whether the site is open",
                Runtime="cloudfront-js-2.0",
            ),
        )
    )
    return FunctionAssociation(EventType="viewer-request", FunctionARN=GetAtt(function, "FunctionMetadata.FunctionARN"))
