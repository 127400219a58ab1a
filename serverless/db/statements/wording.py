"""Figures in words."""

__all__ = ["share", "time"]


def time(milliseconds: float) -> str:
    """Return three digits and a unit: 0.0312 -> "0.031 ms", 83.4 -> "83.4 ms", 5_400_000 -> "1.5 h"."""
    if milliseconds < 1:
        return f"{milliseconds:.3f} ms"
    for size, unit in ((3_600_000, "h"), (60_000, "min"), (1_000, "s")):
        if milliseconds >= size:
            return f"{milliseconds / size:.1f} {unit}"
    return f"{milliseconds:.1f} ms"


def share(part: float) -> str:
    """Return a share of 0..1 in percent; what is little is not nothing."""
    return "< 0.1 %" if 0 < part < 0.001 else f"{part:.1%}".replace("%", " %")
