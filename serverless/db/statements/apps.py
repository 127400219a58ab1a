from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "serverless.db.statements"
    label = "statements"
    verbose_name = "Database"
