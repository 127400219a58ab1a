"""What Loupe costs on AWS: writes docs/reference/costs.md and its picture.

    python -m benchmarks.costs

``serverless.stack.costs`` counts and multiplies; here is what a studio does, and the page.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.plot import Line, chart
from serverless.stack.config import StackConfig, load
from serverless.stack.costs import HOURS, Charge, Usage, standing, total, used
from serverless.stack.prices import SURPLUS

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "reference" / "costs.md"
PICTURE: Final = ROOT / "docs" / "pictures" / "costs.svg"

# --- one delivery: a wedding ------------------------------------------------------------------------------------------
PHOTOS: Final = 300
VIEWS: Final = 2_000
# 24 MP out of a camera, as a fine JPEG; and its nine renditions together.
ORIGINAL_GB: Final = 0.017
RENDITIONS_GB: Final = 0.003
# A second of a whole processor for 12 MP (`python -m benchmarks renditions`), half more for 24, at the 0.58 of one that
# 1,024 MB come with.
DEVELOPED_S: Final = 2.6
# Parts and completion of the upload, the original out of quarantine, nine renditions.
PHOTO_PUTS: Final = 14
PHOTO_GETS: Final = 4
# Signing, completing and asking how far it is; the page, its beacon and renewed cookies.
UPLOAD_PAGES: Final = 3
VIEW_PAGES: Final = 3
# 120 tiles of 25 kB that are scrolled by, 20 large ones of 500 kB, style sheets and scripts.
VIEW_FILES: Final = 150
VIEW_GB: Final = 0.013
# All originals in one file, written in parts of 8 MB at 60 MB a second, and deleted after a week.
ZIP_GB: Final = PHOTOS * ORIGINAL_GB
ZIP_S: Final = ZIP_GB * 1000 / 60
ZIP_PUTS: Final = int(ZIP_GB * 1000 / 8)
ZIP_MONTHS: Final = 7 / 30
OPENING_S: Final = 0.05
# Developing, openings, mail and the archive run on the day, and a little on those after it.
TASK_HOURS: Final = 24
TASK_KINDS: Final = 4
MAILS: Final = 5

# db.t4g.small. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Types.html
VCPUS: Final = 2
HELD: Final = 0.2
BUSY: Final = 0.6

MONTHS_KEPT: Final = 6
MOST_PHOTOS: Final = 30_000


def delivery(number: float = 1, *, months: float = 1) -> Usage:
    """Return what so many deliveries a month come to; ``months``: for how long galleries stay."""
    photos, views = PHOTOS * number, VIEWS * number
    return Usage(
        pages=round(photos * UPLOAD_PAGES + views * VIEW_PAGES),
        tasks=round(photos + views + 2 * number),
        task_s=photos * DEVELOPED_S + views * OPENING_S + number * ZIP_S,
        task_hours=round(min(HOURS, number * TASK_HOURS)),
        task_kinds=TASK_KINDS,
        files=round(views * VIEW_FILES + number),
        delivered_gb=views * VIEW_GB + number * ZIP_GB,
        stored_gb=photos * (ORIGINAL_GB + RENDITIONS_GB) * months + number * ZIP_GB * ZIP_MONTHS,
        puts=round(photos * PHOTO_PUTS + number * ZIP_PUTS),
        gets=round(photos * PHOTO_GETS + views * VIEW_FILES / 10 + photos),
        mails=round(number * MAILS),
    )


def profiles() -> dict[str, StackConfig]:
    """Return Loupe's production in both profiles; a database without a proxy bounds the functions."""
    production = load(ROOT / "pyproject.toml", stage="production")
    return {
        "standard": replace(production, profile="standard"),
        "frugal": replace(production, profile="frugal", web_concurrency=20, worker_concurrency=6),
    }


def paid(config: StackConfig, photos: int) -> float:
    """Return USD a month for so many photos delivered a month."""
    usage = delivery(photos / PHOTOS, months=MONTHS_KEPT)
    return total([*standing(config), *used(config, usage)], free=True)


def picture() -> str:
    """Return docs/pictures/costs.svg."""
    lines = []
    for name, config in profiles().items():
        points = [(photos, paid(config, photos)) for photos in range(0, MOST_PHOTOS + 1, PHOTOS * 5)]
        each = points[-1][1] / MOST_PHOTOS * 100
        lines.append(Line(name=name, says=f"{each:.1f} ¢ a photo", points=points))
    return chart(
        "What Loupe costs a month, by photos delivered", lines, x="photos delivered a month", every_x=5_000, every_y=100
    )


def markdown() -> str:
    """Return docs/reference/costs.md."""
    return "\n".join([_ABOVE, *_standing(), _EXAMPLE, *_example(), _ASSUMED, *_months(), _BELOW])


