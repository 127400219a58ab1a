"""The stack of us-east-1: all that stands between visitors and the project's region.

In: ``StackConfig``. Out: ``template(config)``, small enough to travel inline, whose parameters and outputs are
``EdgeParameter`` and ``EdgeOutput``; and ``error_pages()``, which have to be in the static bucket before the first
visitor. May touch: nothing. Each module adds one concern and returns what ``distribution`` needs of it.
"""

from serverless.stack.edge.pages import CACHE_CONTROL as PAGE_CACHE_CONTROL
from serverless.stack.edge.pages import CONTENT_TYPE as PAGE_CONTENT_TYPE
from serverless.stack.edge.pages import files as error_pages
from serverless.stack.edge.stack import template
from serverless.stack.edge.viewer_function import DOOR

__all__ = ["DOOR", "PAGE_CACHE_CONTROL", "PAGE_CONTENT_TYPE", "error_pages", "template"]
