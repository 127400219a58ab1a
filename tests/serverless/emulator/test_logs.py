import asyncio
import os

from serverless.emulator.logs import LogPipe, prefixed
from tests.serverless.emulator.support import in_loop


@in_loop
async def test_lines_are_forwarded_whole_and_in_order() -> None:
    lines: list[str] = []
    pipe = LogPipe(prefixed(lines.append, "web"))
    other = os.dup(pipe.writer)
    pipe.started()
    os.write(other, b"one\ntwo\rthr")
    pipe.drain()
    assert lines == ["[web] one", "[web] two"]
    os.write(other, b"ee\n\n\xff\nunfinished")
    await asyncio.sleep(0.05)  # without a drain, the loop reads it
    assert lines[2:] == ["[web] three", "[web] \ufffd"]
    os.close(other)
    pipe.close()
    assert lines[4:] == ["[web] unfinished"]


@in_loop
async def test_one_turn_of_the_loop_reads_one_pipe_full() -> None:
    lines: list[str] = []
    pipe = LogPipe(lines.append)
    os.write(pipe.writer, b"x" * 65_535 + b"\n")
    pipe.drain()
    assert [len(line) for line in lines] == [65_535]
    pipe.abandon()


@in_loop
async def test_a_closed_writer_does_not_keep_the_loop_busy() -> None:
    lines: list[str] = []
    pipe = LogPipe(lines.append)
    pipe.started()
    await asyncio.sleep(0.05)
    assert not asyncio.get_running_loop().remove_reader(pipe._reader)
    pipe.close()
    assert lines == []
