"""Checks of the storages: what would otherwise be found out by a visitor."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from serverless.storage.media import MediaStorage

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
