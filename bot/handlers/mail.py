"""E-mail as a channel: one plain letter per notice; no code and no file ever travels in it.

An issue of the news (`News`) has markup and pictures beside its words, and what lets the reader's
mail client stop it by one press (RFC 8058).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from hashlib import sha256

from bot.channel import Carried, Delivery, Limits, Never, Parcel, Preview
from bot.dialogs.replies import Cards, News, Option, Phrase, Picture, Reply, Sheet, Words
from bot.errors import BadStart, Refused
from bot.handlers.mail_issue import Issues, Own
from bot.handlers.mail_post import Letter, Post
from bot.handlers.mail_signing import Signer
from bot.handlers.taking_away import as_text
from bot.locale import Texts
from bot.services.mail_addresses import wire_address

NAME = "mail"
PER_SECOND, PER_DOMAIN = 5.0, 2.0
SUBJECT = 70
"""Signs of a subject; longer ones are folded by servers and cut by phones."""


class MailChannel:
    """The road by e-mail. `sender` is `표시 이름 <address>` or an address alone.

    `home` is where our pages begin; a case is opened again below it. `bounce` is the mailbox to
    which servers send back what they could not deliver: it names its reader behind a plus sign.
    Raises `BadStart` naming MAIL_FROM when the sender is no address.
    """

    name = NAME

    def __init__(
        self,
        post: Post,
        texts: Texts,
        site: Mapping[str, str],
        *,
        sender: str,
        home: str,
        bounce: str = "",
        signer: Signer | None = None,
        per_second: float = PER_SECOND,
        per_domain: float = PER_DOMAIN,
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self.limits = Limits(
            text=100_000,
            file_bytes=0,
            per_second=per_second,
            per_chat=0.1,
            per_domain=per_domain,
            seconds=60.0,  # SMTP says several things, each with its own answer
            personal="no",
        )
        self._post = post
        self._texts = texts
        self._site = site
        self._sender = sender_of(sender, site)
        self._page = f"{home}/status"
        self._bounce = bounce
        self._signer = signer
        self._now = now
        self._random = random
        self._issues = Issues(
            self._say, home=home, domain=self._sender.domain, fixed=self._head, random=random
        )

    def preview(self, parcel: Parcel) -> Preview:
        """Give the letter as it would be read; an issue also as a page, its pictures in it."""
        subject = self._subject(parcel)
        if isinstance(parcel.reply, News):
            said = f"{subject}\n\n{self._issues.text(parcel)}"
            return Preview(said, html=self._issues.page(parcel))
        return Preview(f"{subject}\n\n{self._body(parcel)}")

    async def deliver(self, parcel: Parcel) -> Delivery:
        """Send one letter."""
        if parcel.delete is not None:
            return Never("mail_not_deletable")
        try:
            address = wire_address(parcel.address)
        except ValueError:
            # A line break or another control sign where a header stands: an address that could
            # write headers of its own is no address (S31).
            return Never("mail_address", peer_gone=False)
        letter = self._letter(parcel, address)
        return await self._post.send(letter, self._envelope(parcel), address)

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._post.close()

    async def fetch(self, locator: str, most: int) -> bytes:  # noqa: ARG002
        """Refuse: nothing comes by e-mail."""
        raise Refused("file.unknown")

    def _letter(self, parcel: Parcel, address: str) -> Letter:
        name = self._name(parcel, address)
        if isinstance(parcel.reply, News):
            date = format_datetime(self._now())
            own = Own(address, date, name, self._unsubscribe(parcel.carried))
            return Letter(name, self._signed(self._issues.letter(parcel, own)))
        letter = self._head(parcel)
        letter["To"] = Address(addr_spec=address)
        letter["Date"] = self._now()
        letter["Message-ID"] = name
        letter.set_content(self._body(parcel), cte="base64")
        return Letter(name, self._signed(letter.as_bytes(policy=WIRE)))

    def _signed(self, wire: bytes) -> bytes:
        return wire if self._signer is None else self._signer.sign(wire)

    def _head(self, parcel: Parcel) -> EmailMessage:
        """Give the lines at the head that are the same for all readers."""
        letter = EmailMessage(policy=WIRE)
        letter["From"] = self._sender
        letter["Subject"] = self._subject(parcel)
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine shall answer it
        letter["X-Auto-Response-Suppress"] = "All"
        letter["Content-Language"] = parcel.lang
        if isinstance(parcel.reply, News):
            number = re.sub(r"[^A-Za-z0-9.-]", "", parcel.reply.number)[:40]
            letter["List-Id"] = f"<news.{self._sender.domain}>"  # RFC 2919
            letter["Precedence"] = "bulk"
            # What Gmail's operators count complaints by: the issue, never the reader.
            letter["Feedback-ID"] = f"{number}:news:{parcel.lang}:jeokgeuk"
        return letter

    def _name(self, parcel: Parcel, address: str) -> str:
        """Give the Message-ID; an issue has the same for a reader each time it goes out.

        Many mailboxes show a letter once that came twice under one name.
        """
        name = self._random(16).hex()
        if isinstance(parcel.reply, News) and parcel.carried and parcel.carried.bounce:
            said = f"{parcel.reply.number}\n{parcel.carried.bounce}\n{address}"
            name = sha256(said.encode("utf-8", "replace")).hexdigest()[:32]
        return f"<{name}@{self._sender.domain}>"

    def _envelope(self, parcel: Parcel) -> str:
        """Give the sender of the envelope: to whom a server says what it could not deliver."""
        token = parcel.carried.bounce if parcel.carried else ""
        if not self._bounce or not token:
            return self._sender.addr_spec
        local, _, domain = self._bounce.rpartition("@")
        return f"{local}+{token}@{domain}"

    def _unsubscribe(self, carried: Carried | None) -> tuple[str, ...]:
        if carried is None or not carried.stop:
            return ()
        if not self._bounce or not carried.bounce:
            return (carried.stop,)
        local, _, domain = self._bounce.rpartition("@")
        back = f"mailto:{local}+{carried.bounce}@{domain}?subject=unsubscribe"
        return (carried.stop, back)

    def _subject(self, parcel: Parcel) -> str:
        title = " ".join(self._first(parcel).split())
        if len(title) > SUBJECT:
            title = title[: SUBJECT - 1].rstrip() + "…"
        # A notice begins with its number in brackets; the agency's name stands before it, save
        # where the headline of an issue has it already.
        named = self._say(Phrase("mail.agency"), parcel.lang) in title
        subject = title
        if not (named and isinstance(parcel.reply, News)):
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


def sender_of(given: str, site: Mapping[str, str]) -> Address:
    """Read `표시 이름 <address>` or an address alone; raises `BadStart` naming MAIL_FROM."""
    name, _, rest = given.rpartition("<")
    try:
        return Address(
            (name.strip().strip('"') or site.get("agency", "")), addr_spec=rest.strip(" >")
        )
    except (ValueError, IndexError) as wrong:
        raise BadStart("settings", "MAIL_FROM", "보내는 주소가 아닙니다") from wrong
