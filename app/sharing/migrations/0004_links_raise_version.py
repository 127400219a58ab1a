from django.db import migrations

# A link that was looked up a moment ago is used for as long as its gallery has the same version. So whatever closes or
# locks a link raises it, in the same transaction, whoever does it. Tries at a lock are no part of what is kept.
_RAISE = """
CREATE FUNCTION sharing_sharelink_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE galleries_gallery SET version = version + 1 WHERE id = OLD.gallery_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER sharelink_change_raises_version AFTER UPDATE ON sharing_sharelink FOR EACH ROW
WHEN (
    (OLD.studio_id, OLD.gallery_id, OLD.label, OLD.token_hash, OLD.expires_at, OLD.revoked_at, OLD.lock)
    IS DISTINCT FROM
    (NEW.studio_id, NEW.gallery_id, NEW.label, NEW.token_hash, NEW.expires_at, NEW.revoked_at, NEW.lock)
)
EXECUTE FUNCTION sharing_sharelink_raise_version();
CREATE TRIGGER sharelink_end_raises_version AFTER DELETE ON sharing_sharelink FOR EACH ROW
EXECUTE FUNCTION sharing_sharelink_raise_version()
"""
_LEAVE = """
DROP TRIGGER sharelink_end_raises_version ON sharing_sharelink;
DROP TRIGGER sharelink_change_raises_version ON sharing_sharelink;
DROP FUNCTION sharing_sharelink_raise_version()
"""


class Migration(migrations.Migration):
    while_serving = "the code before it sees a version grow; triggers are made without a look at any row"
    dependencies = [("sharing", "0003_access_events"), ("galleries", "0005_version_follows_every_change")]

    operations = [migrations.RunSQL(_RAISE, _LEAVE)]
