"""Mail to people, by the owner's SMTP server; without one the log says what would have been sent."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import structlog

from hub.settings import Settings

_SECONDS = 20.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    subject: str
    words: str


async def send_letter(settings: Settings, letter: Letter) -> None:
    """Sends it. Raises `aiosmtplib.SMTPException` or OSError when the server does not take it.

    Without `SAYHOOK_SMTP_URL` it goes to the log, for the owner of the hub to pass on.
    """
    url = settings.smtp_url.get_secret_value()
    if not url:
        log.warning("no_smtp_server_so_here_is_the_letter", to=letter.to, letter=letter.words)
        return
    import aiosmtplib  # few hubs send mail, and those that do, seldom

    server = urlsplit(url)
    await aiosmtplib.send(
        _message(settings, letter),
        hostname=server.hostname,
        port=server.port,
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=server.scheme == "smtps",
        timeout=_SECONDS,
    )


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.mail_from or f"sayhook@{urlsplit(settings.base_url).hostname}"
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message.set_content(letter.words)
    return message
