"""What is reached from here: this installation at its public address, and the mail server."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer

from engine.messages import translatable as _
from engine.operations import PermanentFailure
from engine.outgoing import AddressRefused, Outgoing, OutgoingError
from web.distributed.broker import NoCelery, why_away
from web.doctor.finding import Finding, failure, good, warning
from web.doctor.installation import Installation
from webhooks.mail.smtp import NotSent, greet

TOKEN = re.compile(r'name="csrf-token" content="([^"]{1,1000})"')
SALT = "wtf-csrf-token"
"""What Flask-WTF signs the tokens of forms for."""
READ = "/sign-in"
OK = 200


def address(installation: Installation) -> Finding:
    """Whether the public address is reached, by the rules for all requests, and leads to this very installation.

    Its sign-in page carries a token that is signed with the secret key, and so does no other's.
    """
    settings = installation.settings
    url = settings.public_url
    if url is None:
        return good(_("No public address is set: people reach it on this machine alone."))
    told = {"url": _shown(url)}
    try:
        answer = Outgoing(settings.outgoing).get(url + READ, {"accept": "text/html"})
    except AddressRefused:
        return warning(
            _("%(url)s is not at a public address, so it was not asked."),
            _(
                "To have it checked, name its host in PLANFLOW_OUTGOING_ALLOW; processes may call it then too."
            ),
            **told,
        )
    except OutgoingError as error:
        return failure(
            error.template,
            _(
                "Look at its name in DNS, its certificate, the proxy in front, and whether PlanFlow is running."
            ),
            **error.params,
        )
    if answer.status != OK or not (found := TOKEN.search(answer.text)):
        return failure(
            _("What answers at %(url)s is not PlanFlow (status %(status)d)."),
            _("Look where the proxy in front sends requests, and at PLANFLOW_PUBLIC_URL."),
            status=answer.status,
            **told,
        )
    if not _is_signed_here(found.group(1), settings.secret_key):
        return failure(
            _("At %(url)s another PlanFlow answers, or one with another secret key."),
            _("Give all servers the same PLANFLOW_SECRET_KEY, or mend PLANFLOW_PUBLIC_URL."),
            **told,
        )
    return _as_reached(installation, told["url"])


def _shown(url: str) -> str:
    """Without a name and password, which have no place in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _as_reached(installation: Installation, url: str) -> Finding:
    if not installation.settings.https:
        return warning(
            _("This installation answers at %(url)s, but what people send is not encrypted."),
            _("Put a proxy with HTTPS in front, and set PLANFLOW_PUBLIC_URL to its address."),
            url=url,
        )
    if installation.settings.proxies == 0:
        return warning(
            _("This installation answers at %(url)s, but it takes every caller for the proxy in front."),
            _(
                "Set PLANFLOW_PROXIES to the number of proxies, so that limits hold for each caller by itself."
            ),
            url=url,
        )
    return good(_("This installation answers at %(url)s."), url=url)


def _is_signed_here(token: str, key: str) -> bool:
    try:
        URLSafeTimedSerializer(key, salt=SALT).loads(token)
    except BadData:
        return False
    return True


def mail(installation: Installation) -> Finding:
    """Whether the mail server lets this installation in. No letter is sent."""
    server = installation.settings.mail
    if server is None:
        return good(_("No mail server is set, so no letters are sent."))
    try:
        greet(server)
    except PermanentFailure as error:
        return failure(error.template, _("Look at the settings of the mail server."), **error.params)
    except NotSent as error:
        return failure(
            _("The mail server cannot be reached: %(reason)s"),
            _("Look at the settings of the mail server; letters wait meanwhile, and are tried again."),
            reason=str(error),
        )
    return good(_("The mail server %(server)s lets us in."), server=f"{server.host}:{server.port}")


def broker(installation: Installation) -> Finding:
    """Whether the broker answers that jobs are handed over to, if there is one."""
    settings = installation.settings
    if settings.broker_url is None:
        return good(_("No broker is set; workers take jobs from the database."))
    try:
        reason = why_away(settings.broker_url, settings.broker_queue)
    except NoCelery:
        return failure(
            _("PLANFLOW_BROKER_URL is set, and what it needs is not installed."),
            _("Run: pip install 'planflow[distributed]'"),
        )
    if reason is not None:
        return failure(
            _("The broker cannot be used: %(reason)s"),
            _("Start it, or mend PLANFLOW_BROKER_URL. Until then jobs wait in the database."),
            reason=reason,
        )
    return good(_("The broker answers."))
