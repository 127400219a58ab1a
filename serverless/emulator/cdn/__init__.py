"""CloudFront: paths that lead to buckets, some for signed cookies and URLs only; everything else to the gateway.

Enters: a viewer's request. Leaves: an object, from memory where it may be, the gateway's answer, or a page of our own.
Touches: S3, and at most `cache.CAPACITY` and `kept.CAPACITY` bytes of memory. Of the gateway's answers only those of
the paths in `pages` are kept, and of these only what says so.

Flow: door -> behaviours (which bucket) -> signed (who may) -> bucket -> cache, or S3 -> answers (ranges, validators).
Where no behaviour fits: door -> maintenance (is it shut) -> viewer_function (who asks, is it too large) -> kept (is it
a page, and in memory) -> gateway -> its answer, or an error page.
"""

from serverless.emulator.cdn.behaviours import Behaviour, behaviours
from serverless.emulator.cdn.door import EDGE_ADDRESS, Cdn
from serverless.emulator.cdn.kept import Pages
from serverless.emulator.cdn.maintenance import Maintenance

__all__ = ["EDGE_ADDRESS", "Behaviour", "Cdn", "Maintenance", "Pages", "behaviours"]
