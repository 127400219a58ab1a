"""Pauses: adding one holds back, deleting one resumes. Both go through ``pausing``."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from serverless.tasks.admin.access import database
from serverless.tasks.exceptions import UnknownName
from serverless.tasks.models import Pause
from serverless.tasks.work import pausing


class PauseForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    class Meta:
        model = Pause
        fields = ["name", "reason"]
        widgets = {
            "name": forms.TextInput(attrs={"class": "vTextField"}),
            "reason": forms.TextInput(attrs={"class": "vTextField"}),
        }

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        try:
            pausing.check(name)
        except UnknownName as error:
            raise ValidationError(str(error)) from None
        return name


@admin.register(Pause)
class PauseAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    form = PauseForm
    list_display = ["name", "since", "by", "reason"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def save_model(self, request: HttpRequest, obj: Pause, form: Any, change: bool) -> None:  # noqa: ARG002
        pausing.pause(obj.name, database=database(), by=str(request.user), reason=obj.reason)

    def delete_model(self, request: HttpRequest, obj: Pause) -> None:
        self._resume(request, [obj.name])

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[Pause]") -> None:
        self._resume(request, list(queryset.values_list("name", flat=True)))

    def _resume(self, request: HttpRequest, names: list[str]) -> None:
        count = sum(pausing.resume(name, database=database()) or 0 for name in names)
        text = _("The next ticks send what is due. Tasks that were brought forward for it: %(count)d.")
        self.message_user(request, text % {"count": count}, messages.INFO)
