"""E-mail addresses as the wire has them, and the domains behind them."""

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
MOST = 254
"""Signs of an address (RFC 5321 4.5.3.1.3, without the angle brackets)."""


def wire_address(address: str) -> str:
    """Give an address as the wire has it, a domain of other letters by its ASCII name (RFC 5890).

    Raises ValueError for what is none, for what could write a header of its own (S31), and for
    signs before the `@` that no mail server need know: other letters, quoted ones.
    """
    local, at, domain = address.rpartition("@")
    if not domain.isascii():
        address = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    if len(address) > MOST or not _PLAIN.fullmatch(address):
        raise ValueError("no address")
    return address


def mail_domain(address: str) -> str:
    """Give the domain of an address in small letters, "" for what is no address.

    Letters to one domain share a rate: its servers count them together (design §8).
    """
    try:
        return wire_address(address).rpartition("@")[2].lower()
    except ValueError:
        return ""
