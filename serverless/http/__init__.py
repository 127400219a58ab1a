"""HTTP: an event becomes a WSGI request, Django's response becomes what API Gateway wants back.

event -> origin lock -> converter.environ -> Django -> converter.response -> dict
May touch nothing but the event: no network, no disk, no botocore.
"""

from serverless.http.adapter import Adapter

__all__ = ["Adapter"]
