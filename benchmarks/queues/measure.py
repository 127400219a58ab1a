"""One measurement in a process of its own.

    python -m benchmarks.queues.measure PARTICIPANT MEASURE WARM COUNT

Prints the reading as JSON. ``setup`` as MEASURE makes the participant's tables instead.
"""

import gc
import importlib
import json
import logging
import os
import sys
from dataclasses import asdict

MODULES = {"celery_sqs": "celery_worker", "celery_redis": "celery_worker"}
WITHOUT_DJANGO = {"celery_sqs", "celery_redis", "raw"}


def main(participant: str, name: str, warm: int, count: int) -> None:
    os.environ["BENCHMARK_PARTICIPANT"] = participant
    logging.disable(logging.INFO)
    if participant not in WITHOUT_DJANGO:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.queues.project"
        django.setup(set_prefix=False)
    if name == "setup":
        make_tables(participant)
        return
    module = importlib.import_module(f"benchmarks.queues.{MODULES.get(participant, participant)}")
    if hasattr(module, "clear"):
        module.clear()
    gc.collect()
    print(json.dumps(asdict(module.MEASURES[name](warm, count))), flush=True)


def make_tables(participant: str) -> None:
    import psycopg
    from django.core.management import call_command

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE benchmark_{participant}".encode())
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
