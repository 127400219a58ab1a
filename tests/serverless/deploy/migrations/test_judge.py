from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from serverless.deploy.migrations import Finding, History, applied, judge, plan
from tests.serverless.deploy.migrations.conftest import Shop


@cache
def loupe() -> frozenset[str]:
    """The newest migration of each of Loupe's apps, which brings along the others."""
    return frozenset(".".join(key) for key in History().loader.graph.leaf_nodes() if not key[0].startswith("shop"))


def history(shop: Shop, *bodies: str) -> History:
    """Loupe and the shop's first migration are live."""
    label = shop(*bodies)
    return History({*loupe(), f"{label}.0001"})


def rules(findings: list[Finding]) -> list[str]:
    return [finding.problem.rule for finding in findings]


def operations(*texts: str, marks: str = "") -> str:
    return f"{marks}\noperations = [{', '.join(texts)}]\n"


def test_this_repository_may_be_released_for_the_first_time() -> None:
    assert judge(History()) == []
    assert plan(History()).before == (("migrate", "--noinput"),)
    assert plan(History()).after == ()


def test_nothing_new_is_nothing_to_run() -> None:
    history = History(f"{each.app_label}.{each.name}" for each in History().ordered)
    assert judge(history) == []
    assert (plan(history).before, plan(history).after) == ((), ())


def test_packages_keep_their_own_promises() -> None:
    findings = judge(History(["accounts.0001_initial"]))
    assert "auth" not in {finding.migration.partition(".")[0] for finding in findings}
    assert "galleries" in {finding.migration.partition(".")[0] for finding in findings}


