"""The list that dashboards are made from."""

from serverless import catalogue


def test_every_metric_is_known_by_its_name_once() -> None:
    declared = [value for value in vars(catalogue).values() if isinstance(value, catalogue.Known)]
    assert sorted(known.name for known in declared) == sorted(name for _, name in catalogue.KNOWN)
    assert all(catalogue.KNOWN[known.namespace, known.name] is known for known in declared)


def test_panels_show_known_metrics_and_what_each_statistic_means() -> None:
    meanings = {"sum": {"Sum"}, "level": {"Maximum"}, "spread": {"SampleCount", "Average", "p50", "p90", "p99"}}
    for panel in catalogue.PANELS:
        assert len({line.label for line in panel.lines}) == len(panel.lines)
        for line in panel.lines:
            assert line.metric in catalogue.KNOWN.values()
            assert line.statistic in meanings[line.metric.kind], (panel.title, line.label)


def test_every_metric_is_shown_somewhere() -> None:
    shown = {(line.metric.namespace, line.metric.name) for panel in catalogue.PANELS for line in panel.lines}
    assert shown == catalogue.KNOWN.keys()


def test_titles_are_of_one_panel_each() -> None:
    assert len({panel.title for panel in catalogue.PANELS}) == len(catalogue.PANELS)
