"""A program: collects a project's static files in a folder, hashed as they will be served, and uploads nothing.

``python -P collector.py FOLDER ANSWER``, with the project's settings in the environment and its packages on the path:
``static`` runs it. ANSWER is a file for STATIC_ROOT and the manifest's name, as JSON; null without staticfiles.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    folder, answer = map(Path, sys.argv[1:])
    import django

    django.setup(set_prefix=False)
    from django.apps import apps
    from django.conf import settings

    if not apps.is_installed("django.contrib.staticfiles"):
        answer.write_text("null")
        return
    root = settings.STATIC_ROOT
    settings.STATIC_ROOT = str(folder)
    from django.contrib.staticfiles.storage import ManifestFilesMixin, StaticFilesStorage
    from django.core.management import call_command
    from django.utils.module_loading import import_string

    from serverless.storage.static import StaticStorage

    backend = import_string(settings.STORAGES["staticfiles"]["BACKEND"])
    # Asked before there is one: others read their manifest over the network.
    if issubclass(backend, StaticFilesStorage) and not issubclass(backend, ManifestFilesMixin):
        sys.exit(
            f"STORAGES['staticfiles'] is {backend.__name__}, which writes no manifest: the files of two releases could "
            "not lie side by side. Use serverless.storage.static.StaticStorage."
        )
    if not issubclass(backend, StaticFilesStorage):
        sys.exit(
            f"STORAGES['staticfiles'] is {backend.__name__}, which keeps its files elsewhere and would upload "
            "them now: use serverless.storage.static.StaticStorage."
        )
    if issubclass(backend, StaticStorage):
        settings.STORAGES["staticfiles"]["OPTIONS"]["publish"] = False
    call_command("collectstatic", interactive=False, verbosity=0)
    answer.write_text(json.dumps([str(root or ""), backend.manifest_name]))


if __name__ == "__main__":
    main()
