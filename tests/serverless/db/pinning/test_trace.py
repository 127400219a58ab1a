"""libpq's format, in samples of libpq 18's own output; test_watching.py reads it live."""

import pytest

from serverless.db.pinning.trace import Sent, sent


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (b'F\t10\tQuery\t "BEGIN"\n', [Sent(text="BEGIN")]),
        (
            b'F\t40\tParse\t "" "SELECT $1::text, \'a\nb\' -- x\n" 1 0\nF\t4\tSync\n',
            [Sent(text="SELECT $1::text, 'a\nb' -- x\n")],
        ),
        (b'F\t22\tParse\t "_pg3_0" "SELECT 1" 0\n', [Sent(text="SELECT 1", name="_pg3_0")]),
        (b'F\t24\tBind\t "" "" 1 0 1 4 \'q\\x0a"x\' 1 0\n', []),
        (b'F\t20\tBind\t "" "_pg3_0" 0 0 1 0\n', [Sent(text="", name="_pg3_0")]),
        (b"B\t33\tRowDescription\t 1 \"?column?\" 0 0 23 4 -1 0\nB\t11\tDataRow\t 1 1 '1'\n", []),
        (b'F\t6\tDescribe\t P ""\nF\t9\tExecute\t "" 0\nF\t4\tSync\n', []),
        (b"", []),
    ],
)
def test_what_was_sent_is_read(trace: bytes, expected: list[Sent]) -> None:
    assert list(sent(trace)) == expected


def test_a_text_that_looks_like_a_trace_is_a_text() -> None:
    text = 'SELECT \'" 0\nF\t10\tQuery\t "BEGIN"\n\''
    body = len(text) + 1 + 4
    trace = b'F\t%d\tQuery\t "%s"\nF\t11\tQuery\t "COMMIT"\n' % (body, text.encode())
    assert list(sent(trace)) == [Sent(text=text), Sent(text="COMMIT")]
    body = 1 + len(text) + 1 + 2 + 4 + 4
    trace = b'F\t%d\tParse\t "" "%s" 1 25\nF\t11\tQuery\t "COMMIT"\n' % (body, text.encode())
    assert list(sent(trace)) == [Sent(text=text), Sent(text="COMMIT")]


@pytest.mark.parametrize(
    "trace",
    [
        b"F\t10\tQuery\t ",
        b'F\t99\tParse\t "" "SELECT',
        b'F\t20\tBind\t "',
        b'F\t14\tParse\t "", 7\n',
        b'F\t24\tParse\t "a',
    ],
)
def test_what_is_cut_short_does_no_harm(trace: bytes) -> None:
    assert len(list(sent(trace))) <= 1
