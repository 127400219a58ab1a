"""One request of the corpus, and one answer."""

from dataclasses import dataclass

__all__ = ["HOST", "Answer", "Case", "Headers"]

type Headers = tuple[tuple[str, str], ...]

HOST = "photos.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a client sends. Header values hold text, which goes over the wire as UTF-8.

    ``path`` is below ``mount``: a stage (`stage` True) or a custom domain's base path, both of which only API Gateway
    has.
    """

    category: str
    name: str
    method: str = "GET"
    path: str = "/echo"
    query: str = ""
    headers: Headers = ()
    body: bytes | None = None
    scheme: str = "https"
    mount: str = ""
    stage: bool = False

    def header(self, name: str) -> str | None:
        return next((value for given, value in self.headers if given.lower() == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a client receives, names in lower case. ``reason`` is None where a front door chooses its own."""

    status: int
    reason: str | None
    headers: Headers
    body: bytes
