"""What stands between the CDN and the function: a request becomes an event, what the function returned a response.

Enters: a request of the CDN's. Leaves: the function's response or the front door's own, which says so.
Touches: the function, and nothing else.

A port: `base` has what all of them do, the others one front door each, with its own events, limits and errors. Which
one a project has, `front_door` in `[tool.serverless]` says.
"""

from collections.abc import Mapping
from typing import Final

from serverless.emulator.gateway.base import Gateway, Problem, Takes
from serverless.emulator.gateway.function_url import FunctionUrl
from serverless.emulator.gateway.http_api import HttpApi
from serverless.emulator.gateway.load_balancer import LoadBalancer, MultiValueLoadBalancer
from serverless.emulator.gateway.rest_api import RestApi

__all__ = ["GATEWAYS", "Gateway", "Problem", "Takes"]

GATEWAYS: Final[Mapping[str, type[Gateway]]] = {
    gateway.name: gateway for gateway in (HttpApi, RestApi, LoadBalancer, MultiValueLoadBalancer, FunctionUrl)
}
