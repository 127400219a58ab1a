"""What pins a connection to RDS Proxy, or leaks through pgbouncer: found in what libpq sends, named by line.

In: connections of psycopg 3, watched while a test runs (``-p serverless.db.pinning.plugin``) or during one in so many
invocations (``SERVERLESS["PINNING"]``). Out: a ``Pin`` with the rule, the line of the project's code and the remedy.
May touch: libpq's trace of a watched connection, in memory alone; the connections of an invocation that pinned.
Imports nothing here: what every function loads are ``registry`` and ``sampling``, which load the rest when it is due.
"""
