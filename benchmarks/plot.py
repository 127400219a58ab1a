"""A line chart as SVG, in the colours of whoever looks: light or dark. Written by hand, because it is two lines."""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Line", "chart"]

_WIDTH, _HEIGHT = 800, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 56, 56
_STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 12px; fill: #59636e }
.title { font-size: 16px; font-weight: 600 } .grid { stroke: #d1d9e0; stroke-width: 1 }
.line { fill: none; stroke-width: 3; stroke-linejoin: round }
.a { stroke: #0969da } .b { stroke: #bc4c00 }
text.a { fill: #0969da; stroke: none } text.b { fill: #bc4c00; stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 } .grid { stroke: #3d444d }
  .a { stroke: #4493f8 } .b { stroke: #f0883e } text.a { fill: #4493f8 } text.b { fill: #f0883e }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    says: str
    """A second line of text at its end."""
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    most_x: float
    most_y: float

    def x(self, value: float) -> float:
        return round(_LEFT + value / self.most_x * (_WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        return round(_HEIGHT - _BOTTOM - value / self.most_y * (_HEIGHT - _TOP - _BOTTOM), 1)


def chart(title: str, lines: Sequence[Line], *, x: str, every_x: int, every_y: int) -> str:
    """Return the chart of at most two lines; ``every_*``: where the grid has its lines."""
    most_x = max(point[0] for line in lines for point in line.points)
    highest = max(point[1] for line in lines for point in line.points)
    scale = _Scale(most_x=most_x, most_y=-(-highest // every_y) * every_y)
    parts = [f'<text class="title" x="{_LEFT}" y="28">{title}</text>']
    for value in range(0, int(scale.most_y) + 1, every_y):
        y = scale.y(value)
        parts.append(f'<path class="grid" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text class="small" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{value} $</text>')
    for value in range(0, int(most_x) + 1, every_x):
        place = f'x="{scale.x(value)}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle"'
        parts.append(f'<text class="small" {place}>{value:,}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text class="small" x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle">{x}</text>')
    for kind, line in zip("ab", lines, strict=False):
        path = "L".join(f"{scale.x(a)} {scale.y(b)}" for a, b in line.points)
        end = scale.y(line.points[-1][1])
        parts.append(f'<path class="line {kind}" d="M{path}"/>')
        parts.append(f'<text class="{kind}" x="{_WIDTH - _RIGHT + 10}" y="{end}">{line.name}</text>')
        parts.append(f'<text class="small" x="{_WIDTH - _RIGHT + 10}" y="{end + 17}">{line.says}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])
