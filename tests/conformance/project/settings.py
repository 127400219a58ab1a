"""No database, no templates: what matters is what passes in and out."""

SECRET_KEY = "only-for-conformance-" + "x" * 40
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.conformance.project.urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tests.conformance.project.middleware.fault",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# Django's own lines about 4xx and 5xx are what the cases ask for.
LOGGING = {"version": 1, "loggers": {"django": {"level": "CRITICAL"}, "mangum": {"level": "CRITICAL"}}}
USE_TZ = True
