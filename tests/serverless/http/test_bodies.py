import base64

import pytest

from serverless.http.bodies import decode, encode


@pytest.mark.parametrize("size", [0, 1, 2, 3, 300_000])
def test_bytes_survive(size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"\xff" * (size % 256)
    assert decode(base64.b64encode(body).decode()) == body
    text, encoded = encode(body, content_type="image/png", content_encoding="")
    assert (base64.b64decode(text), encoded) == (body, size > 0)


@pytest.mark.parametrize("text", ["%%%%", "YQ", "YQ=", "Y Q==", "YQ==\n", "ä===", "YQ==YQ=="])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|padding|ASCII"):
        decode(text)
