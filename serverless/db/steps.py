"""What makes a database ready for its users, each step with a query that tells whether it was taken already."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from psycopg import sql
from psycopg.sql import SQL, Composed, Identifier, Literal

from serverless.db.users import IAM_ROLE, User, Users

__all__ = ["Step", "logins", "rights"]

SCHEMA: Final = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``taken`` is a boolean expression (NULL: no). Where it does not hold, ``does`` makes it.

    ``optional``: PostgreSQL may refuse it without harm.
    """

    says: str
    taken: Composed
    does: Composed
    optional: bool = False


def logins(users: Users) -> Iterator[Step]:
    """Yield the steps that make the users, in the whole server."""
    for user in users.all:
        yield _made(user)
        yield from _set(user)


def rights(users: Users, *, database: str, iam_role: str = IAM_ROLE) -> Iterator[Step]:
    """Yield the steps that let them into the database of this name, in their order: each may rest on those before it.

    Whoever takes them may act as the migrator, who owns what they are about.
    """
    yield from _owned(users.migrator.name, database)
    for user in (users.web, users.worker):
        yield from _rows(user.name, users.migrator.name)
    yield _step(
        "the extension pg_stat_statements counts statements",
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')",
        "CREATE EXTENSION pg_stat_statements",
        user=users.migrator.name,
        optional=True,
    )
    for user in users.all:
        yield _iam(user.name, iam_role)


def _owned(migrator: str, database: str) -> Iterator[Step]:
    # Trusted extensions, which migrations install, ask for it; so does owning the schema.
    yield _step(
        f"{migrator} may install trusted extensions",
        "SELECT has_database_privilege(oid, current_database(), 'CREATE') FROM pg_roles WHERE rolname = {user}",
        "GRANT CREATE ON DATABASE {database} TO {role}",
        user=migrator,
        database=Identifier(database),
    )
    yield _step(
        f"{migrator} owns the schema {SCHEMA}",
        "SELECT rolname = {user} FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner WHERE nspname = {schema}",
        "ALTER SCHEMA {named} OWNER TO {role}",
        user=migrator,
    )
    # A database that began before PostgreSQL 15 lets everybody.
    yield _step(
        f"nobody else makes anything in {SCHEMA}",
        "SELECT NOT EXISTS (SELECT FROM pg_namespace, aclexplode(nspacl) AS acl WHERE nspname = {schema} "
        "AND acl.grantee = 0 AND acl.privilege_type = 'CREATE')",
        "REVOKE CREATE ON SCHEMA {named} FROM PUBLIC",
        user=migrator,
    )
    # One pins a connection of RDS Proxy to its client, and PostgreSQL lets everybody.
    yield _step(
        f"nobody but {migrator} makes temporary tables",
        "SELECT has_database_privilege(pg_roles.oid, current_database(), 'TEMPORARY') AND NOT EXISTS (SELECT FROM "
        "pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS acl WHERE datname = current_database() "
        "AND acl.grantee = 0 AND acl.privilege_type = 'TEMPORARY') FROM pg_roles WHERE rolname = {user}",
        "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC; GRANT TEMPORARY ON DATABASE {database} TO {role}",
        user=migrator,
        database=Identifier(database),
    )


def _made(user: User) -> Step:
    return _step(
        f"{user.name} is a user",
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = {user} AND rolcanlogin)",
        "CREATE ROLE {role} LOGIN",
        user=user.name,
    )


def _set(user: User) -> Iterator[Step]:
    for name, value in user.settings.items():
        yield _step(
            f"{user.name} has {name} = {value}",
            "SELECT {setting} = ANY(setconfig) FROM pg_db_role_setting JOIN pg_roles ON pg_roles.oid = setrole "
            "WHERE rolname = {user} AND setdatabase = 0",
            "ALTER ROLE {role} SET {name} = {value}",
            user=user.name,
            setting=Literal(f"{name}={value}"),
            name=Identifier(name),
            value=Literal(value),
        )


