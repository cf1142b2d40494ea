"""The table of amplifier services: each row checked, each with its source."""

from tocsin.packs import amplifiers


def test_each_service_and_port_stands_once():
    rows = amplifiers()
    assert len({row.port for row in rows}) == len(rows), "a source port names one service"
    assert len({(row.service, row.port) for row in rows}) == len(rows)


def test_each_row_is_whole():
    for row in amplifiers():
        assert row.service.isidentifier(), row
        assert row.service == row.service.lower(), row
        assert 0 < row.port < 65_536, row
        assert row.factor >= 0, row
        assert len(row.source) > 5, row


def test_the_services_that_are_asked_for_are_there():
    wanted = {
        "dns", "ntp", "cldap", "memcached", "ssdp", "chargen", "snmp", "portmap", "wsd", "ard", "coap", "isakmp", "bacnet", "dvr",
        "ubnt", "stun", "slp", "qotd", "mdns", "tp240",
    }  # fmt: skip
    assert wanted - {row.service for row in amplifiers()} == set()
