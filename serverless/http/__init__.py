"""HTTP: an event becomes a request, Django's response becomes what the event source wants back.

event -> converter.request -> origin lock -> recovery -> WSGI or ASGI -> Django -> converter.answer -> dict
May touch nothing but the event: no network, no disk, no botocore.
"""

from serverless.http.adapter import Adapter, Interface

__all__ = ["Adapter", "Interface"]
