from pathlib import Path

import pytest

from serverless.emulator import config
from serverless.emulator.exceptions import ConfigInvalid


def project(path: Path, text: str) -> Path:
    (path / "pyproject.toml").write_text(text)
    return path


def test_a_project_that_says_nothing_gets_the_defaults(tmp_path: Path) -> None:
    loaded = config.load(tmp_path, {"port": None})
    assert (loaded.host, loaded.port, loaded.settings) == ("127.0.0.1", 8000, "settings.local")
    assert loaded.state_dir == tmp_path / ".local"
    assert [command[0] for command in loaded.setup] == ["migrate", "collectstatic"]
    assert loaded.after == ()
    assert (loaded.web.timeout_s, loaded.worker.timeout_s) == (30, 120)
    assert loaded.web.handler == loaded.worker.handler == "serverless.handlers.main.handler"
    source = loaded.event_source
    assert (source.enabled, source.batch_size, source.batching_window_s) == (True, 10, 0)
    assert (source.maximum_concurrency, source.report_batch_item_failures) == (2, True)
    assert loaded.signed == ("media", "originals", "reports")
    assert loaded.pages == ()
    assert loaded.front_door == "http-api"
    assert loaded.shards == ()


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    text = """
    [tool.serverless]
    port = 9000
    settings = "site.settings"
    queues = ["default", "mail"]
    setup = [["migrate", "--noinput"], ["demo"]]
    after = [["warm", "up"]]
    signed = []
    pages = ["/", "/blog/*"]
    front_door = "alb"
    shards = ["two"]
    worker = { timeout_s = 60, batch_size = 3, concurrency = 5 }
    """
    loaded = config.load(project(tmp_path, text), {"port": 9001, "settings": None, "state_dir": "/var/cloud"})
    assert (loaded.port, loaded.settings, loaded.state_dir) == (9001, "site.settings", Path("/var/cloud"))
    assert loaded.queues == ("default", "mail")
    assert loaded.signed == ()
    assert loaded.pages == ("/", "/blog/*")
    assert loaded.front_door == "alb"
    assert loaded.shards == ("two",)
    assert loaded.setup == (("migrate", "--noinput"), ("demo",))
    assert loaded.after == (("warm", "up"),)
    assert (loaded.worker.timeout_s, loaded.worker.concurrency, loaded.worker.memory_mb) == (60, 5, 1024)
    assert (loaded.event_source.batch_size, loaded.event_source.maximum_concurrency) == (3, 5)


@pytest.mark.parametrize(
    ("line", "maximum"),
    [
        ("concurrency = 1", 2),  # AWS takes no less
        ("concurrency = 9", 9),
        ("concurrency = 9, maximum_concurrency = 3", 3),
        ('maximum_concurrency = "off"', None),
    ],
)
def test_maximum_concurrency_is_the_workers_unless_it_is_given(tmp_path: Path, line: str, maximum: int | None) -> None:
    loaded = config.load(project(tmp_path, f"[tool.serverless]\nworker = {{ {line} }}"), {})
    assert loaded.event_source.maximum_concurrency == maximum


def test_a_mapping_takes_what_aws_takes(tmp_path: Path) -> None:
    worker = (
        "event_source_enabled = false, batch_size = 10000, batching_window_s = 300, report_batch_item_failures = false"
    )
    source = config.load(project(tmp_path, f"[tool.serverless]\nworker = {{ {worker} }}"), {}).event_source
    assert (source.enabled, source.batch_size, source.batching_window_s) == (False, 10_000, 300)
    assert source.report_batch_item_failures is False


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prot = 1", "no key prot"),
        ("port = 0", "port must be from 1 to 65535, not 0"),
        ('port = "8000"', "port must be a int"),
        ("port = true", "port must be a int"),
        ("queues = []", "queues must be a list"),
        ('signed = "media"', "signed must be a list"),
        ('signed = ["media/"]', "'media/' cannot be one"),
        ('signed = ["static"]', "'static' cannot be one"),
        ('signed = ["incoming"]', "'incoming' cannot be one"),
        ('pages = "/"', "pages: is a list of paths"),
        ('pages = ["/*"]', "forgets to call private"),
        ('pages = ["/reports/a"]', "/reports/a is not the application's"),
        ('setup = "migrate"', "setup must be a list"),
        ('after = "warm"', "after must be a list of commands"),
        ('after = ["warm"]', "each command of after must be a list"),
        ('setup = ["migrate"]', "each command of setup must be a list"),
        (
            'front_door = "elb"',
            "front_door must be one of http-api, rest-api, alb, alb-multi-value, function-url, not 'elb'",
        ),
        ("front_door = []", "front_door must be one of"),
        ("tick_interval_s = 0", "tick_interval_s must be from 1"),
        ('shards = ["default"]', "'default' cannot be one"),
        ('shards = ["a", "a"]', "'a' cannot be one"),
        ('shards = ["A b"]', "cannot be one"),
        ('shards = ["1a"]', "cannot be one"),
        ('shards = "two"', "shards must be a list"),
        ("web = { timeout_s = 901 }", "timeout_s must be from 1 to 900"),
        ("web = { batch_size = 3 }", "web has no key batch_size"),
        ("worker = { batch_size = 0 }", "batch_size must be from 1 to 10000"),
        ("worker = { batch_size = 10001, batching_window_s = 1 }", "batch_size must be from 1 to 10000"),
        ("worker = { batch_size = 11 }", "a batch_size over 10 (11) needs a batching_window_s of at least 1"),
        ("worker = { batching_window_s = 301 }", "batching_window_s must be from 0 to 300"),
        ("worker = { batching_window_s = 0.5 }", "batching_window_s must be a int"),
        ("worker = { maximum_concurrency = 1 }", 'maximum_concurrency must be from 2 to 1000, or "off", not 1'),
        ("worker = { maximum_concurrency = 1001 }", "maximum_concurrency must be from 2 to 1000"),
        ("worker = { maximum_concurrency = true }", "maximum_concurrency must be from 2 to 1000"),
        ("worker = { event_source_enabled = 1 }", "event_source_enabled must be true or false"),
        ('worker = { report_batch_item_failures = "yes" }', "report_batch_item_failures must be true or false"),
        ("worker = { filter_criteria = [] }", "worker has no key filter_criteria"),
        ('queues = ["default", "mail.fifo"]', "mail.fifo is a FIFO queue, and only standard queues are polled"),
        ("worker = 3", "worker must be a dict"),
        ("port = ", "cannot be read"),
    ],
)
def test_a_bad_configuration_is_one_clear_sentence(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config.load(project(tmp_path, f"[tool.serverless]\n{line}\n"), {})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
