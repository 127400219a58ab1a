"""Settings: environment variables in, Django's settings out. They import nobody; they name things by dotted path."""
