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
    assert loaded.batch_size == 10
    assert loaded.signed == ("media", "originals", "reports")
    assert loaded.front_door == "http-api"


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    text = """
    [tool.serverless]
    port = 9000
    settings = "site.settings"
    queues = ["default", "mail"]
    setup = [["migrate", "--noinput"], ["demo"]]
    after = [["warm", "up"]]
    signed = []
    front_door = "alb"
    worker = { timeout_s = 60, batch_size = 3, concurrency = 5 }
    """
    loaded = config.load(project(tmp_path, text), {"port": 9001, "settings": None, "state_dir": "/var/cloud"})
    assert (loaded.port, loaded.settings, loaded.state_dir) == (9001, "site.settings", Path("/var/cloud"))
    assert loaded.queues == ("default", "mail")
    assert loaded.signed == ()
    assert loaded.front_door == "alb"
    assert loaded.setup == (("migrate", "--noinput"), ("demo",))
    assert loaded.after == (("warm", "up"),)
    assert (loaded.worker.timeout_s, loaded.worker.concurrency, loaded.worker.memory_mb) == (60, 5, 1024)
    assert loaded.batch_size == 3


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
        ("web = { timeout_s = 901 }", "timeout_s must be from 1 to 900"),
        ("web = { batch_size = 3 }", "web has no key batch_size"),
        ("worker = { batch_size = 11 }", "batch_size must be from 1 to 10"),
        ("worker = 3", "worker must be a dict"),
        ("port = ", "cannot be read"),
    ],
)
def test_a_bad_configuration_is_one_clear_sentence(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        config.load(project(tmp_path, f"[tool.serverless]\n{line}\n"), {})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
