from django.apps import AppConfig


class ShardsConfig(AppConfig):
    name = "serverless.db.shards"
    label = "shards"
    verbose_name = "Shards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from serverless.db.shards import checks  # noqa: F401 - registered by import
