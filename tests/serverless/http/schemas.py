"""What the keys in use hold in each event shape, as AWS documents them: JSON Schema, written apart from the code.

Sources: see serverless/events/types.py.
"""

import binascii
from typing import Any

import jsonschema

__all__ = ["SCHEMAS"]

_TEXT: dict[str, Any] = {"type": "string"}
_PATH = {"type": "string", "pattern": "^/"}
_TOKEN = {"type": "string", "pattern": r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z"}
_VALUE = {"type": "string", "pattern": r"^[^\r\n\x00]*\Z"}
_HEADERS = {"type": "object", "propertyNames": _TOKEN, "additionalProperties": _VALUE}
_MANY_HEADERS = {
    "type": ["object", "null"],
    "propertyNames": _TOKEN,
    "additionalProperties": {"type": "array", "items": _VALUE},
}
_MANY = {"type": ["object", "null"], "additionalProperties": {"type": "array", "items": _TEXT}}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


_BASE64 = {
    "if": {"properties": {"isBase64Encoded": {"const": True}}, "required": ["isBase64Encoded"]},
    "then": {"properties": {"body": {"type": ["string", "null"], "format": "base64"}}},
}


def _payload_2(stage: dict[str, Any]) -> dict[str, Any]:
    http = _object({"method": _TOKEN, "sourceIp": _TEXT})
    context = _object({"http": http, "domainName": _TEXT, **stage})
    return _BASE64 | _object(
        {"version": {"const": "2.0"}, "rawPath": _PATH, "rawQueryString": _TEXT, "headers": _HEADERS,
         "requestContext": context},
        {"cookies": {"type": ["array", "null"], "items": _VALUE}, "body": {"type": ["string", "null"]},
         "isBase64Encoded": {"type": "boolean"}},
    )  # fmt: skip


_V1 = _BASE64 | _object(
    {
        "resource": _TEXT, "path": _PATH, "httpMethod": _TOKEN, "multiValueHeaders": _MANY_HEADERS,
        "multiValueQueryStringParameters": _MANY, "pathParameters": {"type": ["object", "null"]},
        "requestContext": _object({"identity": _object({"sourceIp": _TEXT})}, {"domainName": _TEXT, "path": _TEXT}),
        "body": {"type": ["string", "null"]}, "isBase64Encoded": {"type": "boolean"},
    }
)  # fmt: skip


def _alb(headers: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    context = _object({"elb": {"type": "object"}})
    return _BASE64 | _object(
        {"requestContext": context, "path": _PATH, "httpMethod": _TOKEN, "body": {"type": ["string", "null"]},
         "isBase64Encoded": {"type": "boolean"}},
        {**headers, **query},
    )  # fmt: skip


_FORMATS = jsonschema.FormatChecker(formats=())


def _is_base64(value: object) -> bool:
    if isinstance(value, str):
        binascii.a2b_base64(value.encode("ascii"), strict_mode=True)
    return True


_FORMATS.checks("base64", raises=ValueError)(_is_base64)


def _schema(definition: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(definition, format_checker=_FORMATS)


SCHEMAS = {
    "http-v2": _schema(_payload_2({"stage": _TEXT | {"minLength": 1}})),
    "function-url": _schema(_payload_2({})),
    "http-v1": _schema(_V1),
    "alb": _schema(
        _alb(
            {"headers": _HEADERS | {"type": ["object", "null"]}},
            {"queryStringParameters": {"type": ["object", "null"], "additionalProperties": _TEXT}},
        )
        | {"required": ["requestContext", "path", "httpMethod", "body", "isBase64Encoded", "headers"]}
    ),
    "alb-multi-value": _schema(
        _alb({"multiValueHeaders": _MANY_HEADERS | {"type": "object"}}, {"multiValueQueryStringParameters": _MANY})
        | {"required": ["requestContext", "path", "httpMethod", "body", "isBase64Encoded", "multiValueHeaders"]}
    ),
}
