"""Why a mail was not taken. No message repeats an address or SES's own words, which do."""

from serverless.exceptions import ServerlessError


class MailFailed(ServerlessError, OSError):
    """SES did not take a mail, or nobody knows whether it did; another try may help.

    An OSError, as smtplib's errors are: who sends catches the same for every mailer.
    """


class MailRefused(MailFailed):
    """SES will never take this mail: its content or an address is at fault."""