def _standing() -> Iterator[str]:
    charges = {name: standing(config) for name, config in profiles().items()}
    yield "| profile | what stands there | USD a month |\n|---|---|--:|"
    for name, found in charges.items():
        for charge in found:
            yield f"| `{name}` | {charge.what} | {charge.usd:.2f} |"
        yield f"| `{name}` | **together** | **{total(found):.2f}** |"
        yield f"| `{name}` | **less what is free for every account** | **{total(found, free=True):.2f}** |"


def _example() -> Iterator[str]:
    configs = profiles()
    yield "| | `standard` | `frugal` |\n|---|--:|--:|"
    idle = {name: standing(config) for name, config in configs.items()}
    yield _row("**an idle month**", [total(found) for found in idle.values()], strong=True)
    days: list[list[Charge]] = [used(config, delivery()) for config in configs.values()]
    for charges in zip(*days, strict=True):
        yield _row(charges[0].what, [charge.usd for charge in charges])
    yield _row("**the delivery day**", [total(day) for day in days], strong=True)
    both = [[*found, *day] for found, day in zip(idle.values(), days, strict=True)]
    yield _row("**a month with one such day**", [total(charges) for charges in both], strong=True)
    yield _row("**and less what is free**", [total(charges, free=True) for charges in both], strong=True)


def _months() -> Iterator[str]:
    yield "| photos a month | deliveries | `standard` | `frugal` |\n|--:|--:|--:|--:|"
    for photos in (0, 300, 3_000, 9_000, 30_000):
        sums = " | ".join(f"{paid(config, photos):.2f}" for config in profiles().values())
        yield f"| {photos:,} | {photos // PHOTOS} | {sums} |"


def _row(what: str, sums: list[float], *, strong: bool = False) -> str:
    mark = "**" if strong else ""
    return f"| {what} | {' | '.join(f'{mark}{usd:.2f}{mark}' for usd in sums)} |"


_ABOVE: Final = """\
# What it costs

![Cost a month over photos delivered: both profiles begin at their standing cost and rise alike](../pictures/costs.svg)

`standard` is for those whose income rests on it; `frugal` for previews and a first studio. They differ in what
stands there, hardly in what photographs cost. This page and the picture are written by `python -m
benchmarks.costs`: what stands there is counted in the templates themselves. Prices are those of us-east-1 in USD
([sources](../../serverless/stack/prices.py)), without taxes; other regions cost up to a fifth more. They are an
estimate, and a [budget](../how-to/aws.md#what-it-looks-like-when-it-is-done) rings when the bill is another.

## When nobody comes
"""
_EXAMPLE: Final = f"""
A hosted zone in Route 53 is 0.50 more. *Free for every account* is what AWS gives each account every month for ever
(1 TB and 10 million requests of CloudFront, a million requests of Lambda and of SQS, 10 alarms, 3 dashboards, 5 GB
of logs); stages of one account share it.

The database's class computes for nothing up to {HELD:.0%} of its two vCPUs; what is more is charged at
{SURPLUS.usd:.3f} USD for an hour of one, without a bound. At a steady {BUSY:.0%} that is
{(BUSY - HELD) * VCPUS * HOURS * SURPLUS.usd:.0f} USD a month more, and an alarm rings when it begins.

## A delivery day

{PHOTOS} photographs of {ORIGINAL_GB * 1000:.0f} MB are uploaded and developed, the gallery is looked at {VIEWS:,}
times, and one file of {ZIP_GB:.1f} GB with all originals is made and downloaded.
"""
_ASSUMED: Final = f"""
Each look is {VIEW_PAGES} requests of the application, {VIEW_FILES} files and {VIEW_GB * 1000:.0f} MB; a photograph
is {PHOTO_PUTS} objects written, {RENDITIONS_GB * 1000:.0f} MB of renditions and {DEVELOPED_S} s of a worker.
`benchmarks/costs.py` has each figure with its reason. Loupe makes no such archives yet; what one costs is known all
the same.

## By photographs

What an account pays that has nothing else, when galleries stay for {MONTHS_KEPT} months.
"""
_BELOW: Final = """
The kink in the picture is where CloudFront's free terabyte ends. From then on delivery is what costs, then storage:
originals that nobody opens for a month move to a cheaper class by themselves, which is not counted here.

## To pay less

- `frugal` for every stage but production; `stack destroy` for a stage that nobody needs this month, `protected =
  false` beforehand.
- A read replica (`replicas = 1`) is another 25.66: it makes reads quicker that wait for the database, and nothing else.
- Interface endpoints cost as much as the database of `standard`, because each stands in two zones.
  [network.md](network.md) says which.
- `log_retention_days` bounds what logs keep, not what they cost to take in; `LOG_LEVEL` does.
- Delete galleries: storage is the only thing that grows by itself.
"""


def main() -> None:
    PAGE.write_text(markdown(), "utf-8")
    PICTURE.write_text(picture(), "utf-8")
    print(f"{PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)} are written.")


if __name__ == "__main__":
    main()
