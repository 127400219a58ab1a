"""Mail out of a function, through Amazon SES: ``"BACKEND": "serverless.mail.ses.EmailBackend"`` in MAILERS.

In: Django's messages. Out: SES has taken them, or an error that says whether another try can help.
May touch: SES's API through the standard library, as the function's role; there is no SMTP password.
"""

from serverless.mail.exceptions import MailFailed, MailRefused

__all__ = ["MailFailed", "MailRefused"]
