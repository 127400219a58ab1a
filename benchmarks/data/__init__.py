"""What the data layer costs beside plain Django and the protocol's own limits.

Enters: nothing; a PostgreSQL is started and stopped. Leaves: tables, printed. One module a subject, each with `main`.
"""
