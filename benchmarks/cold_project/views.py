"""One page: a statement to the database, a form, two templates."""

from django import forms
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Search(forms.Form):
    words = forms.CharField(max_length=100, required=False)


def page(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        (answer,) = cursor.fetchone()
    rows = [{"number": number, "name": f"Photo {number}"} for number in range(30)]
    return render(request, "cold/page.html", {"answer": answer, "rows": rows, "form": Search()})
