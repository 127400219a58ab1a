"""Which messages of a batch failed, by what the function returned.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from collections.abc import Collection, Set

from serverless.emulator.results import Result


def failed_ids(result: Result, batch: Collection[str], *, report_batch_item_failures: bool) -> Set[str]:
    """The identifiers of those among `batch` that failed.

    A function error fails all. Without ReportBatchItemFailures nothing else does. With it, an empty or null response,
    and an empty or null `batchItemFailures`, are a success; JSON of another shape, and an empty, null or unknown
    identifier or a bad key name, fail the whole batch.
    """
    whole = frozenset(batch)
    if result.failure:
        return whole
    if not report_batch_item_failures or not result.payload:
        return frozenset()
    try:
        answer = result.json()
    except ValueError:
        return whole
    if answer is None:
        return frozenset()
    if not isinstance(answer, dict):
        return whole
    identifiers = _identifiers(answer.get("batchItemFailures"))
    return whole if identifiers is None or not identifiers <= whole else identifiers


def _identifiers(failures: object) -> frozenset[str] | None:
    if failures is None:
        return frozenset()
    if not isinstance(failures, list):
        return None
    found = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in failures]
    identifiers = [identifier for identifier in found if isinstance(identifier, str) and identifier]
    return frozenset(identifiers) if len(identifiers) == len(found) else None
