import asyncio
import io

import aiohttp

from serverless.emulator import limits
from serverless.emulator.runtime import Delivery, Kind, RuntimeApi, Signal
from tests.serverless.emulator.support import in_loop

_DELIVERY = Delivery(
    request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    event=b'{"n": 1}',
    deadline_ms=1_542_409_706_888,
    function_arn="arn:aws:lambda:us-east-1:123456789012:function:web",
    trace_id="Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
)


@in_loop
async def test_one_event_by_the_protocol() -> None:
    signals: asyncio.Queue[Signal] = asyncio.Queue()
    api = RuntimeApi(signals.put_nowait)
    base = f"http://{await api.start()}/2018-06-01/runtime"
    async with aiohttp.ClientSession() as runtime:
        pending = asyncio.create_task(runtime.get(f"{base}/invocation/next"))
        assert await signals.get() == Signal(kind=Kind.NEXT)
        api.deliver(_DELIVERY)
        answer = await pending
        assert await answer.read() == b'{"n": 1}'
        assert answer.headers["Lambda-Runtime-Aws-Request-Id"] == _DELIVERY.request_id
        assert answer.headers["Lambda-Runtime-Deadline-Ms"] == "1542409706888"
        assert answer.headers["Lambda-Runtime-Invoked-Function-Arn"] == _DELIVERY.function_arn
        assert answer.headers["Lambda-Runtime-Trace-Id"] == _DELIVERY.trace_id
        stale = await runtime.post(f"{base}/invocation/another/response", data=b"1")
        assert (stale.status, (await stale.json())["errorType"]) == (400, "InvalidRequestID")
        accepted = await runtime.post(f"{base}/invocation/{_DELIVERY.request_id}/response", data=b'"done"')
        assert accepted.status == 202
        assert await signals.get() == Signal(kind=Kind.RESPONSE, body=b'"done"')
        twice = await runtime.post(f"{base}/invocation/{_DELIVERY.request_id}/response", data=b"1")
        assert twice.status == 400
    await api.stop()


@in_loop
async def test_errors_and_refusals() -> None:
    signals: asyncio.Queue[Signal] = asyncio.Queue()
    api = RuntimeApi(signals.put_nowait)
    base = f"http://{await api.start()}/2018-06-01/runtime"
    async with aiohttp.ClientSession() as runtime:
        assert (await runtime.post(f"{base}/init/error", data=b'{"errorType": "X"}')).status == 202
        assert await signals.get() == Signal(kind=Kind.INIT_ERROR, body=b'{"errorType": "X"}')
        assert (await runtime.get(f"{base}/restore/next")).status == 200
        assert (await runtime.post(f"{base}/restore/error", data=b'{"errorType": "R"}')).status == 202
        assert await signals.get() == Signal(kind=Kind.INIT_ERROR, body=b'{"errorType": "R"}')
        assert (await runtime.get(f"{base}/nothing")).status == 404
        pending = asyncio.create_task(runtime.get(f"{base}/invocation/next"))
        await signals.get()
        api.deliver(_DELIVERY)
        await pending
        body = io.BytesIO(b"x" * (limits.LAMBDA_RESPONSE_BYTES + 1))
        refused = await runtime.post(f"{base}/invocation/{_DELIVERY.request_id}/response", data=body)
        assert refused.status == 413
        assert await signals.get() == Signal(kind=Kind.TOO_LARGE)
        failed = await runtime.post(f"{base}/invocation/{_DELIVERY.request_id}/error", data=b'{"errorType": "Y"}')
        assert failed.status == 202
        assert await signals.get() == Signal(kind=Kind.ERROR, body=b'{"errorType": "Y"}')
    await api.stop()
