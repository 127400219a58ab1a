"""Made-up rows begin in the default database, as studios do, and can be moved."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from app.accounts.models import Studio
from app.galleries.models import Gallery, Photo
from serverless.db import shards

pytestmark = pytest.mark.django_db(databases=["default", "other"], transaction=True)


def test_what_is_seeded_can_be_moved(client: Client) -> None:
    sizes = {"photos": 60, "galleries": 6, "events": 100, "studios": 2}
    call_command("seed", **sizes, verbosity=0)
    assert (Photo.objects.using("default").count(), Studio.objects.filter(shard="default").count()) == (60, 2)
    studio = Studio.objects.order_by("pk")[0]
    galleries = Gallery.objects.using("default").filter(studio=studio).count()
    call_command("shards", "move", studio.slug, "--to", "other", "--drain", "0", verbosity=0)
    with shards.entered(studio.pk):
        assert Gallery.objects.filter(studio=studio).count() == galleries
    call_command("shards", "purge", studio.slug, verbosity=0)
    assert Photo.objects.using("default").count() + Photo.objects.using("other").count() == 60
    with pytest.raises(CommandError, match="seed that one"):
        call_command("seed", **sizes, database="other", add=True)
