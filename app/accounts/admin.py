"""Users, studios and memberships in Django's admin."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest

from app.accounts.models import Invitation, Membership, Studio, User
from app.accounts.shards import shard_for_new
from app.accounts.team import left_without_owner
from serverless.db.shards import is_on
from serverless.listing import BoundedPaginator, LargeTable


class UserCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """Django's form for a new user, with an e-mail address for the login."""

    class Meta:
        model = User
        fields = ("email",)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """The members of a studio."""

    model = Membership
    autocomplete_fields = ["user"]
    extra = 0
    can_delete = False  # their own pages look after the last owner

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Each is shown by its user and studio."""
        return super().get_queryset(request).select_related("user", "studio")

    def get_readonly_fields(self, request: HttpRequest, obj: Studio | None = None) -> list[str]:  # noqa: ARG002  # Django's signature
        """A field to choose a user by costs a question for each member there is: only a new studio has one."""
        return ["user"] if obj else []

    def has_add_permission(self, request: HttpRequest, obj: Studio | None = None) -> bool:
        """To a studio that is there members are added on the page of memberships."""
        return obj is None and super().has_add_permission(request, obj)


class _KeepsOwners(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Refuses deletions that would leave a studio without an owner, and names the studio; delete that one instead."""

    memberships_by: str

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """What goes along, and what is in the way."""
        members: QuerySet[Membership] = Membership.objects.filter(**{self.memberships_by: [obj.pk for obj in objs]})
        *found, protected = super().get_deleted_objects(objs, request)  # type: ignore[arg-type]  # a list or a QuerySet
        return (*found, [*protected, *(f"The last owner of “{studio}”" for studio in left_without_owner(members))])


@admin.register(User)
class UserAdmin(_KeepsOwners, DjangoUserAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Django's user admin for a model without a user name."""

    memberships_by = "user__in"
    add_form = UserCreationForm
    ordering = ["email"]
    list_display = ["email", "name", "is_active", "is_staff", "last_login"]
    search_fields = ["email", "name"]
    paginator = BoundedPaginator
    show_full_result_count = False
    readonly_fields = ["last_login", "created_at"]
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        ("Rights", {"fields": ("is_active", "is_verified", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)


@admin.register(Studio)
class StudioAdmin(LargeTable):
    """Studios with their members."""

    list_display = ["name", "slug", "used_bytes", "quota_bytes", "created_at"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Studio | None = None) -> Any:  # noqa: ARG002  # Django's signature
        """Another shard would not have the studio's rows: `manage.py shards move` takes them along."""
        return ["used_bytes", *(["shard", "moving_since"] if is_on() else [])]

    def save_model(self, request: HttpRequest, obj: Studio, form: Any, change: bool) -> None:
        """A new studio goes where the fewest are. Of others a move may have changed what the form does not have."""
        if change:
            obj.save(update_fields=form.changed_data)
            return
        obj.shard = shard_for_new()
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """What goes along; unlisted, what lies on another shard goes as well. Not while it moves."""
        *found, protected = super().get_deleted_objects(objs, request)
        return (*found, [*protected, *(f"“{studio}”, which is being moved" for studio in objs if studio.moving_since)])


@admin.register(Membership)
class MembershipAdmin(_KeepsOwners, LargeTable):
    """Who belongs where."""

    memberships_by = "pk__in"
    list_display = ["user", "studio", "role", "created_at"]
    list_filter = ["role"]
    list_select_related = ["user", "studio"]
    search_fields = ["user__email", "studio__name"]
    autocomplete_fields = ["user", "studio"]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:  # noqa: ARG002  # Django's signature
        """Moving a membership would take an owner from one studio to another."""
        return ["user", "studio"] if obj else []


@admin.register(Invitation)
class InvitationAdmin(LargeTable):
    """Open invitations, for finding out what became of one; they are made in the studio, where their mail is."""

    list_display = ["email", "studio", "role", "expires_at", "created_at"]
    list_filter = ["role"]
    list_select_related = ["studio"]
    search_fields = ["email", "studio__name"]
    readonly_fields = ["studio", "email", "role", "invited_by", "expires_at", "created_at"]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002  # Django's signature
        """Nobody: the link is in the mail alone."""
        return False
