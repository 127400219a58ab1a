"""A Django project in one module, for benchmarks.http: the middleware of `startproject`, and no database behind it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import path

SECRET_KEY = "only-for-benchmarks-" + "x" * 40
ALLOWED_HOSTS = ["photos.example"]
ROOT_URLCONF = __name__
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024**2
SERVERLESS: dict[str, object] = {}
LOGGING = {
    "version": 1,
    "formatters": {"json": {"()": "serverless.log.JsonFormatter"}},
    "handlers": {"null": {"class": "logging.FileHandler", "filename": "/dev/null", "formatter": "json"}},
    "loggers": {"serverless": {"handlers": ["null"], "level": "INFO", "propagate": False}},
}

IMAGE = bytes(range(256)) * 1172
ROWS = [{"number": number, "name": f"Photo {number}", "price": number * 1.1} for number in range(30)]
TABLE = """<table>{% for row in rows %}<tr class="{% cycle 'odd' 'even' %}"><td>{{ row.number }}</td>
<td>{{ row.name|upper }}</td><td>{{ row.price|floatformat:2 }}</td></tr>{% endfor %}</table>"""


def empty(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


def rows(_: HttpRequest) -> HttpResponse:
    template = engines["django"].from_string(TABLE)
    return HttpResponse(template.render({"rows": ROWS}))


def json(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": ROWS})


def cookies(_: HttpRequest) -> HttpResponse:
    response = HttpResponse("cookies")
    response.set_cookie("a", "1", max_age=3600, httponly=True)
    response.set_cookie("b", "2", secure=True, samesite="Lax")
    return response


def binary(_: HttpRequest) -> HttpResponse:
    return HttpResponse(IMAGE, content_type="image/jpeg")


def post(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


post.csrf_exempt = True  # type: ignore[attr-defined]

urlpatterns = [path(view.__name__, view) for view in (empty, rows, json, cookies, binary, post)]
