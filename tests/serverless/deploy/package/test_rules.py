from pathlib import PurePosixPath

import pytest

from serverless.deploy.package.config import PackageConfig
from serverless.deploy.package.rules import category


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("django/conf/locale/de/LC_MESSAGES/django.mo", "other languages"),
        ("django/conf/locale/de/LC_MESSAGES/django.po", "translation sources"),
        ("django/conf/locale/de/formats.py", "other languages"),
        ("django/contrib/admin/locale/sr_Latn/LC_MESSAGES/djangojs.mo", "other languages"),
        ("django/conf/locale/__init__.py", None),
        ("django/conf/locale/en/LC_MESSAGES/django.mo", None),
        ("django/conf/locale/en_GB/formats.py", None),
        ("shop/locale/models.py", None),
        ("shop/locale/de.py", None),
        ("shop/locale/de/prices.py", None),
        ("redis/tests/test_a.py", "tests"),
        ("conftest.py", "tests"),
        ("django/test/client.py", None),
        ("jinja2/tests.py", None),
        ("numpy/testing/__init__.py", None),
        ("redis/py.typed", "type stubs"),
        ("attr/__init__.pyi", "type stubs"),
        ("boto3-stubs/x/y.txt", "type stubs"),
        ("app/__pycache__/views.cpython-313.pyc", "old bytecode"),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", "AWS services"),
        ("botocore/data/s3/2006-03-01/service-2.json.gz", None),
        ("botocore/data/endpoints.json", None),
        ("boto3/data/ec2/2016-11-15/resources-1.json", "AWS services"),
        ("serverless/deploy/slim.py", "asked for"),
        ("serverless/emulator/__main__.py", "asked for"),
        ("serverless/handlers/main.py", None),
        ("lxml/etree.pyx", "extension sources"),
        ("Django.dist-info/METADATA", None),
        ("Django.dist-info/RECORD", "installer's records"),
        ("shop/RECORD", None),
        ("share/man/man1/segno.1", "manuals"),
        ("share/data.json", None),
        ("pyproject.toml", "a checkout's own"),
        ("requirements-dev.txt", "a checkout's own"),
        ("shop-production-1700000000.zip", "a checkout's own"),
        ("db.sqlite3", "a checkout's own"),
        ("shop/pyproject.toml", None),
        ("manage.py", None),
    ],
)
def test_what_goes_by_default(path: str, kind: str | None) -> None:
    assert category(PurePosixPath(path), PackageConfig()) == kind


@pytest.mark.parametrize(
    ("keep", "kept", "gone"), [("pt", "pt_BR", "de"), ("pt_BR", "pt", "pt_PT"), ("zh_Hans", "zh_Hans", "zh_Hant")]
)
def test_a_language_keeps_its_variants_and_what_it_falls_back_on(keep: str, kept: str, gone: str) -> None:
    config = PackageConfig(keep_locales=(keep,))
    path = "django/conf/locale/{}/LC_MESSAGES/django.mo"
    assert category(PurePosixPath(path.format(kept)), config) is None
    assert category(PurePosixPath(path.format(gone)), config) == "other languages"


def test_a_project_may_remove_more_and_keep_something_of_it() -> None:
    config = PackageConfig(remove=("build", "*/static"), keep=("build/static/staticfiles.json", "odd/tests"))
    assert category(PurePosixPath("build/pictures/a.webp"), config) == "asked for"
    assert category(PurePosixPath("build/static/staticfiles.json"), config) is None
    assert category(PurePosixPath("shop/static/a/b.css"), config) == "asked for"
    assert category(PurePosixPath("odd/tests/needed.py"), config) is None
    assert category(PurePosixPath("builder/a.py"), config) is None
