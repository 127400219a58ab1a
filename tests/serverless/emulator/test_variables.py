import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from serverless.emulator import config, keys, variables
from serverless.emulator.config import EmulatorConfig
from serverless.emulator.exceptions import StateUnusable
from settings.env import Env

SERVICES = {"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x", "AWS_ENDPOINT_URL": "http://127.0.0.1:2"}


@pytest.fixture
def chosen(tmp_path: Path) -> EmulatorConfig:
    return config.load(tmp_path, {"state_dir": str(tmp_path), "port": 8080})


def test_the_contract_names_the_site_and_passes_the_services_on(chosen: EmulatorConfig) -> None:
    contract = variables.contract(chosen, SERVICES)
    assert contract["SITE_URL"] == "http://localhost:8080"
    assert contract["ALLOWED_HOSTS"] == "localhost,127.0.0.1"
    assert contract["WORKER_TIMEOUT"] == "120"
    assert contract["DJANGO_SETTINGS_MODULE"] == "settings.local"
    assert contract.items() >= SERVICES.items()
    assert variables.contract(replace(chosen, host="192.168.1.5"), SERVICES)["ALLOWED_HOSTS"] == "*"


def test_the_secret_key_is_kept_and_the_origin_secret_is_not(chosen: EmulatorConfig) -> None:
    first, second = variables.contract(chosen, SERVICES), variables.contract(chosen, SERVICES)
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert len(first["SECRET_KEY"]) > 60
    assert first["ORIGIN_SECRETS"] != second["ORIGIN_SECRETS"]
    assert (chosen.state_dir / "secret-key").stat().st_mode & 0o777 == 0o600


def test_the_functions_sign_with_a_key_that_outlives_a_restart(chosen: EmulatorConfig) -> None:
    first, second = variables.contract(chosen, SERVICES), variables.contract(chosen, SERVICES)
    names = ("MEDIA_KEY_PAIR_ID", "MEDIA_PRIVATE_KEY")
    assert [first[name] for name in names] == [second[name] for name in names]
    assert list(keys.trusted(chosen.state_dir)) == [first["MEDIA_KEY_PAIR_ID"]]
    assert "\n" not in first["MEDIA_PRIVATE_KEY"]
    pem = Env(first).pem("MEDIA_PRIVATE_KEY")
    assert pem == keys.current(chosen.state_dir).private


def test_a_secret_key_that_a_full_disk_left_empty_is_made_anew(chosen: EmulatorConfig) -> None:
    (chosen.state_dir / "secret-key").touch()
    assert len(variables.contract(chosen, SERVICES)["SECRET_KEY"]) > 60


def test_a_secret_key_that_cannot_be_read_names_the_directory(chosen: EmulatorConfig) -> None:
    (chosen.state_dir / "secret-key").mkdir()
    with pytest.raises(StateUnusable, match="choose another with --state-dir"):
        variables.contract(chosen, SERVICES)


def test_settings_for_a_real_account_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("EMAIL_URL", "smtp://localhost")
    environ = variables.inherited({"AWS_REGION": "us-east-1"})
    assert {name: value for name, value in environ.items() if name.startswith("AWS_")} == {"AWS_REGION": "us-east-1"}
    assert environ["EMAIL_URL"] == "smtp://localhost"


def test_a_shell_reads_the_environment_file(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("OLD=1")
    variables.write_env_file(path, {"A": "plain", "B": "two words & $more 'quoted'"})
    assert path.stat().st_mode & 0o777 == 0o600
    read = subprocess.run(["sh", "-c", f'. {path}; printf "%s|%s|%s" "$A" "$B" "$OLD"'], capture_output=True, text=True)
    assert read.stdout == "plain|two words & $more 'quoted'|"


def test_two_emulators_of_one_checkout_collect_static_files_apart(chosen: EmulatorConfig, tmp_path: Path) -> None:
    other = replace(chosen, state_dir=tmp_path / "other")
    other.state_dir.mkdir()
    roots = {Path(variables.contract(one, SERVICES)["STATIC_ROOT"]) for one in (chosen, other)}
    assert roots == {chosen.state_dir / "static", other.state_dir / "static"}
