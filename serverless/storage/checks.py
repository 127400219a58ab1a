"""Checks of the storages: what would otherwise be found out by a visitor."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from serverless.conf import conf
from serverless.storage.media import MediaStorage
from serverless.storage.signing import load_private_key

_OPTIONS = ("bucket_name", "region_name")


@register("storage")
def check_media_storage(**_: Any) -> list[CheckMessage]:
    """serverless.E010: the media storage has no bucket or region."""
    declared = settings.STORAGES["default"]
    if not issubclass(import_string(declared["BACKEND"]), MediaStorage):
        return []
    options = declared.get("OPTIONS", {})
    return [
        Error(
            f'STORAGES["default"]["OPTIONS"] has no {name}.',
            hint="The stack sets MEDIA_BUCKET and AWS_REGION in the function's environment; settings pass them on.",
            id="serverless.E010",
        )
        for name in _OPTIONS
        if not options.get(name)
    ]


@register(Tags.security, deploy=True)
def check_key_pair(**_: Any) -> list[CheckMessage]:
    """serverless.E011: private files cannot be signed for, so nobody could see one."""
    missing = [name for name in ("site_url", "media_key_pair_id", "media_private_key") if not getattr(conf(), name)]
    if missing:
        problem = f"SERVERLESS has no {', '.join(name.upper() for name in missing)}."
    else:
        try:
            load_private_key(conf().media_private_key)
        except ImproperlyConfigured as error:
            problem = str(error)
        else:
            return []
    return [
        Error(
            f"Signed cookies and URLs cannot be made: {problem}",
            hint="The stack sets MEDIA_KEY_PAIR_ID and MEDIA_PRIVATE_KEY in the environment; settings pass them on.",
            id="serverless.E011",
        )
    ]
