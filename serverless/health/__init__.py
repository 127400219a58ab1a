"""``/healthz`` and ``/healthz/deep``: ``path("", include("serverless.health"))``.

In: a GET; for the deep one the header ``x-health-secret`` as well. Out: JSON, never to be cached.
May touch: nothing for ``/healthz``; every database, cache and queue of the settings for ``/healthz/deep``.

``views`` answers, ``parts`` looks; ``manage.py health`` says the same to whoever may invoke the function.
"""

from serverless.health.views import deep, healthz, urlpatterns

__all__ = ["deep", "healthz", "urlpatterns"]
