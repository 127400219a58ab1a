"""The crash rig: the promises of `serverless.tasks`, kept under faults that are made on purpose.

Enters: a scenario (a test) or a seed (`make soak`). Leaves: a history, and a verdict on it (`check`).
Touches: a PostgreSQL cluster of its own, processes that all end with it, ports of 127.0.0.1.

`rig` puts it together: web and worker are functions of the emulator that run `serverless.handlers.main.handler` on the
small Django project in `project`. Between them and the database stands `proxy`, which sees each statement and can
kill, stop, cut, stall or lie there; between them and SQS stands `sqs`, a queue in memory. The product has no hooks.

SQS is played in memory because most of its faults need a server that misbehaves on demand, and because a queue whose
clock can be moved lets an hour of back-off pass in a moment (`rig.Rig.advance`). Its receiving side is called, not
polled: who gets which message when is then the seed's decision, and "drained" a fact.
"""
