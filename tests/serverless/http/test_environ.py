from serverless.http.environ import _VARIABLES, build_environ
from serverless.http.messages import Request, Viewer

NOBODY = Viewer(host=None, address=None, scheme=None)


def environ(headers: dict[str, str]) -> dict[str, object]:
    return build_environ(
        Request(method="GET", path=b"/", query="", headers=headers, text="", is_base64=False, address="::1"), NOBODY
    )


def test_names_become_variables_whatever_their_case() -> None:
    said = environ({"X-A-b": "1", "content-type": "a/b", "Content-Length": "7", "x_a": "no", "X-Origin-Secret": "no"})
    assert {name: value for name, value in said.items() if "." not in name and value in {"1", "a/b", "no", "0"}} == {
        "HTTP_X_A_B": "1",
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "0",  # the length of the body here
    }
    assert "" not in said


def test_one_value_that_is_not_ascii_leaves_the_others_alone() -> None:
    said = environ({"x-a": "Zoë", "x-b": "abc", "x-c": "\ud800"})
    assert (said["HTTP_X_A"], said["HTTP_X_B"], said["HTTP_X_C"]) == ("Zo\xc3\xab", "abc", "?")


def test_what_strangers_send_is_not_kept_without_bound() -> None:
    environ({f"x-flood-{number}": "1" for number in range(2000)})
    assert len(_VARIABLES) <= _VARIABLES.most
    assert environ({"x-flood-1999": "1", "accept": "2"})["HTTP_X_FLOOD_1999"] == "1"


def test_nothing_sent_is_nothing_said() -> None:
    assert environ({}).keys().isdisjoint({"CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_COOKIE"})
