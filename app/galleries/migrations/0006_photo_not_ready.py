"""What staff look for among a million photos: those that are not ready."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # as CREATE INDEX CONCURRENTLY wants it: photos go on arriving meanwhile

    dependencies = [("galleries", "0005_version_follows_every_change")]

    operations = [
        AddIndexConcurrently(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("state__in", ["pending", "uploaded", "failed"])),
                fields=["state", "-id"],
                name="photo_not_ready",
            ),
        ),
    ]
