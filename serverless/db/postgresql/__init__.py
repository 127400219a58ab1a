"""Django's PostgreSQL backend, for one connection an execution environment: ``"ENGINE": "serverless.db.postgresql"``.

In: an entry of DATABASES; ``OPTIONS["iam"] = True`` and no PASSWORD, or ``OPTIONS["password_variable"]``, from whose
URL a rotated password is read again. Out: connections that log in with a token minted for each of them, to a server
that has proven its name; that ask nothing when they are made, and are looked at only after a freeze or an error.
May touch: PostgreSQL, and Secrets Manager for a password that is refused. Minting a token takes no request.
"""
