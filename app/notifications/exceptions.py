"""What goes wrong with a mail."""


class NotificationsError(Exception):
    """Base of every error of this room."""


class EmailNotSent(NotificationsError):
    """The mail server did not take a mail; the task tries again. Names the cause, never the address or the text."""


class EmailRefused(EmailNotSent):
    """The mail server will never take this mail; the task gives it up at once."""
