"""Mail: what is to be sent, kept in the database until it is.

In: `actions.send_mail_later` from other rooms, the signals of accounts, and the task that sends one mail.
Out: mails through Django's mailer; where DEMO is on, the pages under `/_local/mail/` that show what was caught.
Touches its two tables, the task queue and, in the worker alone, the mail server. Knows templates and addresses, no
galleries. Neither addresses nor texts are logged, and a mail that was sent keeps no text: it may hold a secret link.
"""