ADD = "migrations.AddField('Item', '{}', models.{})"
ALTER = "migrations.AlterField('Item', '{}', models.{})"
DROP = "migrations.RemoveField('Item', '{}')"
OURS = (
    "type('Ours', (migrations.operations.base.Operation,), "
    "{'state_forwards': lambda *_: None, 'database_forwards': lambda *_: None})()"
)
INDEX = "migrations.AddIndex('Item', models.Index(fields=['{}'], name='{}'))"


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        (ADD.format("a", "TextField(null=True)"), [], []),
        (ADD.format("a", "TextField(db_default='')"), [], []),
        (ADD.format("a", "TextField(default='')"), ["add-not-null"], ["add-not-null"]),
        (ADD.format("a", "TextField(null=True, unique=True)"), ["unique"], ["unique"]),
        (ADD.format("a", "GeneratedField(expression=F('id'), output_field=models.IntegerField(), db_persist=True)"),
         ["add-generated"], ["add-generated"]),
        (ADD.format("a", "ManyToManyField('Item')"), [], []),
        (ADD.format("a", "ForeignKey('Item', models.CASCADE, null=True, db_index=False)"), [], []),
        (ADD.format("a", "ForeignKey('Item', models.CASCADE, null=True)"),
         ["squawk:require-concurrent-index-creation"], ["squawk:require-concurrent-index-creation"]),
        (DROP.format("price"), ["remove-field"], []),
        (DROP.format("note"), ["remove-field"], []),
        (DROP.format("name"), ["remove-field", "remove-not-null"], ["remove-not-null"]),
        ("migrations.DeleteModel('Item')", ["delete-model"], []),
        ("migrations.RenameField('Item', 'note', 'notes')", ["rename-field"], ["rename-field"]),
        ("migrations.RenameModel('Item', 'Thing')", ["rename-table"], ["rename-table"]),
        ("migrations.AlterModelTable('Item', 'things')", ["rename-table"], ["rename-table"]),
        ("migrations.AlterModelTable('Item', None)", [], []),
        ("migrations.AlterModelOptions('Item', {'ordering': ['name']})", [], []),
        (ALTER.format("name", "CharField(max_length=20, blank=True, help_text='x')"), [], []),
        (ALTER.format("name", "CharField(max_length=40)"), [], []),
        (ALTER.format("name", "SlugField(max_length=20, db_index=False)"), [], []),
        (ALTER.format("name", "TextField()"), [], []),
        (ALTER.format("name", "CharField(max_length=20, null=True)"), [], []),
        (ALTER.format("name", "CharField(max_length=10)"), ["shorten"], ["shorten"]),
        (ALTER.format("name", "CharField(max_length=20, db_column='title')"), ["rename-field"], ["rename-field"]),
        (ALTER.format("name", "CharField(max_length=20, unique=True)"), ["unique"], ["unique"]),
        (ALTER.format("name", "CharField(max_length=20, db_index=True)"), ["add-index"], ["add-index"]),
        (ALTER.format("price", "IntegerField()"), ["drop-default"], []),
        (ALTER.format("price", "BigIntegerField(db_default=0)"), ["change-type"], ["change-type"]),
        (ALTER.format("price", "PositiveIntegerField(db_default=0)"),
         ["add-constraint"], ["squawk:constraint-missing-not-valid"]),
        (ALTER.format("note", "TextField()"), ["not-null"], ["squawk:adding-not-nullable-field"]),
        (INDEX.format("name", "by_name"), ["add-index"], ["add-index"]),
        ("migrations.AddConstraint('Item', models.CheckConstraint(condition=Q(price__gte=0), name='c'))",
         ["add-constraint"], ["squawk:constraint-missing-not-valid"]),
        ("postgres.AddConstraintNotValid('Item', models.CheckConstraint(condition=Q(price__gte=0), name='c'))",
         ["add-constraint"], []),
        ("migrations.AddConstraint('Item', models.UniqueConstraint('name', name='c'))",
         ["add-constraint"], ["squawk:require-concurrent-index-creation"]),
        ("migrations.AlterUniqueTogether('Item', {('name', 'price')})", ["add-constraint"], ["add-constraint"]),
        ("migrations.AlterOrderWithRespectTo('Item', 'note')", ["add-not-null"], ["add-not-null"]),
        ("migrations.RunPython(lambda apps, editor: None)", ["code"], []),
        ("migrations.RunPython(migrations.RunPython.noop)", [], []),
        ("migrations.RunSQL('UPDATE x SET y = 1')", ["code"], []),
        ("migrations.RunSQL('UPDATE SET')", ["code"], ["squawk:syntax-error"]),
        ("postgres.CreateExtension('pg_trgm')", [], []),
        (OURS, ["unknown"], []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("waits", [False, True])
def test_each_operation_on_a_table_with_rows(
    shop: Shop, operation: str, before: list[str], after: list[str], *, waits: bool
) -> None:
    marks = "after_switch = True" if waits else ""
    assert rules(judge(history(shop, operations(operation, marks=marks)))) == (after if waits else before)


def test_a_table_of_this_very_release_is_free(shop: Shop) -> None:
    made = "migrations.CreateModel('New', [('id', models.BigAutoField(primary_key=True)), ('a', models.TextField())])"
    later = (
        "migrations.AddField('New', 'b', models.TextField(unique=True, default=''))",
        "migrations.AddIndex('New', models.Index(fields=['a'], name='by_a'))",
        "migrations.AddConstraint('New', models.UniqueConstraint(fields=['a'], name='once'))",
        "migrations.RemoveField('New', 'b')",
        "migrations.RenameField('New', 'a', 'c')",
        "migrations.RenameModel('New', 'Newer')",
    )
    assert judge(history(shop, operations(made), operations(*later))) == []


def test_a_column_of_this_very_release_may_be_constrained_without_a_look_at_each_row(shop: Shop) -> None:
    column = ADD.format("size", "IntegerField(db_default=0)")
    check = "models.CheckConstraint(condition=Q(size__gte=0) | Q(size=F('size')), name='c')"
    assert judge(history(shop, operations(column, f"postgres.AddConstraintNotValid('Item', {check})"))) == []


def test_a_column_leaves_in_two_steps(shop: Shop) -> None:
    eased = ALTER.format("name", "CharField(max_length=20, null=True)")
    assert judge(history(shop, operations(eased), operations(DROP.format("name"), marks="after_switch = True"))) == []


def test_an_index_is_built_beside_the_writers_outside_of_a_transaction(shop: Shop) -> None:
    index = "postgres.AddIndexConcurrently('Item', models.Index(fields=['name'], name='by_name'))"
    assert judge(history(shop, operations(index, marks="atomic = False"))) == []


def test_inside_of_one_it_is_refused(shop: Shop) -> None:
    index = "migrations.RunSQL('CREATE INDEX CONCURRENTLY i ON x (y)')"
    found = judge(history(shop, operations(index, marks="while_serving = 'an index changes no answer'")))
    assert rules(found) == ["squawk:ban-concurrent-index-creation-in-transaction"]
    assert found[0].operation == "CREATE INDEX CONCURRENTLY i ON x (y);"


@pytest.mark.parametrize(("reason", "expected"), [("a table of ten rows", []), ("", ["code"]), (" ", ["code"])])
def test_what_no_rule_can_read_needs_a_reason(shop: Shop, reason: str, expected: list[str]) -> None:
    code = "migrations.RunPython(lambda apps, editor: None)"
    assert rules(judge(history(shop, operations(code, marks=f"while_serving = {reason!r}")))) == expected


def test_a_reason_excuses_neither_what_breaks_the_code_before_nor_an_index(shop: Shop) -> None:
    given = operations(DROP.format("price"), INDEX.format("name", "n"), marks="while_serving = 'trust me'")
    assert rules(judge(history(shop, given))) == ["remove-field", "add-index"]


def test_what_state_and_database_do_apart_is_judged_by_the_database(shop: Shop) -> None:
    apart = "migrations.SeparateDatabaseAndState(database_operations=[{}], state_operations=[{}])"
    state, none = DROP.format("price"), "migrations.RunSQL(migrations.RunSQL.noop)"
    assert judge(history(shop, operations(apart.format(none, state)), operations(DROP.format("note")))) != []


def test_only_the_state_forgets(shop: Shop) -> None:
    apart = f"migrations.SeparateDatabaseAndState(state_operations=[{DROP.format('price')}])"
    assert judge(history(shop, operations(apart))) == []


def test_only_the_database_forgets(shop: Shop) -> None:
    apart = f"migrations.SeparateDatabaseAndState(database_operations=[{DROP.format('price')}])"
    assert rules(judge(history(shop, operations(apart)))) == ["remove-field"]


def test_what_comes_before_the_switch_may_not_need_what_comes_after(shop: Shop) -> None:
    late, early = (
        operations(DROP.format("price"), marks="after_switch = True"),
        operations(ADD.format("a", "TextField(null=True)")),
    )
    known = history(shop, late, early)
    (found,) = judge(known)
    assert found.problem.rule == "before-needs-after"
    label = found.migration.partition(".")[0]
    assert str(found).splitlines()[0] == f"{label}.0003 [before-needs-after]"
    assert f"depends on {label}.0002" in str(found)
    assert judge(History({*loupe(), f"{label}.0002"})) == []  # that one was released


def test_a_release_migrates_up_to_the_switch_and_after_it(shop: Shop) -> None:
    early = operations(ADD.format("a", "TextField(null=True)"))
    known = history(
        shop, early, early.replace("'a'", "'b'"), operations(DROP.format("price"), marks="after_switch = True")
    )
    assert judge(known) == []
    label = known.new()[0].app_label
    assert plan(known).before == (("migrate", "--noinput", label, "0003"),)
    assert plan(known).after == (("migrate", "--noinput"),)


def test_what_is_applied_is_read_from_showmigrations() -> None:
    text = "[X]  auth.0001_initial\n[ ]  shop.0002_x ... (shop.0001)\n[X]  shop.0001_initial  (2 squashed migrations)\n"
    assert applied(text) == {"auth.0001_initial", "shop.0001_initial"}


def test_a_name_of_nothing_is_told() -> None:
    known = History(["accounts.0001_initial", "gone.0001"])
    assert (known.is_first, known.unknown) == (False, ["gone.0001"])


def test_a_squashed_migration_is_live_where_all_that_it_replaces_are(shop: Shop) -> None:
    column = operations(ADD.format("a", "TextField(default='')"))
    label = shop(column)
    folder = Path(import_module(f"{label}.migrations").__path__[0])
    replaced = f"    replaces = [('{label}', '0001'), ('{label}', '0002')]\n"
    first = (folder / "0001.py").read_text().replace("    dependencies = []\n", f"{replaced}    dependencies = []\n")
    (folder / "0001_squashed_0002.py").write_text(first)
    assert [each.name for each in History({*loupe(), f"{label}.0001"}).new()] == ["0001_squashed_0002"]
    assert History({*loupe(), f"{label}.0001", f"{label}.0002"}).new() == []
    assert History({*loupe(), f"{label}.0001", f"{label}.0002"}).unknown == []
