"""What clients did through links; so far, that they opened them."""

import django.db.models.deletion
from django.db import migrations, models

import serverless.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_studio_quota"),
        ("galleries", "0004_sections"),
        ("sharing", "0002_locks"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=serverless.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(choices=[("opened", "Opened")], max_length=16)),
                ("at", models.DateTimeField()),
                (
                    "gallery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_events",
                        to="galleries.gallery",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_events",
                        to="sharing.sharelink",
                    ),
                ),
                (
                    "studio",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="access_events", to="accounts.studio"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["link", "-at"], name="accessevent_latest_of_link")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["opened"])), name="accessevent_kind_is_known"
                    )
                ],
            },
        ),
    ]
