"""The app's configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete


class AccountsConfig(AppConfig):
    """Users, studios and memberships."""

    name = "app.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen for studios that change or go away: their shards have copies of them."""
        from app.accounts.shards import delete_on_shards, keep_copy

        post_save.connect(keep_copy, sender="accounts.Studio", dispatch_uid="app.accounts.keep_copy")
        pre_delete.connect(delete_on_shards, sender="accounts.Studio", dispatch_uid="app.accounts.delete_on_shards")
