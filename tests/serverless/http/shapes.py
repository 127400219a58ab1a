"""Every event shape with its converter, for tests that hold for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from serverless.events import build
from serverless.http import Adapter, Interface
from serverless.http.converters import alb, function_url, v1, v2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    build: Callable[..., Any]
    converter: Any

    def ask(self, interface: Interface, **request: Any) -> dict[str, Any]:
        """Return the answer to a request; the arguments are those of the builders in serverless.events.build."""
        answer: dict[str, Any] = Adapter(interface).respond(self.build(**request), self.converter)
        return answer


SHAPES = {
    "http-v2": Shape(build=build.http_v2, converter=v2),
    "function-url": Shape(build=build.function_url, converter=function_url),
    "http-v1": Shape(build=build.http_v1, converter=v1),
    "alb": Shape(build=build.alb, converter=alb),
    "alb-multi-value": Shape(build=partial(build.alb, multi_value=True), converter=alb),
}
