"""One small page for whatever no application answers: the adapter's refusals, and the edge's error pages."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["BUSY_S", "CSP", "EDGE", "MAINTENANCE", "RETRY_AFTER_S", "Page", "html", "shell"]

# An empty address is the page's own: it works without a script, and asks for nothing that was sent before.
_AGAIN: Final = '<a href="">Try again</a>'

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fafaf9; --ink: #161617; --muted: #5d5d62 }
@media (prefers-color-scheme: dark) { :root { --paper: #0f0f10; --ink: #f3f3f1; --muted: #a5a5ab } }
* { box-sizing: border-box; margin: 0 }
body {
  min-height: 100vh; min-height: 100svh; display: grid; align-items: center; overflow-x: hidden;
  background: var(--paper); color: var(--ink); -webkit-font-smoothing: antialiased;
  font: 1.125rem/1.6 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
svg {
  position: fixed; z-index: -1; right: -38vmin; bottom: -38vmin; width: 116vmin; height: 116vmin;
  fill: none; stroke: var(--muted);
}
circle { vector-effect: non-scaling-stroke }
circle:first-child { fill: var(--ink); stroke: none }
main { display: grid; gap: 1.25rem; justify-items: start; padding: 3rem clamp(1.5rem, 9vw, 9rem) 22vh }
h1 {
  font: 400 clamp(2.75rem, 1.9rem + 4.4vw, 5.5rem)/1.04 ui-serif, "Iowan Old Style", "Palatino Linotype", Palatino,
    Charter, Georgia, serif;
  letter-spacing: -.03em; text-wrap: balance;
}
p { max-width: 32rem; color: var(--muted); text-wrap: pretty }
p:first-child { font-size: .8125rem; letter-spacing: .14em }
a {
  display: inline-flex; align-items: center; min-height: 3rem; margin-top: 1rem; padding: 0 1.5rem; border-radius: 6px;
  background: var(--ink); color: var(--paper); font-size: 1rem; font-weight: 500; text-decoration: none;
}
a:hover { opacity: .86 }
a:focus-visible { outline: 2px solid var(--ink); outline-offset: 3px }
"""
# A dot, and hairlines around it that widen and fade, as after a drop.
_RINGS: Final = '<circle cx="200" cy="200" r="3.5"/>' + "".join(
    f'<circle cx="200" cy="200" r="{11 + 8.5 * ring + 1.4 * ring**2:.1f}" stroke-opacity="{0.6 * 0.77**ring:.3f}"/>'
    for ring in range(9)
)
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<p>{status}</p>
<h1>{title}</h1>
<p>{text}</p>
{link}
</main>
<svg viewBox="0 0 400 400" aria-hidden="true">{rings}</svg>
</body>
</html>
"""
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Nothing but the page's own style sheet, known by its hash: such a page loads, sends and frames nothing.
CSP: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page says; with ``again``, it has a link to try again. Both texts are HTML."""

    status: int
    title: str
    text: str
    again: bool = False

    @property
    def html(self) -> str:
        return html(self.status, title=self.title, text=self.text, again=self.again)

    @property
    def parts(self) -> Mapping[str, str]:
        """What goes into the open places of ``shell()``, by their names."""
        link = _AGAIN if self.again else ""
        return {"status": str(self.status), "title": self.title, "text": self.text, "link": link}


# The application knows whether a form was saved, mostly; its own words do not come past CloudFront with these statuses.
_IN_DOUBT: Final = "If you were sending something, please look first whether it has arrived."
# What the edge says where nothing behind it answers, by status; here so that the emulator and AWS show the same.
EDGE: Final[Mapping[int, Page]] = {
    page.status: page
    for page in (
        Page(
            status=413,
            title="That is too much",
            text="What was sent is larger than this site takes at once. Nothing of it was kept.",
        ),
        Page(
            status=429,
            title="Slow down",
            text="More came from your address than this site answers. Please wait five minutes, then try again.",
            again=True,
        ),
        Page(
            status=431,
            title="Too many cookies",
            text="Your browser sent more along than this site takes. "
            "Clear the cookies of this site, then open it again.",
        ),
        Page(
            status=502,
            title="One moment",
            text=f"The site did not answer properly. Please try again in a minute. {_IN_DOUBT}",
            again=True,
        ),
        Page(
            status=503,
            title="One moment",
            text=f"The site is busy or took too long to answer. Please try again in a minute. {_IN_DOUBT}",
            again=True,
        ),
        Page(
            status=504,
            title="One moment",
            text=f"The site took too long to answer. Please try again in a minute. {_IN_DOUBT}",
            again=True,
        ),
    )
}
# Seconds after which programs may ask again: a site that is being worked on, and one that is busy or starts anew.
RETRY_AFTER_S: Final = 300
BUSY_S: Final = 5
MAINTENANCE: Final = Page(
    status=503,
    title="Back soon",
    text="The site is being worked on. Nothing is lost. Please come back in a few minutes.",
    again=True,
)


def html(status: int, *, title: str, text: str, again: bool) -> str:
    """Return the page; with ``again``, it has a link to try again. All texts are HTML."""
    return _PAGE.format(title=title, text=text, status=status, link=_AGAIN if again else "", style=_STYLE, rings=_RINGS)


def shell() -> str:
    """Return the page with ``{status}``, ``{title}``, ``{text}`` and ``{link}`` left open for ``Page.parts``."""
    names = ("status", "title", "text", "link")
    return _PAGE.format(**{name: f"{{{name}}}" for name in names}, style=_STYLE, rings=_RINGS)
