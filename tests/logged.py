"""What the service writes while it logs as it is set up to; afterwards all is as it was.

Left to its own defaults, structlog shows an error with every local of every frame: in a test of
the whole application that takes fifteen seconds.
"""

import io
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import structlog

from bot.log import set_up


@contextmanager
def lines(secrets: Iterable[str], level: str = "info") -> Iterator[io.StringIO]:
    """Set logging up; gives what is written."""
    root, configured = logging.getLogger(), structlog.get_config()
    before = (root.handlers, root.level)
    stream = io.StringIO()
    try:
        set_up(secrets, level=level, stream=stream)
        yield stream
    finally:
        root.handlers, root.level = before
        structlog.configure(**configured)
