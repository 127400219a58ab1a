from django.apps import AppConfig


class ServerlessConfig(AppConfig):
    name = "serverless"
    label = "serverless"
    verbose_name = "Serverless"

    def ready(self) -> None:
        # Registered by import, as Django's own apps do.
        from serverless.cache import checks as cache_checks  # noqa: F401
        from serverless.conf import conf
        from serverless.http import checks as http_checks  # noqa: F401
        from serverless.storage import checks as storage_checks  # noqa: F401

        if conf().replicas.of:
            from serverless.db.replicas import checks as replica_checks  # noqa: F401
            from serverless.db.replicas import statements

            statements.watch()
