"""The commands that migrate: up to the switch, and after it."""

from dataclasses import dataclass

from serverless.deploy.migrations.history import History

__all__ = ["Plan", "is_after", "is_excused", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Words after ``manage.py``, in their order; none where nothing is new.

    ``before``: while the release before still serves. ``after``: once the new one does.
    """

    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]


def is_after(migration: object) -> bool:
    """Whether a migration says that it has to wait for the switch."""
    return getattr(migration, "after_switch", False) is True


def is_excused(migration: object) -> bool:
    """Whether a migration says why the code before it can live with it: with what it changes, and with its locks."""
    reason = getattr(migration, "while_serving", "")
    return isinstance(reason, str) and bool(reason.strip())


def plan(history: History) -> Plan:
    """Return what a release runs. Where ``judge`` has found something, "before" may bring some of "after" along."""
    new = history.new()
    whole = ("migrate", "--noinput")
    if not any(is_after(migration) for migration in new):
        return Plan(before=(whole,) if new else (), after=())
    # The last of each app; it brings along what it depends on.
    targets = {migration.app_label: migration.name for migration in new if not is_after(migration)}
    return Plan(before=tuple(("migrate", "--noinput", app, name) for app, name in targets.items()), after=(whole,))
