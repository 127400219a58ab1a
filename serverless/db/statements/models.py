"""A model without a table of ours: it gives the page its place in the admin, and its permissions."""

from django.db import models


class Statement(models.Model):
    """A row of pg_stat_statements. It is read by ``reading``, never through this class."""

    queryid = models.BigIntegerField(primary_key=True)

    class Meta:
        managed = False
        db_table = "pg_stat_statements"
        verbose_name = "query"
        verbose_name_plural = "top queries"
        default_permissions = ("view",)
        permissions = [("reset_statement", "Can forget the counts of queries")]

    def __str__(self) -> str:
        return str(self.queryid)
