from django.db import migrations

# Caches, ETags and links that were looked up a moment ago hang on the version: it grows with every change of the row,
# whoever makes it, and nothing sets it back.
_FOLLOW = """
CREATE FUNCTION galleries_gallery_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER gallery_version_follows BEFORE UPDATE ON galleries_gallery FOR EACH ROW
WHEN (NEW.version <= OLD.version AND NEW.* IS DISTINCT FROM OLD.*)
EXECUTE FUNCTION galleries_gallery_raise_version()
"""
_LEAVE = """
DROP TRIGGER gallery_version_follows ON galleries_gallery;
DROP FUNCTION galleries_gallery_raise_version()
"""


class Migration(migrations.Migration):
    while_serving = "the code before it sees a version grow sooner; a trigger is made without a look at any row"
    dependencies = [("galleries", "0004_sections")]

    operations = [migrations.RunSQL(_FOLLOW, _LEAVE)]
