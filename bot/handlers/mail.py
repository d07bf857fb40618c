"""E-mail as a channel: one plain letter per notice; no code and no file ever travels in it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE

from bot.channel import Delivery, Limits, Never, Parcel, Preview
from bot.dialogs.replies import Cards, Option, Phrase, Picture, Reply, Sheet, Words
from bot.errors import BadStart, Refused
from bot.handlers.mail_post import Post
from bot.handlers.taking_away import as_text
from bot.locale import Texts

NAME = "mail"
SUBJECT = 70
"""Signs of a subject; longer ones are folded by servers and cut by phones."""


class MailChannel:
    """The road by e-mail. `sender` is `표시 이름 <address>` or an address alone.

    `page` is the agency's page where a case is opened again. Raises `BadStart` naming MAIL_FROM
    when the sender is no address.
    """

    name = NAME
    limits = Limits(
        text=100_000,
        file_bytes=0,
        per_second=5.0,
        per_chat=0.1,
        seconds=60.0,  # SMTP says several things, each with its own answer
        personal="no",
    )

    def __init__(
        self,
        post: Post,
        texts: Texts,
        site: Mapping[str, str],
        *,
        sender: str,
        page: str,
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._post = post
        self._texts = texts
        self._site = site
        self._sender = _sender(sender, site)
        self._page = page
        self._now = now
        self._random = random

    def preview(self, parcel: Parcel) -> Preview:
        """Give the letter as it would be read."""
        return Preview(f"{self._subject(parcel)}\n\n{self._body(parcel)}")

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Send one letter."""
        if parcel.delete is not None:
            return Never("mail_not_deletable")
        try:
            letter = self._letter(parcel)
        except ValueError:
            # A line break or another control sign where a header stands: an address that could
            # write headers of its own is no address (S31).
            return Never("mail_address", peer_gone=False)
        return await self._post.send(letter, self._sender.addr_spec, parcel.address)

    async def fetch(self, locator: str, most: int) -> bytes:  # noqa: ARG002
        """Refuse: nothing comes by e-mail."""
        raise Refused("file.unknown")

    def _letter(self, parcel: Parcel) -> EmailMessage:
        if not parcel.address.isprintable() or not parcel.address:
            raise ValueError("no address")
        letter = EmailMessage(policy=WIRE)
        letter["From"] = self._sender
        letter["To"] = Address(addr_spec=parcel.address)
        letter["Subject"] = self._subject(parcel)
        letter["Date"] = self._now()
        letter["Message-ID"] = f"<{self._random(16).hex()}@{self._sender.domain}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine shall answer it
        letter["X-Auto-Response-Suppress"] = "All"
        letter["Content-Language"] = parcel.lang
        letter.set_content(self._body(parcel), cte="base64")
        return letter

    def _subject(self, parcel: Parcel) -> str:
        title = " ".join(self._first(parcel).split())
        if len(title) > SUBJECT:
            title = title[: SUBJECT - 1].rstrip() + "…"
        # A notice begins with its number in brackets; the agency's name stands before it.
        subject = self._say(Phrase("mail.subject", {"title": title}), parcel.lang)
        if parcel.again:
            subject = self._say(Phrase("mail.again", {"subject": subject}), parcel.lang)
        # What looks like an encoded word (RFC 2047) would be read as one, line breaks and all.
        return "".join(sign for sign in subject if sign.isprintable()).replace("=?", "= ?")

    def _first(self, parcel: Parcel) -> str:
        said = self._say(_text(parcel.reply), parcel.lang)
        return said.partition("\n")[0]

    def _body(self, parcel: Parcel) -> str:
        reply, lang = parcel.reply, parcel.lang
        parts = [self._say(_text(reply), lang)]
        if isinstance(reply, Cards):
            parts += [
                f"{self._say(c.title, lang)}\n{self._say(c.text, lang)}" for c in reply.cards
            ]
        if isinstance(reply, Sheet):
            parts.append(as_text(reply.blocks, lambda words: self._say(words, lang)).rstrip())
        options = () if isinstance(reply, Picture) else reply.options
        links = [self._link(option, lang) for option in options if option.url]
        if links:
            parts.append("\n".join(links))
        if any(option.command for option in options):
            here = self._say(Phrase("mail.here"), lang)
            parts.append(f"{here}\n{self._say(Phrase('mail.page', {'url': self._page}), lang)}")
        parts.append(f"-- \n{self._say(Phrase('mail.footer'), lang)}")
        return "\n\n".join(parts) + "\n"

    def _link(self, option: Option, lang: str) -> str:
        said = {"label": option.label, "url": option.url}
        return self._say(Phrase("mail.button", said), lang)

    def _say(self, words: Words, lang: str) -> str:
        return self._texts.render(words, lang, self._site)


def _text(reply: Reply) -> Words:
    return reply.alt if isinstance(reply, Picture) else reply.text


def _sender(given: str, site: Mapping[str, str]) -> Address:
    name, _, rest = given.rpartition("<")
    try:
        return Address(
            (name.strip().strip('"') or site.get("agency", "")), addr_spec=rest.strip(" >")
        )
    except (ValueError, IndexError) as wrong:
        raise BadStart("settings", "MAIL_FROM", "보내는 주소가 아닙니다") from wrong
