"""https://docs.celeryq.dev on SQS or Redis: the solo pool, no result backend, nothing it could leave out."""

import os
import warnings
from contextlib import suppress
from urllib.parse import urlsplit

from celery import Celery
from celery.worker import state

from benchmarks.queues.meter import Meter, Reading, timed

warnings.simplefilter("ignore")  # it advises against root, which containers run it as

QUEUE = f"queue-{os.getpid()}"
_sqs = urlsplit(os.environ["AWS_ENDPOINT_URL"])

app = Celery("benchmark")
app.conf.update(
    task_default_queue=QUEUE,
    worker_prefetch_multiplier=10,  # SQS then hands out as many messages at once, which the default of four does not
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
)
if os.environ["BENCHMARK_PARTICIPANT"] == "celery_sqs":
    app.conf.broker_url = f"sqs://local:local-secret@{_sqs.netloc}"
    app.conf.broker_transport_options = {
        "is_secure": False,
        "region": "us-east-1",
        "polling_interval": 0,
        "predefined_queues": {QUEUE: {"url": f"http://{_sqs.netloc}/123456789012/{QUEUE}"}},
    }
else:
    app.conf.broker_url = os.environ["CACHE_URL"]


class _Target:
    """When the task has run so often, the clock starts and stops."""

    meter = Meter()
    reading: Reading | None = None
    warm = count = seen = 0


@app.task  # type: ignore[untyped-decorator]
def noop(_: int) -> None:
    _Target.seen += 1
    if _Target.seen == _Target.warm:
        _Target.meter.start()
    elif _Target.seen == _Target.warm + _Target.count:
        _Target.reading = _Target.meter.stop(_Target.count)
        state.should_stop = 0


def enqueue(count: int) -> None:
    for number in range(count):
        noop.delay(number)


def consume(warm: int, count: int) -> Reading:
    enqueue(warm + count)
    _Target.warm, _Target.count = warm, count
    with suppress(SystemExit):
        app.Worker(
            pool="solo",
            loglevel="WARNING",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            quiet=True,
        ).start()
    assert _Target.reading is not None
    return _Target.reading


MEASURES = {"enqueue": timed(enqueue), "consume": consume}
