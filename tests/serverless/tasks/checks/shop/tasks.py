from serverless.tasks import task


@task(timeout=300)
def long() -> None: ...


@task(unique="drop", rate="1/s")
def careful() -> None: ...


def _hidden() -> None: ...


misnamed = task(_hidden)
