"""``kill -9`` of everything in the middle of 50 uploads: what was acknowledged is neither lost nor left hanging."""

import threading
import urllib.error
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e import cloud as clouds
from tests.e2e.studio import Studio

pytestmark = pytest.mark.xdist_group("e2e")

UPLOADS = 50
KILLED_AFTER = 20


def photographs(folder: Path) -> list[Path]:
    """Small pictures, each of its own colour and one in ten cut short: the crash is the subject, not the camera."""
    made = []
    for number in range(UPLOADS):
        path = folder / f"{number:02d}.jpg"
        Image.effect_noise((320, 240), 40 + number).convert("RGB").save(path, quality=90)
        if number % 10 == 9:
            path.write_bytes(path.read_bytes()[:2000])
        made.append(path)
    return made


def test_every_acknowledged_photo_ends_ready_or_failed(tmp_path: Path, state_dir: Path) -> None:
    files = photographs(tmp_path)
    first = clouds.start(state_dir)
    studio = Studio(first)
    gallery = studio.new_gallery("Crash")
    acknowledged: list[str] = []
    enough = threading.Event()

    def upload() -> None:
        try:
            for ticket, file in zip(studio.sign(gallery, files), files, strict=True):
                acknowledged.append(studio.send(ticket, file))
                if len(acknowledged) >= KILLED_AFTER:
                    enough.set()
        except (urllib.error.URLError, OSError):
            return  # the cloud is gone, as intended

    uploading = threading.Thread(target=upload)
    uploading.start()
    assert enough.wait(timeout=60)
    first.kill()
    uploading.join(timeout=60)
    assert KILLED_AFTER <= len(acknowledged) < UPLOADS

    second = clouds.start(state_dir)
    try:
        answer = Studio(second).settle(gallery, timeout_s=90)
    finally:
        assert second.stop() == 0
    states = {photo["id"]: photo for photo in answer["photos"]}
    assert set(acknowledged) <= set(states)
    for photo in acknowledged:
        assert states[photo]["state"] in {"ready", "failed"}
        assert states[photo]["state"] == "ready" or states[photo]["error"]
    assert any(states[photo]["state"] == "failed" for photo in acknowledged)


def test_a_port_in_use_is_one_sentence(state_dir: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"Port {port} on 127.0.0.1 is already in use"):
            clouds.start(state_dir, port=port, timeout_s=20)
