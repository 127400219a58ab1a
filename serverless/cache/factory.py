"""Which client speaks to an address: made once a process, since Django makes a cache object a thread."""

from typing import Any, Final

from django.core.signals import setting_changed

from serverless.cache.address import Address
from serverless.cache.breaker import Breaker
from serverless.cache.pool import Pool
from serverless.cache.valkey import Valkey

__all__ = ["Factory"]

_clients: Final[dict[tuple[object, ...], Valkey]] = {}


class Factory:
    """What django-redis calls a connection factory."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._limit = float(options["SOCKET_TIMEOUT"])
        self._connect_limit = float(options["SOCKET_CONNECT_TIMEOUT"])
        self._pause = float(options["PAUSE"])

    def connect(self, url: str) -> Valkey:
        """Return the process' client for a LOCATION. Connects to nothing."""
        key = (url, self._limit, self._connect_limit, self._pause)
        if key not in _clients:
            _clients[key] = self._make(Address.parse(url))
        return _clients[key]

    def disconnect(self, connection: Valkey) -> None:
        """Close the client's connections; it opens others when it is used again."""
        connection.shut()

    def _make(self, address: Address) -> Valkey:
        if address.cluster:
            from serverless.cache.cluster import ClusterValkey  # who has one server need not load it

            return ClusterValkey(address, lambda host, port: self._pool(address, host, port))
        return Valkey(connection_pool=self._pool(address, address.host, address.port))

    def _pool(self, address: Address, host: str, port: int) -> Pool:
        return Pool(
            breaker=Breaker(f"{host}:{port}", limit=self._limit, pause=self._pause),
            connect_limit=self._connect_limit,
            host=host,
            port=port,
            tls=address.tls,
            username=address.username,
            password=address.password,
        )


def _forget(*, setting: str, **_: object) -> None:
    """Tests change CACHES; what spoke to the servers before is closed with them."""
    if setting == "CACHES":
        for client in _clients.values():
            client.shut()
        _clients.clear()


setting_changed.connect(_forget, dispatch_uid="serverless.cache")
