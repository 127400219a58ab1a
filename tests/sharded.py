"""Loupe on two shards, which are the two databases that tests have: "default", also the directory, and "other"."""

from typing import Any, Final

from pytest_django.fixtures import Settings

from app.sharing import addresses

SHARDS: Final[dict[str, Any]] = {
    "ALIASES": ["default", "other"],
    "KEY": "accounts.Studio",
    "DIRECTORY": "app.sharing.addresses.Studios",
    "MODELS": ["galleries", "uploads", "reports", "sharing.ShareLink", "sharing.AccessEvent"],
    "LOCAL": ["tasks", "notifications.OutboxEmail"],
    # Nothing is remembered: the tests change the directory under everybody's feet.
    "SECONDS": 0,
}
ROUTER: Final = "serverless.db.shards.router.Router"
MIDDLEWARE: Final = "serverless.db.shards.middleware.ShardMiddleware"


def turn_on(settings: Settings) -> None:
    """Turn shards on as settings.base does where DATABASE_SHARD_URLS names some."""
    settings.SERVERLESS = settings.SERVERLESS | {"SHARDS": SHARDS}
    settings.DATABASE_ROUTERS = [ROUTER]
    settings.MIDDLEWARE = [settings.MIDDLEWARE[0], MIDDLEWARE, *settings.MIDDLEWARE[1:]]
    addresses._studios.clear()
