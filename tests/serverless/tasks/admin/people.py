"""Staff for the tests of the operations pages."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

VIEW = ("view_taskrow", "view_pause")
ALL = (*VIEW, "change_taskrow", "delete_taskrow", "add_pause", "delete_pause")


def staff(*codenames: str, csrf: bool = False) -> Client:
    """Return a client that is signed in as a member of staff with these permissions of the tasks app."""
    users = get_user_model()
    user = users(**{users.USERNAME_FIELD: "operator@loupe.test"}, is_staff=True, is_active=True)
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="tasks"))
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(user)
    return client