def _rows(user: str, migrator: str) -> Iterator[Step]:
    yield _step(
        f"{user} sees the schema {SCHEMA}",
        "SELECT has_schema_privilege(oid, {schema}, 'USAGE') FROM pg_roles WHERE rolname = {user}",
        "GRANT USAGE ON SCHEMA {named} TO {role}",
        user=user,
    )
    for kind in (_TABLES, _SEQUENCES):
        yield _present(user, migrator, kind)
        yield _future(user, migrator, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """``relkinds`` are pg_class's letters, ``letter`` is pg_default_acl's."""

    name: str
    relkinds: str
    letter: str
    privileges: tuple[str, ...]


_TABLES: Final = _Kind(name="table", relkinds="rpvm", letter="r", privileges=("SELECT", "INSERT", "UPDATE", "DELETE"))
_SEQUENCES: Final = _Kind(name="sequence", relkinds="S", letter="S", privileges=("USAGE", "SELECT", "UPDATE"))


def _present(user: str, migrator: str, kind: _Kind) -> Step:
    """What is there already: one by one, because others' (an extension's views) are none of ours to grant."""
    # Each privilege by itself: PostgreSQL reads "a, b" as either.
    lacks = " OR ".join(f"NOT has_{kind.name}_privilege(pg_roles.oid, pg_class.oid, '{it}')" for it in kind.privileges)
    lacking = (
        "SELECT pg_class.oid FROM pg_class, pg_roles WHERE relnamespace = {schema}::regnamespace "  # noqa: S608 - constants; names come in as literals
        "AND rolname = {user} "
        "AND relkind = ANY({relkinds}) AND relowner = (SELECT oid FROM pg_roles WHERE rolname = {owner}) "
        f"AND ({lacks})"
    )
    privileges = ", ".join(kind.privileges)
    return _step(
        f"{user} may {privileges} on each {kind.name} of {migrator}",
        f"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = {{user}}) AND NOT EXISTS ({lacking})",  # noqa: S608 - the same
        f"DO $do$ DECLARE one oid; BEGIN FOR one IN {lacking} LOOP EXECUTE format("
        f"'GRANT {privileges} ON {kind.name} %s TO %I', one::regclass, {{user}}); END LOOP; END $do$",
        user=user,
        owner=Literal(migrator),
        relkinds=Literal(list(kind.relkinds)),
    )


def _future(user: str, migrator: str, kind: _Kind) -> Step:
    privileges = ", ".join(kind.privileges)
    return _step(
        f"{user} may on each {kind.name} that {migrator} is yet to make",
        "SELECT count(*) = {count} FROM pg_default_acl, aclexplode(defaclacl) AS acl "
        "WHERE defaclrole = (SELECT oid FROM pg_roles WHERE rolname = {owner}) AND defaclobjtype = {letter} "
        "AND defaclnamespace = {schema}::regnamespace AND acl.privilege_type = ANY({privileges}) "
        "AND acl.grantee = (SELECT oid FROM pg_roles WHERE rolname = {user})",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {maker} IN SCHEMA {named} "
        f"GRANT {privileges} ON {kind.name}s TO {{role}}",
        user=user,
        owner=Literal(migrator),
        maker=Identifier(migrator),
        letter=Literal(kind.letter),
        privileges=Literal(list(kind.privileges)),
        count=Literal(len(kind.privileges)),
    )


def _iam(user: str, iam_role: str) -> Step:
    return _step(
        f"{user} logs in with a token of IAM",
        "SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {iam}) OR EXISTS (SELECT FROM pg_auth_members "
        "JOIN pg_roles AS user_ ON user_.oid = member JOIN pg_roles AS iam ON iam.oid = roleid "
        "WHERE user_.rolname = {user} AND iam.rolname = {iam})",
        "GRANT {iam_role} TO {role}",
        user=user,
        iam=Literal(iam_role),
        iam_role=Identifier(iam_role),
    )


def _step(says: str, taken: str, does: str, *, user: str, optional: bool = False, **parts: sql.Composable) -> Step:
    named: dict[str, sql.Composable] = {
        "user": Literal(user),
        "role": Identifier(user),
        "schema": Literal(SCHEMA),
        "named": Identifier(SCHEMA),
    }
    given = named | parts

    def composed(text: str) -> Composed:
        return SQL(text).format(**given)

    return Step(says=says, taken=composed(taken), does=composed(does), optional=optional)
