"""A small project is started from its tree, and then again by processes that take what the first start compiled."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import django
import pytest

from serverless import prepared
from serverless.deploy.package import PackageConfig, slim
from serverless.deploy.package.exceptions import RehearsalFailed
from serverless.deploy.package.rehearsal import init_cpu_ms
from tests.trees import copy_project

PATTERNS = r"""
import re
PATTERNS = [
    (r"(?P<year>\d{4})-(?P<month>\d\d)(-(\d\d))?", 0),
    (r"(?i)straße|[à-ÿ]+", 0),
    (r"[\w.+-]+@[^\W_]+(?<!-)\.(?=com|org)", re.IGNORECASE | re.ASCII),
    ("a  b # comment", re.VERBOSE | re.MULTILINE),
    ("[" + "".join(chr(c) for c in range(0x100, 0x3000, 7)) + "]{2,}?", 0),
    (rb"\x00(?:[^\r\n]*+)\xff", re.DOTALL),
    (r"", 0),
]
COMPILED = [re.compile(*one) for one in PATTERNS]
LOCALE = re.compile(rb"\w", re.LOCALE)
"""
MODULES = {
    "shop/__init__.py": "",
    "shop/settings.py": "SECRET_KEY, ROOT_URLCONF, INSTALLED_APPS = 'x', 'shop.urls', []\n",
    "shop/urls.py": "import shop.patterns, shop.goods\nurlpatterns = []\n",
    "shop/patterns.py": PATTERNS,
    "shop/goods.py": """
from collections import namedtuple
from dataclasses import dataclass, field
Price = namedtuple("Price", ["euros", "cents"], defaults=[0])
@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Goods:
    name: str
    tags: list[str] = field(default_factory=list, compare=False)
    price: int = 3
@dataclass
class Basket:
    goods: list[Goods]
    def __post_init__(self): self.count = len(self.goods)
""",
}
REHEARSE = {"DJANGO_SETTINGS_MODULE": "shop.settings"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsed")
    return package(folder, MODULES)


def package(folder: Path, modules: dict[str, str], rehearse: dict[str, str] = REHEARSE) -> Path:
    copy_project(folder, "serverless")
    for name in ("django", "asgiref", "sqlparse", "pybase64"):  # not slimmed: that takes longer than all tests here
        (folder / name).symlink_to(Path(django.__file__).parents[1] / name)
    for name, text in modules.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    slim(folder, PackageConfig(rehearse=rehearse), root=str(folder))
    return folder


def run(tree: Path, code: str) -> Any:
    """Return what ``code`` prints as JSON, in a process that imports from the tree."""
    start = "import json, re, sys\nfrom serverless import bundle, prepared\nassert bundle.install()\n"
    environ = {"PYTHONPATH": str(tree), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", start + code], env=environ, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_patterns_are_what_compiling_makes_of_them_and_are_not_compiled(tree: Path) -> None:
    code = """
translate, parse, parsed = re._compiler.compile, re._parser.parse, []
assert prepared.install()
re._parser.parse = lambda pattern, *more: parsed.append(str(pattern)) or parse(pattern, *more)
from shop.patterns import COMPILED, PATTERNS
met = list(parsed)
same = [(one == fresh, one.groupindex == fresh.groupindex, one.groups == fresh.groups, one.flags == fresh.flags)
        for one, fresh in zip(COMPILED, [translate(pattern, int(flags)) for pattern, flags in PATTERNS])]
date, _, address, *_ = COMPILED
print(json.dumps([same, met, date.search("on 2026-11-23").groupdict(), date.fullmatch("2026-11").lastgroup,
                  address.search("me@shop.org").span()]))
"""
    same, parsed, groups, last, span = run(tree, code)
    assert same == [[True] * 4] * 7
    # Its code depends on the locale.
    assert parsed == [str(rb"\w")]
    assert groups == {"year": "2026", "month": "11"}
    assert (last, span) == ("month", [0, 8])


def test_dataclasses_are_what_they_are_and_their_methods_are_not_compiled(tree: Path) -> None:
    code = """
