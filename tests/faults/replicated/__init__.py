"""A Django project of one page on a primary and a replica: GET lists notes, POST adds one.

In: DATABASE_URL, DATABASE_REPLICA_URL and REPLICAS, the JSON of the bounds. Out: the notes, and where they were read.
"""
