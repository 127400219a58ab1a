"""A database as it is after years: studios, galleries, photos, links and what clients did, without one file.

In: `manage.py seed`, how much of each, and a number; the same number makes the same rows. Out: rows, through COPY, in
one transaction. May touch: the tables of accounts, galleries and sharing, whose indexes and foreign keys it puts aside
while it loads; so it wants the owner of the tables. For measuring and for looking at plans, see docs/how-to/queries.md.
"""