from serverless import boot, handlers  # what stands outside the count
import dataclasses
compiled = []
sys.addaudithook(lambda event, given: compiled.append(str(given[0])) if event == "compile" else None)
assert prepared.install()
from shop.goods import Basket, Goods, Price
pear = Goods(name="pear")
try:
    pear.price = 4
except dataclasses.FrozenInstanceError as problem:
    frozen = str(problem)
print(json.dumps([compiled, repr(pear), pear == Goods(name="pear", tags=["x"]), pear < Goods(name="quince"),
                  Basket([pear]).count, frozen, dataclasses.astuple(pear), repr(Price(3))]))
"""
    compiled, text, equal, less, count, frozen, values, price = run(tree, code)
    assert compiled == []
    assert text == "Goods(name='pear', tags=[], price=3)"
    assert (equal, less, count, values) == (True, True, 1, ["pear", [], 3])
    assert "price" in frozen
    assert price == "Price(euros=3, cents=0)"


def test_what_the_start_did_not_meet_is_compiled_as_ever(tree: Path) -> None:
    code = """
assert prepared.install()
from dataclasses import dataclass, make_dataclass
Late = make_dataclass("Late", ["other"])
try:
    re.compile("(")
except re.error as problem:
    said = str(problem)
print(json.dumps([repr(Late(1)), re.compile("lat(e)").match("late")[1], said]))
"""
    late, group, said = run(tree, code)
    assert (late, group) == ("Late(other=1)", "e")
    assert "unterminated subpattern" in said


def test_the_handler_takes_it(tree: Path) -> None:
    code = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
import serverless.handlers.main, dataclasses
import collections
hooks = dataclasses.exec, collections.eval, re._compiler.compile
print(json.dumps([hook.__module__ for hook in hooks]))
"""
    assert run(tree, code) == ["serverless.prepared"] * 3


def test_the_order_of_imports_leaves_no_trace(tmp_path: Path) -> None:
    """It may be that of a folder's entries, which another file system lists in another order."""
    urls = "import importlib, os\nfor name in os.environ['ORDER'].split():\n    importlib.import_module(name)\n"
    more = "import re\nCODE = re.compile('[A-Z]{3}-[0-9]+')\n"
    modules = MODULES | {"shop/urls.py": f"{urls}urlpatterns = []\n", "shop/more.py": more}
    made = [
        package(tmp_path / order, modules, REHEARSE | {"ORDER": order})
        for order in ("shop.more shop.patterns", "shop.patterns shop.more")
    ]
    first, second = ((tree / prepared.FILE_NAME).read_bytes() for tree in made)
    assert first == second


def test_starts_are_measured(tree: Path) -> None:
    assert 20 < init_cpu_ms(tree, REHEARSE, starts=2) < 20_000
    with pytest.raises(RehearsalFailed, match="No module named 'nothing'"):
        init_cpu_ms(tree, {"DJANGO_SETTINGS_MODULE": "nothing.here"}, starts=1)


def test_a_file_of_another_python_is_left_alone(tree: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = (tree / prepared.FILE_NAME).read_bytes()
    end = len(prepared.header())
    (tmp_path / prepared.FILE_NAME).write_bytes(data[: end - 1] + b"?" + data[end:])
    assert prepared.install(str(tmp_path)) is False
    assert "is not for this Python" in capfd.readouterr().err


def test_without_a_file_nothing_happens(tmp_path: Path) -> None:
    assert prepared.install(str(tmp_path)) is False


def test_a_project_that_does_not_start_is_not_packaged(tmp_path: Path) -> None:
    with pytest.raises(RehearsalFailed, match=r"rehearse(?s:.*)No module named 'nothing'"):
        package(tmp_path, MODULES, {"DJANGO_SETTINGS_MODULE": "nothing.here"})
    assert not (tmp_path / prepared.FILE_NAME).exists()


def test_what_only_the_developer_has_is_not_there(tmp_path: Path) -> None:
    urls = "import pytest\nurlpatterns = []\n"
    with pytest.raises(RehearsalFailed, match="No module named 'pytest'"):
        package(tmp_path, MODULES | {"shop/urls.py": urls})


def test_without_an_environment_nothing_is_rehearsed(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("x = 1\n")
    slim(tmp_path, PackageConfig(), root=str(tmp_path))
    assert not (tmp_path / prepared.FILE_NAME).exists()
