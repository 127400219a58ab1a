from django.db import models


class Note(models.Model):
    mark = models.TextField()
    objects: "models.Manager[Note]" = models.Manager()

    class Meta:
        app_label = "replicated"
        managed = False
        db_table = "notes"

    def __str__(self) -> str:
        return self.mark
