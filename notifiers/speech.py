"""What a call says: that something urgent waits, from whom, and where to look. Nothing else.

It is one fixed text per language and kind of recipient, so nothing personal and no word about a
breach can get into it. The code is said in that call only; it is never the
incident's number.
"""

from typing import Literal, NamedTuple
from urllib.parse import urlencode

from notifiers.base import Purpose


class Words(NamedTuple):
    """The sentences of one language.

    Attributes:
        locale: As Twilio's ``<Say>`` names it.
        customer: To a customer.
        ahead: To a customer whose mail has not left yet.
        team: To the operator's own people.
        code: Asks for the code.
        bye: Ends the call.
    """

    locale: str
    customer: str
    ahead: str
    team: str
    code: str
    bye: str


WORDS = {
    "en": Words(
        "en-GB",
        "This is an automatic call from {operator}. An urgent security notice about your service "
        "awaits you in your e-mail, at the address you gave us.",
        "This is an automatic call from {operator}. We have an urgent security notice about your "
        "service for you. We are trying to send it to your e-mail, at the address you gave us, and "
        "have not succeeded yet. If it does not arrive, please contact us.",
        "This is an automatic call from {operator}. An urgent message for the person on call "
        "awaits you in your e-mail.",
        "To confirm that you have been reached, enter these four digits: {code}.",
        "Goodbye.",
    ),
    "fr": Words(
        "fr-FR",
        "Bonjour, ici {operator}. Ceci est un appel automatique. Un avis de sécurité urgent "
        "concernant votre service vous attend dans votre messagerie, à l'adresse que vous nous "
        "avez indiquée.",
        "Bonjour, ici {operator}. Ceci est un appel automatique. Nous avons pour vous un avis de "
        "sécurité urgent concernant votre service. Nous essayons de l'envoyer à votre messagerie, "
        "à l'adresse que vous nous avez indiquée, sans y parvenir jusqu'ici. S'il n'arrive pas, "
        "contactez-nous.",
        "Bonjour, ici {operator}. Ceci est un appel automatique. Un message urgent destiné "
        "à la personne d'astreinte vous attend dans votre messagerie.",
        "Pour confirmer que vous avez été joint, saisissez ces quatre chiffres : {code}.",
        "Au revoir.",
    ),
}

CODE_LENGTH = 4


def spoken(
    language: Literal["fr", "en"], purpose: Purpose, *, operator: str, ahead: bool = False
) -> str:
    """Return what a call says; ``ahead``: the mail it speaks of has not left yet."""
    words = WORDS[language]
    to_team = purpose in (Purpose.ALERT, Purpose.REMINDER)
    of_customer = words.ahead if ahead else words.customer
    return (words.team if to_team else of_customer).format(operator=operator)


def twiml(
    language: Literal["fr", "en"],
    purpose: Purpose,
    *,
    operator: str,
    action: str,
    code: str,
    ahead: bool = False,
) -> str:
    """Return what the call says and asks, as TwiML.

    Args:
        language: Of the recipient.
        purpose: Says whether a customer or the team is called.
        operator: Our name, as it is spoken.
        action: Where Twilio tells the digits that were keyed in; "" asks for none.
        code: The digits that confirm, of this call only.
        ahead: The mail it speaks of has not left yet.
    """
    # Twilio's library is slow to load, and has no types.
    from twilio.twiml.voice_response import (  # type: ignore[import-untyped]  # noqa: PLC0415
        Gather,
        VoiceResponse,
    )

    words = WORDS[language]
    text = spoken(language, purpose, operator=operator, ahead=ahead)
    response = VoiceResponse()
    if action:
        # Without digits Gather falls through to what follows: it is asked twice.
        for _ in range(2):
            gather = Gather(
                input="dtmf", num_digits=CODE_LENGTH, timeout=10, action=action, method="POST"
            )
            gather.say(text, language=words.locale)
            gather.say(words.code.format(code=". ".join(code)), language=words.locale)
            response.append(gather)
    else:
        response.say(text, language=words.locale, loop=2)
    response.say(words.bye, language=words.locale)
    return str(response)


def action_url(base: str, reference: str) -> str:
    """Return where Twilio tells the digits of one attempt, or "" without a public address."""
    return f"{base}?{urlencode({'reference': reference})}" if base else ""
