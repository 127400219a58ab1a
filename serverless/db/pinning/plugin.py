"""``pytest -p serverless.db.pinning.plugin``: a test fails that sends what would pin a connection to RDS Proxy.

``@pytest.mark.pins("set")`` says that one does so on purpose; it fails if it does not. Connections count that
``serverless.db.postgresql`` has opened, from their first statement, and those of Django's own backend, from the second.
"""

from collections.abc import Generator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db.backends.signals import connection_created

from serverless.db.pinning import registry, watching
from serverless.db.pinning.rules import RULES

__all__: list[str] = []

_MARK = "pins"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{_MARK}(*rules): sends what pins, by these rules: {', '.join(RULES)}")
    if watching.available():
        detector = _Detector()
        config.pluginmanager.register(detector)
        config.add_cleanup(detector.close)


def pytest_report_header() -> str:
    return "pinning: watched" if watching.available() else f"pinning: not watched. {watching.Unwatchable.__doc__}"


class _Detector:
    """What was sent by the test that runs."""

    def __init__(self) -> None:
        self._pins: list[watching.Pin] = []
        self._open = ExitStack()
        self._open.enter_context(watching.listening(self._pins.append))
        connection_created.connect(self._created)

    def close(self) -> None:
        connection_created.disconnect(self._created)
        self._open.close()

    def _created(self, *, connection: Any, **_: object) -> None:
        if connection.vendor == "postgresql" and connection not in registry.wrappers():
            registry.opened(connection, connection.connection)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._pins.clear()
        result = yield
        self._refuse(item)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        result = yield
        self._refuse(item)
        if missing := _expected(item) - {pin.rule.id for pin in self._pins}:
            pytest.fail(f"Nothing pinned by {', '.join(sorted(missing))}: take the mark away.", pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        result = yield
        self._refuse(item)
        return result

    def _refuse(self, item: pytest.Item) -> None:
        expected = _expected(item)
        found = {str(pin): pin for pin in self._pins if pin.rule.id not in expected}
        self._pins[:] = [pin for pin in self._pins if pin.rule.id in expected]
        if found:
            said = "\n".join(f"{text}\n    {pin.text}" for text, pin in found.items())
            pytest.fail(f"This would pin a connection to RDS Proxy:\n{said}", pytrace=False)


def _expected(item: pytest.Item) -> set[str]:
    names = {str(name) for mark in item.iter_markers(_MARK) for name in mark.args}
    if unknown := names - set(RULES):
        pytest.fail(f"pins() knows no {', '.join(sorted(unknown))}; it knows {', '.join(RULES)}.", pytrace=False)
    return names
