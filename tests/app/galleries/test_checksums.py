import hashlib
import zlib

from django.core.files.base import ContentFile

from app.galleries.checksums import checksums


def test_a_file_is_read_whole_and_rewound() -> None:
    content = b"loupe" * 500_000
    file = ContentFile(content)
    file.read(7)
    found = checksums(file)
    assert (found.bytes, found.crc32) == (len(content), zlib.crc32(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert file.read() == content
