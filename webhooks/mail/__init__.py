"""Letters: what people want to be told by e-mail, sent through the organisation's SMTP server.

`observer` puts a job in for each reader in the transaction of the command that it tells of; `sending` writes the letter
with `writing` and `wording` when its turn has come, and hands it to the server through `smtp`.
"""

from webhooks.mail.observer import Audience, LetterBox
from webhooks.mail.readers import ALL, MINE, NOTHING, WISHES, Reader
from webhooks.mail.sending import KIND, Letters
from webhooks.mail.smtp import NONE, PORTS, STARTTLS, TLS, MailServer, read_sender
from webhooks.mail.writing import Desk, Words

__all__ = [
    "ALL",
    "KIND",
    "MINE",
    "NONE",
    "NOTHING",
    "PORTS",
    "STARTTLS",
    "TLS",
    "WISHES",
    "Audience",
    "Desk",
    "LetterBox",
    "Letters",
    "MailServer",
    "Reader",
    "Words",
    "read_sender",
]
