"""The command against real S3 and PostgreSQL; the worker is run by hand, from another thread."""

import os
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from app.accounts.management.commands.demo import create_demo
from app.accounts.models import Studio
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery, Photo
from app.sharing.models import ShareLink
from serverless.tasks.models import TaskRow
from serverless.tasks.work.shift import Shift
from tests.app.conftest import jpeg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio() -> Iterator[Studio]:
    create_demo()
    yield Studio.objects.get(slug="demo")
    default_storage.delete("demo/gallery-made")


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Three photographs, and what is none."""
    for number in range(3):
        (tmp_path / f"{number}, by Ada (CC0 1.0).jpg").write_bytes(jpeg(width=60 + number))
    (tmp_path / "notes.txt").write_text("No photograph.")
    settings.DEMO_PHOTOS = str(tmp_path)
    return tmp_path


@pytest.fixture
def worker() -> Iterator[None]:
    """Runs what is due, until the test is over."""
    over = threading.Event()

    def work() -> None:
        try:
            while not over.wait(0.1):
                Shift().run(list(TaskRow.objects.values_list("pk", flat=True)), database="default")
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


def run() -> list[str]:
    out = StringIO()
    call_command("demo_gallery", stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.usefixtures("worker", "folder")
def test_a_gallery_is_uploaded_developed_shared_and_its_address_printed(studio: Studio, client: Client) -> None:
    uploading, said = run()
    assert uploading == "Uploading 3 photographs …"
    gallery = Gallery.objects.get()
    assert (gallery.studio, gallery.title, gallery.status) == (studio, "A slow summer", "published")
    photos = Photo.objects.filter(gallery=gallery).in_order()
    assert [photo.filename for photo in photos] == [f"{n}, by Ada (CC0 1.0).jpg" for n in range(3)]
    assert {photo.state for photo in photos} == {"ready"}
    path = said.partition("client sees it: http://testserver")[2]
    assert client.get(path).status_code == 200
    assert b"0, by Ada (CC0 1.0).jpg" in client.get(f"{path}{photos[0].pk}/").content


@pytest.mark.usefixtures("worker", "folder", "studio")
def test_twice_changes_nothing_and_what_was_deleted_stays_so() -> None:
    run()
    assert run() == []
    assert (Gallery.objects.count(), Photo.objects.count(), ShareLink.objects.count()) == (1, 3, 1)
    Gallery.objects.all().delete()
    assert run() == []
    assert not Gallery.objects.exists()


@pytest.mark.usefixtures("worker")
def test_one_that_was_interrupted_is_finished(studio: Studio, folder: Path) -> None:
    moved = folder / "0, by Ada (CC0 1.0).jpg"
    content = moved.read_bytes()
    create_gallery(studio, title="A slow summer")
    run()
    assert moved.read_bytes() == content
    assert (Gallery.objects.count(), Photo.objects.count(), ShareLink.objects.count()) == (1, 3, 1)


@pytest.mark.usefixtures("folder")
def test_a_studio_with_galleries_of_its_own_gets_none(studio: Studio) -> None:
    create_gallery(studio, title="Mine")
    assert run() == []
    assert Gallery.objects.count() == 1


@pytest.mark.usefixtures("studio")
def test_it_can_be_declined(settings: Settings) -> None:
    settings.DEMO_PHOTOS = "off"
    assert run() == []
    assert not Gallery.objects.exists()


@pytest.mark.usefixtures("studio")
def test_offline_one_sentence_says_so_and_the_next_start_tries_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO_PHOTOS = ""
    settings.BASE_DIR = tmp_path
    monkeypatch.setenv("PATH", os.devnull)  # no apt-get
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    fetching, said = run()
    assert fetching.startswith("Fetching 12 photographs")
    assert said == (
        "The demo gallery waits for the next start: lomiri-wallpapers-16.04 cannot be fetched from deb.debian.org "
        "([Errno 111] Connection refused). (DEMO_PHOTOS=off declines it for good.)"
    )
    assert not Gallery.objects.exists()
    assert not default_storage.exists("demo/gallery-made")


@pytest.mark.usefixtures("studio")
@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_photographs_is_named(settings: Settings, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    settings.DEMO_PHOTOS = str(tmp_path / name)
    (said,) = run()
    assert str(tmp_path / name) in said
    assert not Gallery.objects.exists()


@pytest.mark.usefixtures("folder")
def test_without_the_demo_studio_there_is_nothing_to_do() -> None:
    assert run() == []


def test_refuses_where_demo_is_off(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO = True"):
        run()
