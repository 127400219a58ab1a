from pathlib import Path

import pytest

from serverless.deploy.package.config import PackageConfig, load, parse
from serverless.deploy.package.exceptions import ConfigInvalid


def test_a_project_that_says_nothing_gets_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "pyproject.toml") == PackageConfig()
    (tmp_path / "pyproject.toml").write_text('[tool.serverless]\nsettings = "x"\n')
    assert load(tmp_path / "pyproject.toml") == PackageConfig()


def test_what_it_says_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.serverless.package]\nkeep_locales = ["de"]\nbundle = false\n')
    assert load(tmp_path / "pyproject.toml") == PackageConfig(keep_locales=("de",), bundle=False)


def test_a_rehearsal_has_an_environment() -> None:
    assert parse({"rehearse": {"DJANGO_SETTINGS_MODULE": "shop.settings"}}).rehearse == {
        "DJANGO_SETTINGS_MODULE": "shop.settings"
    }


def test_ours_is_read() -> None:
    assert "docs" in load(Path(__file__).parents[4] / "pyproject.toml").remove


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"keep_locale": ["de"]}, "has no key keep_locale; it knows bundle, keep, keep_locales"),
        ({"keep_locales": "de"}, r"keep_locales is a list such as .* not 'de'"),
        ({"keep_services": [1]}, "keep_services is a list"),
        ({"remove": [""]}, "remove is a list"),
        ({"bundle": "yes"}, "bundle is true or false, not 'yes'"),
        ({"rehearse": ["settings"]}, "is a table of environment variables"),
        ({"rehearse": {"DEBUG": True}}, "is a table of environment variables"),
        ({"remove": ["../other"]}, r"remove has paths out of the tree: \.\./other"),
        ({"keep": ["/etc"]}, "keep has paths out of the tree: /etc"),
        (["a"], "is a table"),
    ],
)
def test_what_it_cannot_say_is_named(table: object, message: str) -> None:
    with pytest.raises(ConfigInvalid, match=message):
        parse(table)


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool")
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        load(tmp_path / "pyproject.toml")
