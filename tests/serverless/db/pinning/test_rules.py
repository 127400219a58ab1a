import pytest

from serverless.db.pinning.rules import MAX_TEXT, RULES, broken

PINS = {
    "SET statement_timeout = '5s'": ["set"],
    "set session time zone 'UTC'": ["set"],
    "SET ROLE web": ["set"],
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE": ["set"],
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY": ["set"],
    "RESET ALL": ["set"],
    "/* a /* nested */ comment */ -- and another\nSET a.b = 1": ["set"],
    "SELECT 1; SET a.b = 1": ["set"],
    "SELECT set_config('a.b', $1, false)": ["set"],
    "SELECT pg_catalog.set_config('TimeZone', $1, $2)": ["set"],
    "SELECT set_config('a.b', 'c', true), set_config('a.b', coalesce($1, 'c'), false)": ["set"],
    "PREPARE p AS SELECT 1": ["prepared"],
    "EXECUTE p": ["prepared"],
    "DEALLOCATE ALL": ["prepared"],
    'DECLARE "c" NO SCROLL CURSOR WITH HOLD FOR SELECT 1': ["cursor"],
    "CREATE TEMP TABLE t (id int)": ["temporary"],
    "CREATE LOCAL TEMPORARY TABLE t ON COMMIT DROP AS SELECT 1": ["temporary"],
    "CREATE OR REPLACE TEMP VIEW v AS SELECT 1": ["temporary"],
    "CREATE TEMPORARY SEQUENCE s": ["temporary"],
    "SELECT * INTO TEMPORARY t FROM photos": ["temporary"],
    "CREATE TABLE pg_temp.t (id int)": ["temporary"],
    "SELECT pg_advisory_lock(1)": ["advisory_lock"],
    "SELECT pg_try_advisory_lock_shared(1, 2)": ["advisory_lock"],
    "SELECT pg_advisory_unlock_all()": ["advisory_lock"],
    "LISTEN photos": ["listen"],
    "SELECT nextval('s')": ["sequence"],
    "SELECT setval(pg_get_serial_sequence('t', 'id'), 7)": ["sequence"],
    "INSERT INTO t VALUES (currval('s'))": ["sequence"],
    "SELECT LASTVAL ()": ["sequence"],
    "DISCARD ALL": ["discard"],
    "LOAD 'auto_explain'": ["load"],
    "SELECT '" + "x" * MAX_TEXT + "'": ["size"],
    "SET a.b = 1; LISTEN photos; LISTEN films": ["set", "listen"],
}
DOES_NOT = [
    "",
    ";;",
    "SELECT 1",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "SET LOCAL statement_timeout = '5s'",
    "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
    "SELECT set_config('a.b', $1, TRUE)",
    "UPDATE photos SET title = 'set', listen = 1",
    "INSERT INTO t (body) VALUES ('it''s; SET a.b = 1; LISTEN photos; nextval(1)')",
    r"SELECT E'\'; SET a.b = 1; --'",
    "SELECT $$; SET a.b = 1; $$, $tag$ $$ LISTEN photos $tag$, $1",
    'SELECT "set", "nextval" FROM "declare" -- SET a.b = 1',
    "SELECT /* SET a.b = 1; /* */ LISTEN photos */ 1",
    "SELECT nextval FROM t WHERE temp > 1",
    "SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock_shared(2)",
    "CREATE TABLE t (id bigint DEFAULT nextval('s'))",
    "ALTER ROLE web SET statement_timeout = '5s'",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1'",
    "PREPARE TRANSACTION 'two'",
    "NOTIFY photos",
    "SELECT '" + "x" * (MAX_TEXT - 9) + "'",
]


@pytest.mark.parametrize(("text", "expected"), PINS.items(), ids=lambda value: str(value)[:60])
def test_what_pins_is_named(text: str, expected: list[str]) -> None:
    assert [rule.id for rule in broken(text)] == expected


@pytest.mark.parametrize("text", DOES_NOT, ids=lambda value: value[:60])
def test_what_does_not_pin_is_left_alone(text: str) -> None:
    assert broken(text) == ()


def test_the_limit_counts_bytes() -> None:
    at_the_limit = "SELECT '" + "é" * ((MAX_TEXT - 10) // 2) + "'"
    assert len(at_the_limit.encode()) <= MAX_TEXT
    assert not broken(at_the_limit)
    assert broken(at_the_limit + "  ") == (RULES["size"],)


@pytest.mark.parametrize(
    "text", ["SET", "SELECT set_config(", "SELECT 'open SET", "/* open SET", '"open set', "$a$ set", "set_config)"]
)
def test_what_is_cut_short_does_no_harm(text: str) -> None:
    assert len(broken(text)) <= 1


def test_each_rule_says_what_to_do() -> None:
    assert all(rule.id == name and rule.because and rule.remedy for name, rule in RULES.items())
