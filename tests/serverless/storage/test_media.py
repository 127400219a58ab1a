import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages

from serverless.storage.checks import check_media_storage
from serverless.storage.media import MediaStorage
from tests.aws import client


def media() -> MediaStorage:
    storage = storages["default"]
    assert isinstance(storage, MediaStorage)
    return storage


def test_names_are_kept_and_saving_again_replaces() -> None:
    name = "media/storage/replace/small.jpg"
    assert default_storage.save(name, ContentFile(b"one")) == name
    assert default_storage.save(name, ContentFile(b"three")) == name
    with default_storage.open(name) as stored:
        assert stored.read() == b"three"
    assert default_storage.size(name) == 5


@pytest.mark.parametrize("size", [0, 1, 8 * 1024**2, 8 * 1024**2 + 1])  # whole up to 8 MiB, in parts beyond
def test_every_size_is_saved_with_its_type_wherever_the_file_stands(size: int) -> None:
    content = ContentFile(b"x" * size)
    content.content_type = "image/avif"  # type: ignore[attr-defined]  # django-storages reads it
    content.seek(size)
    name = default_storage.save("media/storage/sized.avif", content)
    stored = client("s3").head_object(Bucket=media().bucket_name, Key=name)
    assert (stored["ContentLength"], stored["ContentType"]) == (size, "image/avif")
    assert stored["CacheControl"] == "public, max-age=31536000, immutable"


def test_text_is_saved_as_utf_8() -> None:
    name = default_storage.save("media/storage/text.txt", ContentFile("für"))
    with default_storage.open(name) as stored:
        assert stored.read() == "für".encode()


def test_deleted_objects_are_gone() -> None:
    name = default_storage.save("originals/storage/delete", ContentFile(b"x"))
    assert default_storage.exists(name)
    default_storage.delete(name)
    assert not default_storage.exists(name)


def test_a_copy_is_made_in_the_bucket_under_the_target_s_own_rules() -> None:
    client("s3").put_object(Bucket=media().bucket_name, Key="incoming/storage/x", Body=b"x", ContentType="text/html")
    media().copy("incoming/storage/x", "media/storage/x.png", content_type="image/png")
    copied = client("s3").get_object(Bucket=media().bucket_name, Key="media/storage/x.png")
    assert (copied["Body"].read(), copied["ContentType"]) == (b"x", "image/png")
    assert copied["CacheControl"] == "public, max-age=31536000, immutable"


def test_opening_what_is_not_there_is_an_error_and_large_objects_are_whole() -> None:
    with pytest.raises(FileNotFoundError, match="originals/storage/none"):
        default_storage.open("originals/storage/none")
    body = bytes(range(256)) * 40_000  # 10 MB: beyond what waits in memory
    client("s3").put_object(Bucket=media().bucket_name, Key="originals/storage/large", Body=body)
    with default_storage.open("originals/storage/large") as large:
        assert large.read() == body


def test_a_copy_of_nothing_is_an_error() -> None:
    with pytest.raises(FileNotFoundError, match="incoming/storage/nothing"):
        media().copy("incoming/storage/nothing", "originals/storage/nothing", content_type="image/png")


@pytest.mark.parametrize(
    ("name", "cache_control"),
    [("media/storage/a.avif", "public, max-age=31536000, immutable"), ("originals/storage/a.jpg", "private, no-store")],
)
def test_only_what_is_served_may_be_cached(name: str, cache_control: str) -> None:
    default_storage.save(name, ContentFile(b"x"))
    stored = client("s3").head_object(Bucket=media().bucket_name, Key=name)
    assert stored["CacheControl"] == cache_control


def test_only_served_names_have_a_url() -> None:
    assert default_storage.url("media/g/p/ä b.jpg") == "/media/g/p/%C3%A4%20b.jpg"
    for private in ("originals/x", "incoming/x", "", "mediax/y"):
        with pytest.raises(ValueError, match="private"):
            default_storage.url(private)


def test_a_bucket_without_a_name_is_reported(settings: object) -> None:
    from django.conf import settings as django_settings

    storages = {
        **django_settings.STORAGES,
        "default": {**django_settings.STORAGES["default"], "OPTIONS": {"region_name": "x"}},
    }
    settings.STORAGES = storages  # type: ignore[attr-defined]
    (error,) = check_media_storage()
    assert (error.id, "bucket_name" in error.msg) == ("serverless.E010", True)
