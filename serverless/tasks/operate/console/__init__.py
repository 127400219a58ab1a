"""What ``manage.py tasks`` does, one module for each kind of subcommand.

In: parsed options. Out: text, or JSON where asked for. May touch: the tasks' tables, SQS for the dead-letter queues.
"""
