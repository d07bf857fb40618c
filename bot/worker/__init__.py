"""Claims rows, sends them, settles them; and asks each half minute what is due."""

from bot.worker.worker import Worker

__all__ = ["Worker"]
