"""An update comes in, one transaction decides, an answer goes out."""

from bot.receive.parts import Parts
from bot.receive.received import Born, Received
from bot.receive.receiver import Receiver

__all__ = ["Born", "Parts", "Received", "Receiver"]
