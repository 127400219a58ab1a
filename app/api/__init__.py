"""The read API `/api/v1`, and the tokens that open it.

In: GET requests with `Authorization: Bearer loupe_...`; the studio's page on which tokens are made and revoked.
Out: JSON, problem+json (RFC 9457) for everything that goes wrong under `/api/`, and the OpenAPI document that
describes both. `endpoints.ENDPOINTS` and the dataclasses in `resources` are the one description: they serve the
requests and become the document.
Touches its own table, reads the galleries' tables, and counts in the cache. Neither sessions nor cookies.
"""
