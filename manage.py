#!/usr/bin/env python
"""Django's command line: `python manage.py help`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    if sys.argv[1:2] == ["stack"]:  # about AWS, not about this machine: no settings, so that none need a database
        from serverless.deploy.__main__ import main

        sys.exit(main(sys.argv[1:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.local")
    execute_from_command_line(sys.argv)
