"""A cold start as a flame picture: one SVG file, without scripts, for any browser."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from serverless.coldstart.imports import Import
from serverless.coldstart.measure import ColdStart, Owner

__all__ = ["svg"]

_WIDTH, _ROW, _TOP, _MARGIN = 1400.0, 19.0, 62.0, 12.0
_LEAST = 0.6  # px: what is narrower cannot be seen
_CHARACTER = 6.6  # px of the font below
_COLOURS = {
    Owner.PROJECT: "#e8590c",
    Owner.PACKAGE: "#f2b134",
    Owner.DJANGO: "#2f9e6e",
    Owner.SERVERLESS: "#3b82c4",
    Owner.PYTHON: "#9aa5b1",
}
_STYLE = (
    "svg{background:#fff}text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:#14181d}"
    ".h{font-size:15px;font-weight:600}rect{stroke:#fff;stroke-width:.5}rect:hover{opacity:.7}"
    "@media(prefers-color-scheme:dark){svg{background:#14181d}.o{fill:#eef1f4}rect{stroke:#14181d}}"
)


def svg(start: ColdStart) -> str:
    """Return the picture: width is time, what is below was imported by what is above, a colour is whose it is."""
    scale = (_WIDTH - 2 * _MARGIN) / max(start.total_us, 1)
    places = list(_places(start.root, _MARGIN, scale))
    boxes = [_box(start, level, left, module, scale) for level, left, module in places]
    height = _TOP + (max(level for level, _, _ in places) + 1) * _ROW + _MARGIN
    title = f"Cold start: {start.total_us / 1000:.0f} ms from the first import to the first event"
    size = f'viewBox="0 0 {_WIDTH:.0f} {height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}">',
            f"<style>{_STYLE}</style>",
            f'<text class="h o" x="{_MARGIN}" y="24">{title}</text>',
            *_legend(),
            *boxes,
            "</svg>\n",
        ]
    )


def _places(module: Import, left: float, scale: float, level: int = 0) -> Iterator[tuple[int, float, Import]]:
    if module.total_us * scale < _LEAST:
        return
    yield level, left, module
    for child in module.children:
        yield from _places(child, left, scale, level + 1)
        left += child.total_us * scale


def _box(start: ColdStart, level: int, left: float, module: Import, scale: float) -> str:
    width = module.total_us * scale
    y = _TOP + level * _ROW
    name = escape(module.name)
    told = f"{name}: {module.total_us / 1000:.1f} ms, {module.own_us / 1000:.1f} ms of it its own"
    box = f'<rect x="{left:.1f}" y="{y:.0f}" width="{width:.1f}" height="{_ROW - 1:.0f}" rx="1.5" '
    fits = int((width - 6) / _CHARACTER)
    # The end of a dotted name tells more than its beginning.
    label = name if len(name) <= fits else f"…{name[-(fits - 1) :]}"
    words = f'<text x="{left + 3:.1f}" y="{y + 13:.0f}">{label}</text>' if fits >= 4 else ""
    return f'<g><title>{told}</title>{box}fill="{_COLOURS[start.owner(module.name)]}"/>{words}</g>'


def _legend() -> Iterator[str]:
    x = _MARGIN
    for owner, colour in _COLOURS.items():
        yield f'<rect x="{x:.0f}" y="36" width="12" height="12" rx="2" fill="{colour}"/>'
        yield f'<text class="o" x="{x + 17:.0f}" y="46">{owner}</text>'
        x += 42 + len(owner) * _CHARACTER
