"""What people do with tasks, from the admin and ``manage.py tasks``: find, retry, cancel, look into dead letters."""
