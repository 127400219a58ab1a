"""Django's PostgreSQL backend, for RDS: ``"ENGINE": "serverless.db.postgresql"``.

In: an entry of DATABASES; ``OPTIONS["iam"] = True`` and no PASSWORD. Out: connections that log in with a token minted
for each of them, to a server that has proven its name. Without ``iam`` it is Django's own backend.
May touch: PostgreSQL. Minting takes no request: the token is a signature.
"""
