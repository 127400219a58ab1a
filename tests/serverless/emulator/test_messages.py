from serverless.emulator.messages import end_to_end


def test_headers_of_one_connection_are_dropped_the_named_ones_included() -> None:
    headers = (
        ("Connection", "close, X-Hop"),
        ("Keep-Alive", "timeout=5"),
        ("x-hop", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Accept", "a"),
        ("Accept", "b"),
    )
    assert end_to_end(headers) == (("Accept", "a"), ("Accept", "b"))
