"""Share links as the galleries made them; their table is renamed there, and only the state is new here."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import serverless.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_user_is_verified"),
        ("galleries", "0003_share_links_leave"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ShareLink",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=serverless.ids.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("label", models.CharField(max_length=80)),
                        ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "created_at",
                            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                        ),
                        (
                            "gallery",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="share_links",
                                to="galleries.gallery",
                            ),
                        ),
                        (
                            "studio",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="share_links",
                                to="accounts.studio",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["gallery", "-created_at"], name="sharelink_newest_first")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("token_hash__regex", "^[0-9a-f]{64}$")),
                                name="sharelink_hash_is_hex",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("expires_at", None), ("expires_at__gt", models.F("created_at")), _connector="OR"
                                ),
                                name="sharelink_expires_after_birth",
                            ),
                        ],
                    },
                )
            ]
        ),
    ]
