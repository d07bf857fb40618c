"""What the service does: plain functions on one open transaction, given the desk as first value."""

from bot.services.base import Actor, Catalogue, Desk

__all__ = ["Actor", "Catalogue", "Desk"]
