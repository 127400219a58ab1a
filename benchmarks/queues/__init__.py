"""What ``benchmarks.tasks`` measures: ours and its peers, a module each, and the SQS that they all talk to.

Each module's ``MEASURES`` names what can be measured in it. ``measure`` is the process that a measurement runs in,
``sqs`` a server of its own, so that its work is nobody's; ``scale`` does the same to a table of many rows.
"""
