"""What abused services answer: payloads in each protocol's form, in the sizes they are known for.

Sizes follow the publications named in ``packs/data/amplifiers.csv``; the contents are made up.
"""

import struct
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from tocsin.scenario.ordinary import dns_answer

_FILLER = b"This text fills an answer of a service that answers more than it was asked. "


class Replies(NamedTuple):
    """Payloads a service answers with, any of them; how many answers one forged request draws (lowest, highest), how far apart."""

    payloads: tuple[bytes, ...]
    train: tuple[int, int] = (1, 1)
    gap_ms: float = 0.4


@cache
def replies(service: str) -> Replies:
    """The answers of one of ``tocsin.packs.amplifiers()``; KeyError for any other."""
    return SERVICES[service]()


def _text(length: int) -> bytes:
    return (_FILLER * (length // len(_FILLER) + 1))[:length]


def _bytes(length: int) -> bytes:
    return np.random.default_rng(length).bytes(length)


def _ber(tag: int, content: bytes) -> bytes:
    """A BER element with a definite length. Source: ITU-T X.690."""
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _qotd() -> Replies:
    return Replies(tuple(_text(length) for length in (120, 250, 480)))


def _chargen() -> Replies:
    """Lines of 72 characters. Source: RFC 864."""
    ring = bytes(range(33, 127)) * 2
    lines = b"".join(ring[number : number + 72] + b"\r\n" for number in range(90))
    return Replies((lines[:1022], lines[:3034], lines[:6000]))


def _dns() -> Replies:
    """Answers to ANY with long TXT records, most of them too long for one packet."""
    records = [(16, b"\xff" + _text(255)) for _ in range(15)]
    return Replies(tuple(dns_answer("anyone.example", 7, records[:count], kind=255) for count in (4, 11, 14, 15)))


def _tftp() -> Replies:
    """A first block of data, sent again and again. Source: RFC 1350."""
    return Replies((struct.pack(">HH", 3, 1) + _text(512),), (3, 6))


def _portmap() -> Replies:
    """The list of registered programs. Source: RFC 1833."""
    head = struct.pack(">6I", 7, 1, 0, 0, 0, 0)
    entry = b"".join(struct.pack(">5I", 1, 100003 + number % 5, number % 4 + 1, 17, 2049) for number in range(24))
    return Replies((head + entry[:240] + bytes(4), head + entry + bytes(4)))


def _ntp() -> Replies:
    """Answers to monlist: up to a hundred packets with six hosts each. Source: CVE-2013-5211."""
    items = b"".join(
        struct.pack(">IIII", 10, 20, 1, 5)
        + bytes([198, 18, 7, number])
        + bytes(4)
        + struct.pack(">IHBB", 0, 123, 7, 2)
        + bytes(40)
        for number in range(6)
    )
    return Replies(tuple(struct.pack(">BBBBHH", 0xD7, sequence, 3, 42, 6, 72) + items for sequence in range(8)), (4, 60))


def _netbios() -> Replies:
    """Node status of a host with six names. Source: RFC 1002."""
    name = b"\x20" + b"CK" + b"A" * 30 + b"\0"
    names = b"".join(f"HOST{number}".ljust(15).encode() + b"\0\4\0" for number in range(6))
    data = bytes([6]) + names + bytes(46)
    return Replies((struct.pack(">6H", 7, 0x8400, 0, 1, 0, 0) + name + struct.pack(">HHIH", 33, 1, 0, len(data)) + data,))


def _snmp() -> Replies:
    """Answers to a bulk request: a dozen to fifty long variables. Source: RFC 3416."""

    def response(count: int) -> bytes:
        variables = b"".join(
            _ber(0x30, _ber(6, bytes([0x2B, 6, 1, 2, 1, 1, number + 1, 0])) + _ber(4, _text(90))) for number in range(count)
        )
        body = _ber(2, b"\7") + _ber(2, b"\0") + _ber(2, b"\0") + _ber(0x30, variables)
        return _ber(0x30, _ber(2, b"\1") + _ber(4, b"public") + _ber(0xA2, body))

    return Replies((response(4), response(12), response(40)))


def _xdmcp() -> Replies:
    """Willing. Source: XDMCP 1.1, section 4."""
    body = struct.pack(">H", 0) + struct.pack(">H", 9) + b"host.test" + struct.pack(">H", 16) + b"0 users load 0.1"
    return Replies((struct.pack(">HHH", 1, 5, len(body)) + body,))


def _cldap() -> Replies:
    """The root entry of a domain controller, about 3,000 bytes. Source: RFC 4511."""

    def entry(count: int) -> bytes:
        attributes = b"".join(
            _ber(
                0x30,
                _ber(4, b"supportedControl")
                + _ber(0x31, b"".join(_ber(4, b"1.2.840.113556.1.4.%d" % (n + 100)) for n in range(8))),
            )
            for _ in range(count)
        )
        found = _ber(0x30, _ber(2, b"\7") + _ber(0x64, _ber(4, b"") + _ber(0x30, attributes)))
        return found + _ber(0x30, _ber(2, b"\7") + _ber(0x65, _ber(10, b"\0") + _ber(4, b"") + _ber(4, b"")))

    return Replies((entry(12), entry(13)))


def _slp() -> Replies:
    """Service replies grown by registering long services first. Source: RFC 2608, CVE-2023-29552."""

    def reply(length: int) -> bytes:
        url = b"service:test://" + _text(length).replace(b" ", b"-")
        entry = b"\0" + struct.pack(">HH", 0xFFFF, len(url)) + url + b"\0"
        body = b"\0\2en" + struct.pack(">HH", 0, 1) + entry
        size = 12 + len(body)
        return bytes([2, 2]) + size.to_bytes(3, "big") + bytes(5) + struct.pack(">H", 7) + body

    return Replies((reply(1300), reply(9000), reply(20000)))


def _isakmp() -> Replies:
    """A main-mode answer with one vendor's payload, sent several times. Source: RFC 2408."""
    vendor = struct.pack(">BBH", 0, 0, 84) + _bytes(80)
    return Replies((b"initiatr" + b"responde" + struct.pack(">BBBBII", 13, 0x10, 2, 0, 0, 28 + len(vendor)) + vendor,), (3, 5))


def _ripv1() -> Replies:
    """Responses with 25 routes. Source: RFC 1058."""
    route = struct.pack(">HHIIII", 2, 0, 0xC6120000, 0, 0, 3)
    return Replies((struct.pack(">BBH", 2, 1, 0) + route * 25,), (1, 4))


def _ipmi() -> Replies:
    """Presence pong. Source: ASF 2.0, section 3.2.4."""
    return Replies(
        (b"\6\0\xff\6" + struct.pack(">IBBBB", 4542, 0x40, 0, 0, 16) + struct.pack(">II", 4542, 0) + b"\x81" + bytes(7),)
    )


def _ms_sql() -> Replies:
    """The list of instances. Source: MC-SQLR 2.2.5."""
    entry = b"ServerName;HOST;InstanceName;SQL%d;IsClustered;No;Version;11.0.2100.60;tcp;1433;;"
    data = b"".join(entry % number for number in range(7))
    return Replies((b"\5" + struct.pack("<H", len(data)) + data,))


def _http_like(first: str, *fields: str, body: bytes = b"") -> bytes:
    return "\r\n".join([first, *fields, "", ""]).encode() + body


def _ssdp() -> Replies:
    """One answer for every service of a device. Source: UPnP Device Architecture 1.1."""
    kinds = (
        "upnp:rootdevice",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
    )
    return Replies(
        tuple(
            _http_like(
                "HTTP/1.1 200 OK", "CACHE-CONTROL: max-age=120", f"ST: {kind}", f"USN: uuid:11111111-2222-3333-4444-555555555555::{kind}",
                "EXT:", "SERVER: Linux/3.4 UPnP/1.0 MiniUPnPd/1.4", "LOCATION: http://192.168.1.1:1900/rootDesc.xml",
            )
            for kind in kinds
        ),
        (3, 10),
    )  # fmt: skip


def _ard() -> Replies:
    return Replies((struct.pack(">HH", 1, 1002) + _text(1002),))


def _stun() -> Replies:
    """Binding responses. Source: RFC 5389."""
    software = struct.pack(">HH", 0x8022, 32) + _text(32)
    mapped = struct.pack(">HHBBH4s", 0x0020, 8, 0, 1, 0x1234, bytes(4))
    body = mapped + software
    return Replies((struct.pack(">HHI", 0x0101, len(body), 0x2112A442) + b"transaction!" + body,))


def _wsd() -> Replies:
    """ProbeMatches in SOAP. Source: OASIS WS-Discovery 1.1."""
    head = (
        b'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><Scopes>'
    )
    return Replies(tuple(head + _text(length) + b"</Scopes></s:Body></s:Envelope>" for length in (600, 1100, 2600)))


def _sip() -> Replies:
    return Replies(
        (
            _http_like(
                "SIP/2.0 200 OK", "Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK1", "From: <sip:a@198.18.0.1>;tag=1",
                "To: <sip:b@198.18.0.2>;tag=2", "Call-ID: 7@198.18.0.1", "CSeq: 1 OPTIONS",
                "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO", "Content-Length: 0",
            ),
        )
    )  # fmt: skip


def _mdns() -> Replies:
    return Replies((dns_answer("_services._dns-sd._udp.local", 0, [(16, b"\xc8" + _text(200))] * 2, kind=255),))


def _coap() -> Replies:
    """Content of /.well-known/core. Source: RFC 7252, RFC 6690."""
    link = b'</sensors/%d>;rt="light";if="sensor",</actuators/%d>;ct=40,'
    return Replies((b"\x60\x45\x00\x07\xc1\x28\xff" + b"".join(link % (n, n) for n in range(18))[:-1],))


def _ubnt() -> Replies:
    fields = b"".join(bytes([kind]) + struct.pack(">H", 22) + _text(22) for kind in (2, 11, 12, 13, 3, 20))
    return Replies((b"\1\0" + struct.pack(">H", len(fields)) + fields,))


def _tp240() -> Replies:
    """Status lines of a test facility, thousands for one request. Source: CVE-2022-26143."""
    return Replies(
        tuple(b"call.startblast: sent %07d of 4294967294\0" % (number * 31) for number in range(16)), (200, 2000), 8.0
    )


def _memcached() -> Replies:
    """A stored value in many datagrams. Source: memcached protocol.txt, UDP frames."""
    first = struct.pack(">HHHH", 7, 0, 40, 0) + b"VALUE a 0 56000\r\n" + _text(1375)
    return Replies((first, *(struct.pack(">HHHH", 7, number, 40, 0) + _text(1392) for number in range(1, 40))), (20, 60))


def _quake() -> Replies:
    """Status with settings and players. Source: Quake III Arena source code, SVC_Status."""
    settings = b"\xff\xff\xff\xffstatusResponse\n\\mapname\\q3dm17\\sv_hostname\\" + _text(300) + b"\n"
    return Replies(tuple(settings + b'7 40 "player"\n' * players + b"\0" for players in (30, 60)))


def _steam() -> Replies:
    """Answer to A2S_INFO. Source: Valve developer wiki, Server queries."""
    return Replies((b"\xff\xff\xff\xffI\x11A server\0de_dust2\0cstrike\0Counter-Strike\0\n\0\x0c\x18\0dl\0\1" + b"1.38.0.1\0",))


def _bittorrent() -> Replies:
    """Nodes found. Source: BEP 5."""
    return Replies((b"d1:rd2:id20:" + b"i" * 20 + b"5:nodes208:" + b"n" * 208 + b"e1:t2:aa1:y1:re",))


def _openvpn() -> Replies:
    """Server resets, sent again and again."""
    return Replies((b"\x40" + b"session!" + b"\1" + bytes(4) + b"session?" + bytes(4),), (10, 60), 20.0)


def _dvr() -> Replies:
    body = b'{"method":"client.notifyDevInfo","params":{"deviceInfo":{"DeviceType":"DVR","DetailInfo":"' + _text(560) + b'"}}}'
    return Replies((b"\x20\0\0\0DHIP" + bytes(8) + struct.pack("<II", len(body), 0) * 2 + body,))


def _jenkins() -> Replies:
    return Replies(
        (b"<hudson><version>2.204</version><url>http://ci.example/</url><server-id>" + _text(180) + b"</server-id></hudson>",)
    )


def _plex() -> Replies:
    return Replies(
        (_http_like("HTTP/1.0 200 OK", "Content-Type: plex/media-server", "Name: home", "Port: 32400", "Version: 1.21"),)
    )


def _bacnet() -> Replies:
    """A list of objects. Source: ASHRAE 135, annex J and clause 20."""
    objects = b"".join(b"\xc4" + struct.pack(">I", number) for number in range(60))
    service = b"\x30\7\x0c\x0c\x02\0\0\1\x19\x4c\x3e" + objects + b"\x3f"
    return Replies((struct.pack(">BBH", 0x81, 10, 6 + len(service)) + b"\1\0" + service,))


def _rdpeudp() -> Replies:
    return Replies((struct.pack(">IHH", 0xFFFFFFFF, 64, 5) + bytes(1224),), (3, 10))


def _l2tp() -> Replies:
    """Start-Control-Connection-Reply. Source: RFC 2661."""
    pairs = b"\x80\x08\0\0\0\0\0\2\x80\x08\0\0\0\2\1\0\x80\x0a\0\0\0\3\0\0\0\3\x80\x0a\0\0\0\7host\x80\x08\0\0\0\x09\0\7"
    return Replies((struct.pack(">HHHHHH", 0xC802, 12 + len(pairs), 7, 0, 0, 1) + pairs,), (2, 5))


def _rpc() -> Replies:
    return Replies((struct.pack(">6I", 7, 1, 0, 0, 0, 0) + _bytes(220),))


def _plain(prefix: bytes, *lengths: int, train: tuple[int, int] = (1, 1)) -> Callable[[], Replies]:
    """Services whose answers are best known by their size."""
    return lambda: Replies(tuple(prefix + _text(length) for length in lengths), train)


SERVICES: dict[str, Callable[[], Replies]] = {
    "qotd": _qotd,
    "chargen": _chargen,
    "dns": _dns,
    "tftp": _tftp,
    "portmap": _portmap,
    "ntp": _ntp,
    "netbios": _netbios,
    "snmp": _snmp,
    "xdmcp": _xdmcp,
    "cldap": _cldap,
    "slp": _slp,
    "isakmp": _isakmp,
    "ripv1": _ripv1,
    "ipmi": _ipmi,
    "ms_sql": _ms_sql,
    "ssdp": _ssdp,
    "ard": _ard,
    "stun": _stun,
    "wsd": _wsd,
    "citrix_ica": _plain(b"\x02\x05\xfd\xa8", 480, 1100),
    "sip": _sip,
    "mdns": _mdns,
    "coap": _coap,
    "ubnt": _ubnt,
    "tp240": _tp240,
    "memcached": _memcached,
    "quake": _quake,
    "steam": _steam,
    "bittorrent": _bittorrent,
    "openvpn": _openvpn,
    "dvr": _dvr,
    "jenkins": _jenkins,
    "plex": _plex,
    "bacnet": _bacnet,
    "rdpeudp": _rdpeudp,
    "l2tp": _l2tp,
    "vxworks_wdb": _rpc,
    "crestron": _plain(b"\x15\0\0\0", 390),
    "powerhouse": _plain(b"\0\x01", 300, 800, train=(1, 3)),
}
