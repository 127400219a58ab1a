from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from app.accounts.models import Studio
from app.api.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("apitoken_hash_is_hex", {"token_hash": "loupe_" + "x" * 49}),
        ("apitoken_scopes_known", {"scopes": ["galleries:read", "galleries:write"]}),
        ("apitoken_expires_after_birth", {"expires_at": timezone.now() - timedelta(days=9)}),
    ],
)
def test_the_database_refuses(studio: Studio, constraint: str, change: dict[str, object]) -> None:
    row, _ = ApiToken.objects.all().issue(studio, label="Portfolio")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ApiToken.objects.filter(pk=row.pk).update(**change)
