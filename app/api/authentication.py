"""Whose request this is, by its token alone: no session, no cookie, and hence no CSRF."""

from django.http import HttpRequest
from django.utils import timezone

from app.api import limits
from app.api.models import ApiToken, Scope
from app.api.problems import FORBIDDEN, UNAUTHORIZED, Refusal
from app.api.tokens import is_well_formed

__all__ = ["authenticate"]

_CHALLENGE = 'Bearer realm="Loupe"'


def authenticate(request: HttpRequest, scope: Scope) -> ApiToken:
    """Return the live token of the request, with its studio; one query. Raises Refusal: 401, 403 or 429."""
    kind, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    if kind.lower() != "bearer":
        detail = "Send a token: Authorization: Bearer loupe_... Your studio makes one at /studio/tokens/."
        raise Refusal(UNAUTHORIZED, detail, headers={"WWW-Authenticate": _CHALLENGE})
    token = _find(text.strip())
    if token is None:
        limits.count_refusal(request.META.get("REMOTE_ADDR", ""))
        # One answer for all four: it must not tell a guesser that a token was once good.
        detail = "This token is mistyped, unknown, expired or revoked. Make a new one at /studio/tokens/."
        raise Refusal(UNAUTHORIZED, detail, headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})
    limits.count_use(token)
    if scope not in token.scopes:
        challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
        detail = f"This token lacks the scope {scope}. Make one that has it at /studio/tokens/."
        raise Refusal(FORBIDDEN, detail, headers={"WWW-Authenticate": challenge})
    return token


def _find(text: str) -> ApiToken | None:
    if not is_well_formed(text):
        return None
    token = ApiToken.objects.by_token(text).first()
    return token if token and token.is_live(timezone.now()) else None
