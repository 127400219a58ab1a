"""Share links move to a room of their own: their table keeps its rows and takes the room's name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("galleries", "0002_photo_exif_and_checksums")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("ShareLink", "sharing_sharelink")],
            state_operations=[migrations.DeleteModel("ShareLink")],
        ),
    ]
