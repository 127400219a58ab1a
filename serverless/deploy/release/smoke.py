"""The new version tried before any visitor meets it: invoked by its number, which nothing else names."""

import json
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import md5
from typing import Any, Final
from urllib.parse import urlsplit

from serverless import aws
from serverless.deploy.failures import explained
from serverless.deploy.release import statics
from serverless.deploy.release.ask import USAGE, manage, manage_any
from serverless.deploy.release.context import Release, Stage
from serverless.deploy.release.exceptions import SmokeFailed
from serverless.events.build import http_v2, sqs
from serverless.stack.outputs import EdgeOutput, HomeOutput

__all__ = ["HEALTH", "smoke", "warm"]

HEALTH: Final = "/healthz"
_NOWHERE: Final = f"/{uuid.UUID(int=0)}/"
# As many visitors as may come in the moment of the switch and find an environment that has started; and at most this
# share of the reserved concurrency, which those have to do with whom the release before serves meanwhile.
_WARM: Final = 4
_SHARE: Final = 4
_STATIC: Final = re.compile(r"""["'(](?:https://[^/"']+)?/(static/[^"'()?#\s]+)""")


def warm(stage: Stage, version: str) -> None:
    """Start environments of a web version, so that its first visitors wait for none. Raises FunctionFailed."""
    number = max(1, min(_WARM, stage.config.web_concurrency // _SHARE))
    headers = _headers(stage)
    with ThreadPoolExecutor(number) as pool:
        list(pool.map(lambda _: _ask(stage, version, HEALTH, headers), range(number)))
    stage.log(f"{number} environments of the web version have started")


def smoke(release: Release) -> None:
    """Try what a visitor would. Raises SmokeFailed that names what does not work."""
    headers = _headers(release.stage)
    _health(release, headers)
    page = _page(release, headers)
    _error_pages(release, headers)
    _static_files(release, page)
    _task(release)


def _health(release: Release, headers: Mapping[str, str]) -> None:
    status, body = _get(release, HEALTH, headers)
    if status == 404:
        raise SmokeFailed(f'{HEALTH} is not there: add path("", include("serverless.health")) to the root URLconf.')
    said = _json(body)
    if status != 200 or said.get("release") != release.id or said.get("version") != release.versions["web"]:
        raise SmokeFailed(f"{HEALTH} of version {release.versions['web']} answers {status}: {body[:200]}")


def _page(release: Release, headers: Mapping[str, str]) -> str:
    status, body = _get(release, "/", headers)
    if not 200 <= status < 400:
        raise SmokeFailed(f"The page / answers {status}: {body[:200]}. Its log group is that of {_web(release)}.")
    return body


def _error_pages(release: Release, headers: Mapping[str, str]) -> None:
    status, body = _get(release, _NOWHERE, headers)
    if status != 404:
        raise SmokeFailed(f"A page that is not there answers {status} instead of 404: {body[:200]}")
    status, body = _get(release, "/", {**headers, "x-origin-secret": "wrong"})
    if status != 403:
        raise SmokeFailed(
            f"The origin lock is open: a request with a wrong secret is answered with {status}. Does the settings "
            f'module read ORIGIN_SECRETS into SERVERLESS["ORIGIN_SECRETS"]?'
        )
    release.stage.log("health, page, error page and origin lock are as they should be")


def _static_files(release: Release, page: str) -> None:
    stage = release.stage
    if gone := statics.missing(stage.s3, release.static, bucket=stage.static_bucket):
        raise SmokeFailed(f"{len(gone)} static files are not in {stage.static_bucket}: {', '.join(gone[:3])}")
    used = set(_STATIC.findall(page))
    if unknown := sorted(used - set(release.static)):
        raise SmokeFailed(
            f"The page / uses {', '.join(unknown[:3])}, which no manifest names: collect the static files with "
            f"the settings that the functions have."
        )
    stage.log(f"{len(release.static)} static files are in the bucket; the page uses {len(used)} of them")


def _task(release: Release) -> None:
    """Enqueue a task that does nothing, wake the worker version with its message, and ask what became of it."""
    stage, migrator = release.stage, release.versions["migrator"]
    said = manage_any(stage, "migrator", migrator, "smoke", "enqueue")
    if said.exit == USAGE:
        stage.log("the project has no tasks to try the worker with")
        return
    if said.exit:
        raise SmokeFailed(f"A task could not be enqueued: {said.output}")
    row = _json(said.output)
    if row.get("paused"):
        stage.log("tasks are paused: the worker was not tried")
        return
    answer = stage.functions.invoke(
        stage.name("worker"), release.versions["worker"], _batch(release, str(row["message"]))
    )
    if not isinstance(answer, dict) or answer.get("batchItemFailures"):
        raise SmokeFailed(
            f"The worker gives a message back: {answer}. Its log group is that of {stage.name('worker')}."
        )
    done = _json(manage(stage, "migrator", migrator, "smoke", "finished", str(row["task"])).output)
    if done.get("release") != release.id or done.get("version") != release.versions["worker"]:
        raise SmokeFailed(f"The task was run by another worker ({done}), not by version {release.versions['worker']}.")
    stage.log("a task went from its row through the worker and back")


def _batch(release: Release, body: str) -> Any:
    """The event that the event source mapping would send."""
    pairs = release.stage.outputs[HomeOutput.TASK_QUEUES].split(",")
    urls: dict[str, str] = dict(pair.split("=", 1) for pair in pairs)
    account, name = urlsplit(urls.get("default") or next(iter(urls.values()))).path.strip("/").split("/")[-2:]
    now = str(int(time.time() * 1000))
    message: Any = {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "release",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": now,
            "SenderId": "release",
            "ApproximateFirstReceiveTimestamp": now,
        },
        "messageAttributes": {},
        "md5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
    }
    messages: Sequence[Any] = [message]
    return sqs(messages, queue_arn=f"arn:aws:sqs:{release.stage.config.region}:{account}:{name}")


def _get(release: Release, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
    return _ask(release.stage, release.versions["web"], path, headers)


def _ask(stage: Stage, version: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """Send a web version what CloudFront would; return status and text."""
    event = http_v2(raw_path=path, headers=list(headers.items()), domain_name=headers["host"])
    answer = stage.functions.invoke(stage.name("web"), version, event)
    if not isinstance(answer, dict) or not isinstance(answer.get("statusCode"), int):
        raise SmokeFailed(f"{stage.name('web')} answers {path} with no response: {str(answer)[:200]}")
    return answer["statusCode"], str(answer.get("body", ""))


def _headers(stage: Stage) -> dict[str, str]:
    """What CloudFront adds to a visitor's request."""
    site = urlsplit(stage.outputs[EdgeOutput.SITE_URL])
    return {
        "host": stage.outputs[HomeOutput.API_DOMAIN],
        "user-agent": "release",
        "accept": "text/html",
        "x-origin-secret": _origin_secret(stage),
        "x-viewer-host": site.netloc,
        "x-viewer-address": "127.0.0.1",
        "cloudfront-forwarded-proto": "https",
    }


def _origin_secret(stage: Stage) -> str:
    arn = stage.outputs[HomeOutput.APP_SECRET]
    with explained("Reading the origin secret"):
        client = aws.client("secretsmanager", region=stage.config.region)
        text = client.get_secret_value(SecretId=arn)["SecretString"]
    first = str(_json(text).get("ORIGIN_SECRETS", "")).split(",")[0].strip()
    if not first:
        raise SmokeFailed(f"{arn} has no ORIGIN_SECRETS: run `make stack STAGE={stage.config.stage}`.")
    return first


def _web(release: Release) -> str:
    return release.stage.name("web")


def _json(text: str) -> dict[str, Any]:
    """The object that ``text`` is, or that its last line is: commands may have warned before it."""
    for candidate in (text, text.strip().rpartition("\n")[2]):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return {}
