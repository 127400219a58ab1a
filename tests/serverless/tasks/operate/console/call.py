from io import StringIO

from django.core.management import call_command


def tasks(*arguments: object) -> str:
    """Return what ``manage.py tasks`` prints."""
    out = StringIO()
    call_command("tasks", *map(str, arguments), stdout=out)
    return out.getvalue()
