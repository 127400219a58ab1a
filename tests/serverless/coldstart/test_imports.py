from serverless.coldstart.imports import parse

WRITTEN = """import time: self [us] | cumulative | imported package
import time:       100 |        100 |   zipimport
import time:        30 |         30 |     shop.models
2026-11-22 a line of the project's own
import time:        20 |         50 |   shop.views
import time:        10 |         60 | shop
"""


def test_the_tree_is_read_from_what_stands_below() -> None:
    roots, others = parse(WRITTEN)
    assert [root.name for root in roots] == ["shop"]
    assert [child.name for child in roots[0].children] == ["zipimport", "shop.views"]
    assert [(module.name, module.own_us, module.total_us) for module in roots[0].children[1].walk()] == [
        ("shop.views", 20, 50),
        ("shop.models", 30, 30),
    ]
    assert others == "2026-11-22 a line of the project's own"


def test_nothing_written_is_no_import() -> None:
    assert parse("Traceback (most recent call last):\nKeyError") == (
        [],
        "Traceback (most recent call last):\nKeyError",
    )
