"""What studios keep already, counted once; from here on every arrival and failure changes the count."""

from django.db import migrations

_COUNT = """
UPDATE accounts_studio SET used_bytes = kept.bytes
FROM (
    SELECT studio_id, sum(bytes) AS bytes FROM galleries_photo WHERE state IN ('uploaded', 'ready') GROUP BY studio_id
) AS kept
WHERE kept.studio_id = accounts_studio.id
"""


class Migration(migrations.Migration):
    dependencies = [("uploads", "0001_multipart")]

    operations = [migrations.RunSQL(_COUNT, migrations.RunSQL.noop)]
