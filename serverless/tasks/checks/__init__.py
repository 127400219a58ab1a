"""What ``manage.py check`` says of tasks: from the settings, from the tasks, and with --deploy from SQS."""
