import pytest
from psycopg import sql

from serverless.db.replicas.statements import is_write


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        '\n  (SELECT "a" FROM b) UNION (SELECT 2)',
        "select count(*) from t where name = 'UPDATE'",
        "SELECT id FROM t FOR UPDATE",
        'SAVEPOINT "s1"',
        'RELEASE SAVEPOINT "s1"',
        'ROLLBACK TO SAVEPOINT "s1"',
        "EXPLAIN SELECT 1",
        "SHOW server_version",
        "WITH t AS (SELECT updated_at FROM t) SELECT * FROM t",
        "DECLARE c CURSOR FOR SELECT 1",
    ],
)
def test_what_reads(statement: str) -> None:
    assert not is_write(statement)


@pytest.mark.parametrize(
    "statement",
    [
        'INSERT INTO "t" VALUES (1)',
        "update t set a = 1",
        "DELETE FROM t",
        "MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
        "WITH gone AS (DELETE FROM t RETURNING id) SELECT * FROM gone",
        "TRUNCATE t",
        "COPY t FROM STDIN",
        "CALL something()",
        "DO $$ BEGIN PERFORM 1; END $$",
        "REFRESH MATERIALIZED VIEW v",
        "/* who */ SELECT 1",
        "",
        sql.SQL("SELECT 1"),
        None,
    ],
)
def test_what_writes_or_is_not_understood(statement: object) -> None:
    assert is_write(statement)
