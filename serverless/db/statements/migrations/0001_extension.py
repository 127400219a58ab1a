"""The extension, where this user may make it. On AWS that is `manage.py db bootstrap`, as the administrator."""

from django.db import migrations, models

_MAKE = """
DO $do$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    NULL; -- the page says what to do
END $do$
"""


class Migration(migrations.Migration):
    initial = True
    while_serving = "It adds an extension, or nothing: no code before it asks for one, and no table is locked."
    dependencies = []

    operations = [
        migrations.RunSQL(_MAKE, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Statement",
            fields=[("queryid", models.BigIntegerField(primary_key=True, serialize=False))],
            options={
                "verbose_name": "query",
                "verbose_name_plural": "top queries",
                "db_table": "pg_stat_statements",
                "permissions": [("reset_statement", "Can forget the counts of queries")],
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
    ]
