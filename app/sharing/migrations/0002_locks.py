"""PINs and passwords of links, and how often somebody was wrong. The code before it goes on inserting rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0001_share_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="sharelink",
            name="lock",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="rests_until",
            field=models.DateTimeField(blank=True, editable=False, help_text="No try is looked at before.", null=True),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="wrong_tries",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name="sharelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("lock", ""), ("lock__regex", r"^(pin|scrypt)\$"), _connector="OR"),
                name="sharelink_lock_is_hashed",
            ),
        ),
    ]
