"""Presigned downloads from the S3 of this machine, whose door checks signatures as S3 does."""

from email.message import Message
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django.fixtures import Settings

from serverless.ids import uuid7
from serverless.storage import presign_download

BODY = b"%PDF-1.4 a report"


@pytest.fixture
def key() -> str:
    name = f"reports/s/{uuid7()} with space+ä.pdf"
    default_storage.save(name, ContentFile(BODY))
    return name


def fetch(url: str) -> tuple[bytes, Message]:
    with urlopen(url, timeout=5) as response:
        return response.read(), response.headers


def refused(url: str) -> int:
    with pytest.raises(HTTPError) as error, urlopen(url, timeout=5):
        pass
    error.value.close()
    return error.value.code


def test_the_object_is_served_as_an_attachment(key: str) -> None:
    body, headers = fetch(presign_download(key, filename="report.pdf"))
    assert body == BODY
    assert headers["Content-Disposition"] == 'attachment; filename="report.pdf"'


@pytest.mark.parametrize(
    ("filename", "saved"),
    [
        ("写真 ü.pdf", "写真 ü.pdf"),
        ('a"b; c=d.pdf', "a_b; c=d.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a__Set-Cookie: x.pdf"),
        ("gpj.\u202efdp.exe", "gpj._fdp.exe"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("back\\slash.pdf", "back_slash.pdf"),
        ("100 % & more+.pdf", "100 % & more+.pdf"),
        ("", "download"),
    ],
)
def test_any_name_arrives_as_one_name(key: str, filename: str, saved: str) -> None:
    _, headers = fetch(presign_download(key, filename=filename))
    assert headers.get_content_disposition() == "attachment"
    assert headers.get_filename() == saved
    assert "Set-Cookie" not in headers


def test_another_key_name_or_time_is_refused(key: str) -> None:
    url = presign_download(key, filename="report.pdf", expires_in=60)
    assert refused(url.replace("/s/", "/other/")) == 403
    assert refused(url.replace("report.pdf", "invoice.exe")) == 403
    assert refused(url.replace("X-Amz-Expires=60", "X-Amz-Expires=300")) == 403
    assert refused(url.partition("?")[0]) == 403


def test_what_is_not_there_is_refused() -> None:
    assert refused(presign_download("reports/s/nothing.pdf", filename="a.pdf")) in {403, 404}


def test_ends_when_it_is_told_to_and_never_after_more_than_five_minutes() -> None:
    assert parse_qs(urlsplit(presign_download("a", filename="a", expires_in=300)).query)["X-Amz-Expires"] == ["300"]
    for seconds in (0, -1, 301, 86_400):
        with pytest.raises(ValueError, match="1 to 300 seconds"):
            presign_download("a", filename="a", expires_in=seconds)
    with pytest.raises(ValueError, match="key"):
        presign_download("", filename="a")


def test_needs_the_media_bucket(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    with pytest.raises(ImproperlyConfigured, match="MediaStorage"):
        presign_download("a", filename="a")
