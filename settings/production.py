"""Loupe on AWS. The stack sets every variable; a missing one stops the function before it takes a request."""

from settings.base import *  # noqa: F403
from settings.base import SERVERLESS, env

# Cookies, HSTS and the redirect rest on it.
SITE_URL = env.url("SITE_URL", schemes=("https",))
# On AWS the lock is never off.
SERVERLESS["ORIGIN_SECRETS"] = env.items("ORIGIN_SECRETS")
# Without them nobody could see a photograph.
SERVERLESS["MEDIA_KEY_PAIR_ID"] = env.text("MEDIA_KEY_PAIR_ID")
SERVERLESS["MEDIA_PRIVATE_KEY"] = env.pem("MEDIA_PRIVATE_KEY")
# On the way through RDS Proxy a pin costs a connection of the database's; to watch one in a hundred costs nothing.
SERVERLESS["PINNING"] = {"SAMPLE": env.number("PINNING_SAMPLE", 100)}

MAILERS = {"default": env.mailer("EMAIL_URL")}

env.done()
