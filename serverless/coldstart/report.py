"""A cold start as text."""

from collections import Counter

from serverless.coldstart.advice import costs
from serverless.coldstart.measure import ColdStart

__all__ = ["text"]

# Below this nothing is worth a line.
_LEAST_US = 500


def text(start: ColdStart, *, top: int = 15) -> str:
    """Return whose time it was, and the ``top`` costliest things that the project itself brings in."""
    whose: Counter[str] = Counter()
    for module in start.root.walk():
        whose[start.owner(module.name)] += module.own_us
    parts = ", ".join(f"{name} {_ms(us)}" for name, us in whose.most_common())
    lines = [
        f"Cold start, until the first event can be taken: {_ms(start.total_us)}, measured import by import.",
        f"Of it: {parts}.",
        "",
        f"{'ms':>7}  {'share':>5}  what your project brings in",
    ]
    found = [cost for cost in costs(start) if cost.us >= _LEAST_US]
    for cost in found[:top]:
        share = cost.us / start.total_us
        lines += [f"{cost.us / 1000:7.1f}  {share:5.0%}  {cost.name} < {cost.importer}", f"{'':16}{cost.advice}"]
    if not found:
        lines.append("         nothing that takes half a millisecond")
    if len(found) > top:
        rest = sum(cost.us for cost in found[top:])
        lines.append(f"{rest / 1000:7.1f}         {len(found) - top} more (--top {len(found)})")
    return "\n".join(lines)


def _ms(us: int) -> str:
    return f"{us / 1000:.0f} ms"
