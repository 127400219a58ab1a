import pytest

from serverless.kept import MOST, check, covers


@pytest.mark.parametrize(
    "pages", [[], ["/"], ["/", "/favicon.ico", "/api/v1/openapi.json"], ["/blog/*", "/blog/"], ("/a-b_c.d~e@f:g+h$",)]
)
def test_paths_and_folders_may_be_kept(pages: list[str]) -> None:
    assert check(pages, signed=["media"]) == tuple(pages)


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ("/", "is a list of paths"),
        (None, "is a list of paths"),
        ([1], "is a list of paths"),
        ({"/": 1}, "is a list of paths"),
        (["/*"], "forgets to call private"),
        (["*"], "forgets to call private"),
        (["/blog*"], "is no path"),
        (["/*/a"], "is no path"),
        (["/a?"], "is no path"),
        (["blog"], "is no path"),
        ([""], "is no path"),
        (["//"], "is no path"),
        (["/a//b"], "is no path"),
        (["/a/../b"], "is no path"),
        (["/./"], "is no path"),
        (["/über"], "is no path"),
        (["/a%20b"], "is no path"),
        (["/a\n"], "is no path"),
        (["/" + "a" * 60], "is no path"),
        (["/static/*"], "leads elsewhere"),
        (["/static/a.css"], "leads elsewhere"),
        (["/media/*"], "leads elsewhere"),
        (["/reports/a"], "leads elsewhere"),
        (["/_edge/503.html"], "leads elsewhere"),
        (["/", "/a", "/"], "/ stands there twice"),
        ([f"/{number}" for number in range(MOST + 1)], f"holds {MOST + 1} paths"),
    ],
)
def test_whatever_else_is_refused_with_the_reason(pages: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check(pages, signed=["reports"])


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("/", True),
        ("/about", True),
        ("/about/", False),
        ("/About", False),
        ("/blog/", True),
        ("/blog/2026/", True),
        ("/blog", False),
        ("/blogs/", False),
        ("/studio/", False),
    ],
)
def test_a_path_is_one_of_them_or_lies_in_their_folder(path: str, covered: bool) -> None:
    assert covers(["/", "/about", "/blog/*"], path) is covered
