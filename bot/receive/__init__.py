"""An update comes in, one transaction decides, an answer goes out."""

from bot.channel import Gone, Inbound
from bot.receive.received import Born, Received

__all__ = ["Born", "Received", "Receiver"]


class Receiver:
    """The one door for citizens' updates. Synchronous: edges call it in a thread."""

    def receive(self, inbound: Inbound) -> Received:
        """Answer one update, in one transaction, once.

        Raises `Conflict` when the id came before with another body, `Overloaded` when the
        database is away or budgets are crossed, anything else as the bug it is: then nothing
        was stored, and a messenger that sends again may.
        """
        raise NotImplementedError

    def show(self, channel: str, account: str, address: str, lang: str | None) -> Received:
        """Give what stands open now, changing nothing: a page that is loaded again."""
        raise NotImplementedError

    def gone(self, gone: Gone) -> None:
        """Note that a person left the channel, or came back."""
        raise NotImplementedError
