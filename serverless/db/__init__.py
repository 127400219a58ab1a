"""PostgreSQL on RDS: users that are known by their role alone, and connections that survive freezes and failovers.

In: an entry of DATABASES, the variables DATABASE_ADMIN_SECRET or DATABASE_ADMIN_URL. Out: ``serverless.db.postgresql``,
a database backend that mints its passwords and asks nothing that need not be asked; ``failures``, what an error of the
database means; and ``manage.py db bootstrap``, which makes the users that the backend connects as.
May touch: PostgreSQL, and Secrets Manager for passwords.
"""

from serverless.db.failures import RETRY_AFTER_S, Failure, database_failure

__all__ = ["RETRY_AFTER_S", "Failure", "database_failure"]
