import json
import re
from pathlib import Path

from serverless.catalogue import PANELS
from serverless.emulator.grafana import dashboard, text

FILE = Path(__file__).resolve().parents[3] / "docs" / "grafana" / "serverless.json"


def test_the_file_is_what_the_catalogue_makes() -> None:
    assert FILE.read_text() == text(), "python -m serverless.emulator.grafana > docs/grafana/serverless.json"


def test_panels_lie_side_by_side_and_each_line_asks_something() -> None:
    panels = dashboard()["panels"]
    assert [panel["title"] for panel in panels] == [panel.title for panel in PANELS]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)
    assert all(x + panel["gridPos"]["w"] <= 24 for (x, _), panel in zip(places, panels, strict=True))
    for panel in panels:
        ids = [target["refId"] for target in panel["targets"]]
        assert len(set(ids)) == len(ids)
        assert all(re.search(r"serverless_\w+\{function=\"(web|worker)\"\}", t["expr"]) for t in panel["targets"])


def test_no_data_source_of_somebody_is_written_into_it() -> None:
    assert set(re.findall(r'"uid": "([^"]+)"', json.dumps(dashboard()))) == {"serverless-local", "${source}"}
