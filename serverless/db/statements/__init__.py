"""A staff page of the statements that cost a database most, from pg_stat_statements.

In: staff with ``statements.view_statement``; who may forget the counts has ``statements.reset_statement``. Out: a page
of Django's admin; texts without values, see ``masking``. May touch: that view, and its reset. The migration makes the
extension where it may; elsewhere the page says who has to.
"""
