"""What accounts announce, inside the transaction that made it so. Who writes the mails listens."""

from django.dispatch import Signal

# An address has to be proven. Sends `user`, `link` and `occasion`, which is the same when a task announces again.
address_unproven = Signal()
# Somebody signed up with an address that has an account. Sends `user`, `links` (sign_in_link, reset_link), `occasion`.
address_taken = Signal()
# A new password is wanted. Sends `user`, `link` and `occasion`.
password_forgotten = Signal()
# Somebody is invited to a studio. Sends `invitation`, `link` and `occasion`.
invited = Signal()
