"""Django, stateless, on AWS Lambda.

In: Lambda events (HTTP, SQS, the minute tick). Out: what each event source expects back.
May touch: Django, PostgreSQL, SQS and S3. Knows nothing of the product that runs on it.
"""
