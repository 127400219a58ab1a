from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views.defaults import page_not_found, permission_denied, server_error

import app.web

STATIC = Path(app.web.__file__).parent / "static" / "web"


def test_landing_page_asks_nothing_of_the_database(client: Client) -> None:
    response = client.get("/")  # without the django_db mark a query would fail the test
    assert response.status_code == 200
    assert b'href="/sign-in/"' in response.content
    assert "Cookie" not in response.get("Vary", "")


def test_landing_page_is_for_reading(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_pages_carry_no_inline_style_or_script(client: Client) -> None:
    html = client.get("/").content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
    assert "'unsafe-inline'" not in client.get("/")["Content-Security-Policy"]


def test_unknown_address_has_a_friendly_page(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert b"There is nothing here." in response.content


def test_refusal_says_why(rf: RequestFactory) -> None:
    response = permission_denied(rf.get("/"), PermissionError("Ask <the owner>."))
    assert response.status_code == 403
    assert b"Ask &lt;the owner&gt;." in response.content


def test_page_not_found_keeps_the_path_out(rf: RequestFactory) -> None:
    response = page_not_found(rf.get("/s/secret/"), Exception("x"))
    assert b"secret" not in response.content


def test_server_error_needs_no_context(rf: RequestFactory) -> None:
    response = server_error(rf.get("/"))
    assert response.status_code == 500
    assert b"Something broke on our side." in response.content
    assert render_to_string("500.html") == response.content.decode()


def test_csrf_failure_has_a_friendly_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "a@b.test", "password": "x"})
    assert response.status_code == 403
    assert b"This page was open for too long." in response.content


@pytest.mark.parametrize("name", ["tokens.css", "base.css", "landing.css", "theme.js", "favicon.svg", "hero.svg"])
def test_static_files_load_nothing_from_elsewhere(name: str) -> None:
    text = (STATIC / name).read_text().replace("http://www.w3.org/2000/svg", "")
    assert "//" not in text.replace("// ", "")
    assert "@import" not in text


def test_the_icon_that_browsers_ask_for_by_themselves(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert (response.status_code, response.headers["Location"]) == (302, "/static/web/favicon.svg")
