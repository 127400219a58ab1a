"""Pictures of numbers as SVG markup: no script, no inline style, colours from the stylesheet, readable to machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values from the oldest to the newest, None where there is none; ``name`` is also the class of its colour."""

    name: str
    values: Sequence[float | None]


def top(series: Sequence[Series], *, stacked: bool = False) -> float:
    """Return the highest value that is drawn, 0 where nothing is."""
    if stacked:
        return max((sum(v or 0 for v in step) for step in zip(*(s.values for s in series), strict=True)), default=0)
    return max((value for one in series for value in one.values if value is not None), default=0)


def bars(series: Sequence[Series], *, label: str, titles: Sequence[str]) -> SafeString:
    """Draw stacked bars, one a step; ``titles`` are what a pointer is told about each step."""
    highest, width = top(series, stacked=True), WIDTH / max(len(titles), 1)
    drawn = []
    for index, title in enumerate(titles):
        floor, parts = float(HEIGHT), []
        for one in series:
            height = HEIGHT * (one.values[index] or 0) / highest if highest else 0
            # A single failure among thousands must be seen: never thinner than two units.
            height = max(height, 2) if one.values[index] else 0
            floor -= height
            if height:
                size = f"{index * width:.2f}", f"{max(floor, 0):.2f}", f"{max(width - 1, 0.5):.2f}", f"{height:.2f}"
                parts.append((one.name, *size))
        rects = format_html_join("", '<rect class="tasks-{}" x="{}" y="{}" width="{}" height="{}"/>', parts)
        if parts:
            drawn.append(format_html("<g><title>{}</title>{}</g>", title, rects))
    return _picture(label, mark_safe("".join(drawn)))  # noqa: S308 - each part is escaped


def lines(series: Sequence[Series], *, label: str) -> SafeString:
    """Draw a stair for each series; where a value is missing, the line has a gap."""
    highest = top(series)
    drawn = [
        format_html('<path class="tasks-line tasks-{}" d="{}"/>', one.name, _stair(one.values, highest))
        for one in series
        if any(value is not None for value in one.values)
    ]
    return _picture(label, mark_safe("".join(drawn)))  # noqa: S308 - each part is escaped


def _stair(values: Sequence[float | None], highest: float) -> str:
    width, commands = WIDTH / max(len(values), 1), []
    for index, (before, value) in enumerate(pairwise([None, *values])):
        if value is None:
            continue
        y = HEIGHT - (HEIGHT - 2) * value / highest if highest else HEIGHT
        commands.append(f"{'M' if before is None else 'L'}{index * width:.2f} {y:.2f}H{(index + 1) * width:.2f}")
    return "".join(commands)


def _picture(label: str, content: SafeString) -> SafeString:
    return format_html(
        '<svg class="tasks-chart" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
        ' aria-label="{label}"><path class="tasks-grid" d="M0 0.5H{width}M0 {middle}H{width}M0 {bottom}H{width}"/>'
        "{content}</svg>",
        width=WIDTH, height=HEIGHT, middle=HEIGHT / 2, bottom=HEIGHT - 0.5, label=label, content=content,
    )  # fmt: skip
