"""docs/reference/permissions.md says what the roles are made of."""

from pathlib import Path

from serverless.stack.home.permissions import markdown

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "permissions.md"


def test_the_page_is_in_step_with_the_roles() -> None:
    written = PAGE.read_text("utf-8")
    # To write it anew: PAGE.write_text(markdown(), "utf-8")
    assert written == markdown()


def test_it_tells_what_is_granted_on_what_and_what_is_denied() -> None:
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]
    signs = next(row for row in rows if "`SignUploads`" in row)
    assert "`s3:PutObject`" in signs
    assert "`incoming/*` in the media bucket" in signs
    assert sum("(denied)" in row for row in rows) == 3
    assert any("user `migrator` of the database |" in row for row in rows)
    assert any("`function:PROJECT-STAGE-worker:live`" in row for row in rows)


def test_a_statement_has_one_name_in_its_role_and_a_reason() -> None:
    sections = markdown().split("\n## ")[1:]
    assert [section.split("`")[1] for section in sections] == [
        "WebRole", "WorkerRole", "MigratorRole", "InvocationRole", "SchedulerRole",
    ]  # fmt: skip
    for section in sections:
        rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
        assert all(len(row) == 4 and len(row[3].strip(" |")) > 10 for row in rows)
        assert len({row[0] for row in rows}) == len(rows)
