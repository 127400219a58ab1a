"""PostgreSQL, Valkey, S3 and SQS on this machine, as child processes, for the emulator and the tests.

Enters: a state directory, names of buckets and queues, the origins whose pages upload.
Leaves: the environment variables that lead settings to the services.
Touches: the state directory, ports of 127.0.0.1, child processes. A service whose variable is already set in the
environment is the user's own: it is not started, and only missing buckets and queues are made there.
"""

from serverless.emulator.services.start import Services, start_services

__all__ = ["Services", "start_services"]
