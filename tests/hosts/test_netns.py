"""The hosts themselves: they reach each other, a pulled cable is silent, networks stay apart."""

import socket

import pytest

from tests.hosts.netns import alone, network


def test_hosts_of_a_bridge_reach_each_other_until_the_cable_is_pulled() -> None:
    with network() as made:
        one, other = made.host("one"), made.host("other")
        with one.inside(lambda: socket.create_server((one.address, 80))):
            other.inside(lambda: socket.create_connection((one.address, 80), 60)).close()
            one.down()
            with pytest.raises(TimeoutError):
                other.inside(lambda: socket.create_connection((one.address, 80), 1))
            one.up()
            other.inside(lambda: socket.create_connection((one.address, 80), 60)).close()


def test_who_stands_alone_reaches_nobody() -> None:
    with network() as made, alone("apart") as apart:
        one = made.host("one")
        with one.inside(lambda: socket.create_server((one.address, 80))), pytest.raises(OSError):
            apart.inside(lambda: socket.create_connection((one.address, 80), 60))
