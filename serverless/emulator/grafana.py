"""The Grafana dashboard of the catalogue's panels, over what the emulator's `/_local/metrics` says.

`python -m serverless.emulator.grafana` prints it: docs/grafana/serverless.json is that.
"""

import json
from typing import Any, Final

from serverless.catalogue import PANELS, Line, Panel
from serverless.emulator.prometheus import query

__all__ = ["dashboard", "text"]

_COLUMNS: Final = 24
_ACROSS: Final = 3
_HEIGHT: Final = 8
_SOURCE: Final = {"type": "prometheus", "uid": "${source}"}


def text() -> str:
    """Return the dashboard as it stands in its file."""
    return json.dumps(dashboard(), indent=2) + "\n"


def dashboard() -> dict[str, Any]:
    """Return the Grafana dashboard, as its JSON is imported.

    https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
    """
    return {
        "title": "Serverless, on this machine",
        "uid": "serverless-local",
        "tags": ["serverless"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(PANELS)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, _ACROSS)
    width = _COLUMNS // _ACROSS
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": " ".join(dict.fromkeys(line.metric.text for line in panel.lines)),
        "datasource": _SOURCE,
        "gridPos": {"x": column * width, "y": row * _HEIGHT, "w": width, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"min": 0, "unit": _unit(panel)}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": _SOURCE,
                "expr": query(line),
                "legendFormat": _legend(line),
            }
            for index, line in enumerate(panel.lines)
        ],
    }


def _legend(line: Line) -> str:
    by = line.metric.dimension
    return f"{{{{{by.lower()}}}}}" if by and line.statistic == "Maximum" else line.label


def _unit(panel: Panel) -> str:
    of_times = any(
        line.metric.unit == "Seconds" and line.statistic not in {"Sum", "SampleCount"} for line in panel.lines
    )
    return "s" if of_times else "short"


if __name__ == "__main__":
    print(text(), end="")
