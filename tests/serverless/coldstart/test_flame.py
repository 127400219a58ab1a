from dataclasses import replace
from xml.etree import ElementTree as ET

from serverless.coldstart.flame import svg
from serverless.coldstart.measure import ColdStart
from tests.serverless.coldstart.conftest import module

SVG = "{http://www.w3.org/2000/svg}"


def test_a_box_is_as_wide_as_its_import_took_long_and_below_its_importer(start: ColdStart) -> None:
    root = ET.fromstring(svg(start))  # noqa: S314 - our own
    boxes = {group.findtext(f"{SVG}title", "").partition(":")[0]: group for group in root.iter(f"{SVG}g")}
    box = {name: boxes[name].find(f"{SVG}rect") for name in ("serverless.handlers.main", "shop.views", "pandas")}
    place = {
        name: {key: float(rect.get(key, "")) for key in ("x", "y", "width")}
        for name, rect in box.items()
        if rect is not None
    }
    whole = place["serverless.handlers.main"]["width"]
    assert round(place["pandas"]["width"] / whole, 2) == round(29_000 / start.total_us, 2)
    assert place["pandas"]["y"] > place["shop.views"]["y"] > place["serverless.handlers.main"]["y"]
    assert place["pandas"]["x"] == place["shop.views"]["x"]
    assert "29.0 ms, 9.0 ms of it its own" in svg(start)


def test_it_needs_nothing_else(start: ColdStart) -> None:
    drawn = svg(start).replace("http://www.w3.org/2000/svg", "")
    assert "http" not in drawn
    assert "<script" not in drawn


def test_names_are_escaped(start: ColdStart) -> None:
    ET.fromstring(svg(replace(start, root=module("a<b>&c", 1_000))))  # noqa: S314 - our own
