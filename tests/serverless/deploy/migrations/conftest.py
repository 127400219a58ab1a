"""Projects whose migrations are written by the test."""

import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

type Shop = Callable[..., str]

HEADER = """
from django.contrib.postgres import operations as postgres
from django.db import migrations, models
from django.db.models import Q, F

class Migration(migrations.Migration):
"""
FIRST = """
dependencies = []
operations = [
    migrations.CreateModel("Item", [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("price", models.IntegerField(db_default=0)),
        ("note", models.TextField(null=True)),
    ]),
]
"""


@pytest.fixture
def shop(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Install an app whose first migration is FIRST and whose others are the bodies of classes; returns its label."""
    label = f"shop{uuid.uuid4().hex[:8]}"
    folder = tmp_path / label / "migrations"
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(*bodies: str) -> str:
        folder.mkdir(parents=True)
        (tmp_path / label / "__init__.py").touch()
        (folder / "__init__.py").touch()
        for number, body in enumerate((FIRST, *bodies), start=1):
            text = textwrap.dedent(body)
            if number > 1 and "dependencies" not in text:
                text = f'dependencies = [("{label}", "{number - 1:04}")]\n{text}'
            (folder / f"{number:04}.py").write_text(HEADER + textwrap.indent(text, "    "))
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, label]
        return label

    yield install
    for name in [name for name in sys.modules if name.partition(".")[0] == label]:
        del sys.modules[name]
