"""PostgreSQL on RDS: users that are known by their role alone, and connections that prove the server.

In: an entry of DATABASES, the variables DATABASE_ADMIN_SECRET or DATABASE_ADMIN_URL. Out: ``serverless.db.postgresql``,
a database backend that mints its passwords, and ``manage.py db bootstrap``, which makes the users that it connects as.
May touch: PostgreSQL, and Secrets Manager for the administrator's password.
"""
