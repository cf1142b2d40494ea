"""Compiled kernels over captured packets: headers to per-second series, to flows, and to a sample.

A chunk is a byte buffer with a record index (``offset``, ``time_ns``, ``captured``, ``original``, ``link``) made by the walker of
its file format; the kernels below do not know the format. They hold no Python objects and release the interpreter lock. All
integers are int64: numba would turn a mix of signed and unsigned into floats. IPv4 addresses are IPv4-mapped (RFC 4291,
2.5.5.2) in two words, so that one code path serves both families.
"""

import numpy as np
from numba import njit

from tocsin.packs import amplifiers
from tocsin.schema.network_traffic import PACKET_KINDS

SERVICES = tuple(dict.fromkeys(a.service for a in amplifiers()))
KINDS = (*PACKET_KINDS, *(f"udp_from_{s}" for s in SERVICES), *(f"udp_to_{s}" for s in SERVICES))
assert len(KINDS) <= 256, "packet kinds are held in one byte"

_K = {name: number for number, name in enumerate(KINDS)}
(
    NON_IP, IP_OTHER, FRAGMENT, TCP_SYN, TCP_SYN_ACK, TCP_ACK, TCP_DATA, TCP_FIN, TCP_RST, TCP_OTHER, HTTP_REQUEST, UDP, DHCP,
    ICMP_ECHO, ICMP_REPLY, ICMP_UNREACHABLE, ICMP_OTHER,
    ICMP6_ECHO, ICMP6_REPLY, ICMP6_UNREACHABLE, ICMP6_NEIGHBOUR, ICMP6_OTHER,
) = (_K[name] for name in PACKET_KINDS)  # fmt: skip
FROM_SERVICE, TO_SERVICE = len(PACKET_KINDS), len(PACKET_KINDS) + len(SERVICES)
DNS_FROM, NTP_FROM = _K["udp_from_dns"], _K["udp_from_ntp"]

# Port to 1 + service number, 0 for none.
SERVICE_OF_PORT = np.zeros(65536, np.int64)
for _amplifier in amplifiers():
    SERVICE_OF_PORT[_amplifier.port] = 1 + SERVICES.index(_amplifier.service)

# Link types, https://www.tcpdump.org/linktypes.html
NULL, ETHERNET, PPP, RAW_BSD, RAW_OPENBSD, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 0, 1, 9, 12, 14, 101, 108, 113, 228, 229, 276
LINK_TYPES = (NULL, ETHERNET, PPP, RAW_BSD, RAW_OPENBSD, RAW, LOOP, SLL, IPV4, IPV6, SLL2)

V4_MAPPED = 0xFFFF_0000_0000
SECOND_NS = 1_000_000_000
_MIX_1, _MIX_2, _MIX_3 = 0x2545F4914F6CDD1D, 0x369DEA0F31A53F85, 0x1B873593CC9E2D51  # odd 63-bit multipliers

# Columns of the flow table: one row per flow, 128 bytes, two cache lines.
(F_SRC_HI, F_SRC_LO, F_DST_HI, F_DST_LO, F_PORTS, F_FIRST, F_LAST, F_PACKETS, F_BYTES, F_FRAMES, F_PACKETS_IN, F_BYTES_IN,
 F_FRAMES_IN, F_FLAGS, F_OFFSET, F_HASH) = range(16)  # fmt: skip

# Columns of the sample.
(S_TIME, S_SRC_HI, S_SRC_LO, S_DST_HI, S_DST_LO, S_SPORT, S_DPORT, S_PROTOCOL, S_KIND, S_FLAGS, S_WINDOW, S_ICMP, S_TTL,
 S_LENGTH, S_PAYLOAD, S_FRAGMENT, S_OFFSET) = range(17)  # fmt: skip


@njit(forceinline=True, nogil=True, cache=True)
def _u16(buf, p):
    return (np.int64(buf[p]) << 8) | np.int64(buf[p + 1])


@njit(forceinline=True, nogil=True, cache=True)
def _u32(buf, p):
    return (np.int64(buf[p]) << 24) | (np.int64(buf[p + 1]) << 16) | (np.int64(buf[p + 2]) << 8) | np.int64(buf[p + 3])


@njit(forceinline=True, nogil=True, cache=True)
def _u64(buf, p):
    return (_u32(buf, p) << 32) | _u32(buf, p + 4)


@njit(forceinline=True, nogil=True, cache=True)
def _mix(a, b, c):
    h = (a * _MIX_1) ^ (b * _MIX_2) ^ (c * _MIX_3)
    h ^= (h >> 29) & 0x7FFFFFFFF
    h *= _MIX_1
    return h ^ ((h >> 32) & 0xFFFFFFFF)


@njit(nogil=True, cache=True)
def _network_layer(buf, p, end, link):
    """Skip the link layer: ``(position of the IP header, 4 or 6)``, or ``(position, 0)`` if there is none."""
    kind = 0
    if link == ETHERNET:
        if p + 14 > end:
            return p, 0
        kind = _u16(buf, p + 12)
        p += 14
    elif link == SLL:
        if p + 16 > end:
            return p, 0
        kind = _u16(buf, p + 14)
        p += 16
    elif link == SLL2:
        if p + 20 > end:
            return p, 0
        kind = _u16(buf, p)
        p += 20
    elif link == PPP:
        if p + 4 <= end and buf[p] == 0xFF and buf[p + 1] == 0x03:
            p += 2
        if p + 2 > end:
            return p, 0
        kind = _u16(buf, p)
        kind = 0x0800 if kind == 0x0021 else 0x86DD if kind == 0x0057 else 0
        p += 2
    elif link in (NULL, LOOP):
        p += 4  # an address family in some host's byte order: the IP version nibble is surer
        kind = 0x0800
    elif link in (RAW_BSD, RAW_OPENBSD, RAW, IPV4, IPV6):
        kind = 0x0800
    else:
        return p, 0
    for _ in range(8):  # VLAN tags, MPLS labels, PPPoE: each moves forward, and eight are more than any network nests
        if kind in (0x8100, 0x88A8, 0x9100):
            if p + 4 > end:
                return p, 0
            kind = _u16(buf, p + 2)
            p += 4
        elif kind == 0x8864:
            if p + 8 > end:
                return p, 0
            kind = _u16(buf, p + 6)
            kind = 0x0800 if kind == 0x0021 else 0x86DD if kind == 0x0057 else 0
            p += 8
        elif kind == 0x8847:
            bottom = False
            while p + 4 <= end and not bottom:
                bottom = (buf[p + 2] & 1) == 1
                p += 4
            kind = 0x0800
        else:
            break
    if kind not in (0x0800, 0x86DD) or p >= end:
        return p, 0
    version = np.int64(buf[p]) >> 4
    if version == 4 and p + 20 <= end:
        return p, 4
    if version == 6 and p + 40 <= end:
        return p, 6
    return p, 0


@njit(forceinline=True, nogil=True, cache=True)
def _udp_kind(buf, p, end, sport, dport):
    if dport == 67 or dport == 547:
        return DHCP
    source, target = SERVICE_OF_PORT[sport], SERVICE_OF_PORT[dport]
    if source != 0 and target == 0:
        return FROM_SERVICE + source - 1
    if target != 0 and source == 0:
        return TO_SERVICE + target - 1
    if source == 0:
        return UDP
    # Both ends on a service's port (NTP, DNS between servers, mDNS): the payload tells query from answer where it can.
    answer = FROM_SERVICE + source - 1
    if answer == DNS_FROM and p + 3 <= end and (buf[p + 2] & 0x80) == 0:
        return TO_SERVICE + target - 1
    if answer == NTP_FROM and p < end and (buf[p] & 7) in (1, 3):
        return TO_SERVICE + target - 1
    return answer


@njit(forceinline=True, nogil=True, cache=True)
def _starts_http_request(buf, p, end):
    if p + 5 > end:
        return False
    word = _u32(buf, p)
    return (
        word == 0x47455420  # "GET "
        or (word == 0x504F5354 and buf[p + 4] == 32)  # "POST "
        or (word == 0x48454144 and buf[p + 4] == 32)  # "HEAD "
        or word == 0x50555420  # "PUT "
        or word == 0x44454C45  # "DELE"
        or word == 0x4F505449  # "OPTI"
        or word == 0x50415443  # "PATC"
        or word == 0x54524143  # "TRAC"
    )


@njit(nogil=True, cache=True)
def parse(buf, p, captured, original, link):
    """Read one packet's headers.

    Returns:
        ``(kind, src_hi, src_lo, dst_hi, dst_lo, sport, dport, protocol, flags, window, icmp_type, ttl, length, payload_at,
        payload_bytes, fragment)``; ports, flags, window, icmp_type are -1 where there are none, ``kind`` is NON_IP where there
        is no IP header, ``length`` is the IP length in bytes, ``payload_at`` the position above TCP or UDP (-1 elsewhere).
    """
    start, end = p, p + captured
    p, version = _network_layer(buf, p, end, link)
    if version == 0:
        return NON_IP, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, 0, -1, 0, 0
    fragment_offset, first_of_many = 0, False
    if version == 4:
        header = (np.int64(buf[p]) & 15) * 4
        length = _u16(buf, p + 2)
        if length < 20:
            length = original - (p - start)  # zero with segmentation offload
        fragment_offset = _u16(buf, p + 6) & 0x1FFF
        first_of_many = fragment_offset == 0 and (buf[p + 6] & 0x20) != 0
        ttl, protocol = np.int64(buf[p + 8]), np.int64(buf[p + 9])
        src_hi, src_lo = 0, V4_MAPPED | _u32(buf, p + 12)
        dst_hi, dst_lo = 0, V4_MAPPED | _u32(buf, p + 16)
        ip_end = p + length
        p += max(header, 20)
        if protocol == 51 and fragment_offset == 0 and p + 8 <= end:  # authentication header, RFC 4302
            protocol, p = np.int64(buf[p]), p + (np.int64(buf[p + 1]) + 2) * 4
    else:
        length = _u16(buf, p + 4) + 40
        if length == 40 and buf[p + 6] != 59:
            length = original - (p - start)
        ttl, protocol = np.int64(buf[p + 7]), np.int64(buf[p + 6])
        src_hi, src_lo, dst_hi, dst_lo = _u64(buf, p + 8), _u64(buf, p + 16), _u64(buf, p + 24), _u64(buf, p + 32)
        ip_end = p + length
        p += 40
        for _ in range(24):  # extension headers, RFC 8200: each is at least 8 bytes long
            if protocol in (0, 43, 60, 135, 139, 140) and p + 8 <= end:
                protocol, p = np.int64(buf[p]), p + (np.int64(buf[p + 1]) + 1) * 8
            elif protocol == 44 and p + 8 <= end:
                fragment_offset = _u16(buf, p + 2) >> 3
                first_of_many = fragment_offset == 0 and (buf[p + 3] & 1) != 0
                protocol, p = np.int64(buf[p]), p + 8
                if fragment_offset != 0:
                    break
            elif protocol == 51 and p + 8 <= end:
                protocol, p = np.int64(buf[p]), p + (np.int64(buf[p + 1]) + 2) * 4
            else:
                break
    end = min(end, ip_end)
    sport, dport, flags, window, icmp_type, payload_at, payload = -1, -1, -1, -1, -1, -1, 0
    kind = IP_OTHER
    if fragment_offset == 0 and protocol == 6:
        kind = TCP_OTHER
        if p + 4 <= end:
            sport, dport = _u16(buf, p), _u16(buf, p + 2)
        if p + 16 <= end:
            flags, window = np.int64(buf[p + 13]), _u16(buf, p + 14)
            payload_at = p + max(20, (np.int64(buf[p + 12]) >> 4) * 4)
            payload = max(0, ip_end - payload_at)
            if flags & 4:
                kind = TCP_RST
            elif flags & 2:
                kind = TCP_SYN_ACK if flags & 16 else TCP_SYN
            elif flags & 1:
                kind = TCP_FIN
            elif flags & 16:
                kind = TCP_ACK
                if payload > 0:
                    kind = HTTP_REQUEST if _starts_http_request(buf, payload_at, end) else TCP_DATA
    elif fragment_offset == 0 and protocol == 17:
        kind = UDP
        if p + 8 <= end:
            sport, dport = _u16(buf, p), _u16(buf, p + 2)
            payload_at, payload = p + 8, max(0, ip_end - p - 8)
            kind = _udp_kind(buf, payload_at, end, sport, dport)
    if first_of_many and (protocol == 6 or (protocol == 17 and kind < FROM_SERVICE)):
        # The start of a fragmented packet counts with its rest, save for large answers of amplifiers: their port tells more.
        kind, sport, dport, flags, window = FRAGMENT, -1, -1, -1, -1
    if fragment_offset != 0:
        kind = FRAGMENT
    elif protocol == 1:
        kind = ICMP_OTHER
        if p + 1 <= end:
            icmp_type = np.int64(buf[p])
            if icmp_type == 8:
                kind = ICMP_ECHO
            elif icmp_type == 0:
                kind = ICMP_REPLY
            elif icmp_type == 3 or icmp_type == 11:
                kind = ICMP_UNREACHABLE
    elif protocol == 58:
        kind = ICMP6_OTHER
        if p + 1 <= end:
            icmp_type = np.int64(buf[p])
            if icmp_type == 128:
                kind = ICMP6_ECHO
            elif icmp_type == 129:
                kind = ICMP6_REPLY
            elif 1 <= icmp_type <= 4:
                kind = ICMP6_UNREACHABLE
            elif 130 <= icmp_type <= 137 or icmp_type == 143:
                kind = ICMP6_NEIGHBOUR
    return (
        kind, src_hi, src_lo, dst_hi, dst_lo, sport, dport, protocol, flags, window, icmp_type, ttl, length, payload_at, payload,
        1 if fragment_offset != 0 or first_of_many else 0,
    )  # fmt: skip


@njit(nogil=True, cache=True)
def series(buf, offsets, times, captured, originals, links, begin, count, base, slots, cells, sample, sample_mask):
    """Add records ``begin`` to ``count`` to per-second cells, and every ``1 / (sample_mask + 1)``-th to the sample.

    Args:
        slots: int32 hash index, length a power of two, -1 where free.
        cells: int64 ``(n, 7)``: destination (2 words), second * 256 + kind, packets, IP bytes, frame bytes, first offset.
            Their number stands in ``cells[-1, 0]``.
        sample: int64 ``(m, 17)``, columns ``S_*``; their number stands in ``sample[-1, 0]``.
        base: Added to offsets, so that they count from the start of the evidence.

    Returns:
        Number of the record it stopped at: ``count``, or less when the cells are full and must be emptied.
    """
    mask = len(slots) - 1
    used, room = cells[-1, 0], len(cells) - 1
    sampled, sample_room = sample[-1, 0], len(sample) - 1
    for i in range(begin, count):
        if used >= room:
            cells[-1, 0], sample[-1, 0] = used, sampled
            return i
        (kind, src_hi, src_lo, dst_hi, dst_lo, sport, dport, protocol, flags, window, icmp_type, ttl, length, _, payload, fragment
         ) = parse(buf, offsets[i], captured[i], originals[i], links[i])  # fmt: skip
        time = times[i]
        key = (time // SECOND_NS) * 256 + kind
        slot = _mix(dst_hi, dst_lo, key) & mask
        while True:
            cell = slots[slot]
            if cell < 0:
                cell = used
                slots[slot] = cell
                used += 1
                cells[cell, 0], cells[cell, 1], cells[cell, 2] = dst_hi, dst_lo, key
                cells[cell, 3], cells[cell, 4], cells[cell, 5] = 0, 0, 0
                cells[cell, 6] = base + offsets[i]
                break
            if cells[cell, 2] == key and cells[cell, 1] == dst_lo and cells[cell, 0] == dst_hi:
                break
            slot = (slot + 1) & mask
        cells[cell, 3] += 1
        cells[cell, 4] += length
        cells[cell, 5] += originals[i]
        # A multiplied index, not every n-th: attack tools repeat in cycles that a plain stride would follow.
        if ((i * 0x9E3779B1) >> 12) & sample_mask == 0 and sampled < sample_room:
            row = sample[sampled]
            row[0], row[1], row[2], row[3], row[4], row[5] = time, src_hi, src_lo, dst_hi, dst_lo, sport
            row[6], row[7], row[8], row[9], row[10], row[11] = dport, protocol, kind, flags, window, icmp_type
            row[12], row[13], row[14], row[15], row[16] = ttl, length, payload, fragment, base + offsets[i]
            sampled += 1
    cells[-1, 0], sample[-1, 0] = used, sampled
    return count


@njit(forceinline=True, nogil=True, cache=True)
def _same(f, src_hi, src_lo, dst_hi, dst_lo):
    return f[F_SRC_LO] == src_lo and f[F_DST_LO] == dst_lo and f[F_SRC_HI] == src_hi and f[F_DST_HI] == dst_hi


@njit(nogil=True, cache=True)
def flows(buf, offsets, times, captured, originals, links, begin, count, base, slots, table, idle_ns, picked):
    """Add records to the flow table (both directions of a conversation are one row; the first sender is the source).

    Args:
        slots, table: Hash index and rows of columns ``F_*``; the number of rows stands in ``table[-1, 0]``.
        idle_ns: A flow silent for longer is over; the next packet starts a new row.
        picked: int64 ``(m, 2)``: record number and payload position of packets whose payload Python shall read: HTTP requests
            (position) and flow exports in UDP (minus position). Their number stands in ``picked[-1, 0]``.

    Returns:
        Number of the record it stopped at: ``count``, or less when ``table`` or ``picked`` is full and must be emptied.
    """
    mask = len(slots) - 1
    used, room = table[-1, 0], len(table) - 1
    noted, note_room = picked[-1, 0], len(picked) - 1
    for i in range(begin, count):
        if used >= room or noted >= note_room:
            table[-1, 0], picked[-1, 0] = used, noted
            return i
        (kind, src_hi, src_lo, dst_hi, dst_lo, sport, dport, protocol, flags, _, icmp_type, _, length, payload_at, payload, _
         ) = parse(buf, offsets[i], captured[i], originals[i], links[i])  # fmt: skip
        if kind == NON_IP:
            continue
        if kind == HTTP_REQUEST:
            picked[noted, 0], picked[noted, 1] = i, payload_at
            noted += 1
        elif (
            protocol == 17 and payload >= 24 and _may_be_flow_export(buf, payload_at, offsets[i] + captured[i], payload, dport)
        ):
            picked[noted, 0], picked[noted, 1] = i, -payload_at
            noted += 1
        time, frame = times[i], originals[i]
        forward = ((sport & 0xFFFF) << 32) | ((dport & 0xFFFF) << 16) | (protocol << 1) | (1 if sport >= 0 else 0)
        backward = ((dport & 0xFFFF) << 32) | ((sport & 0xFFFF) << 16) | (protocol << 1) | (1 if sport >= 0 else 0)
        h = _mix(src_hi ^ (src_lo * _MIX_3), sport, protocol) + _mix(dst_hi ^ (dst_lo * _MIX_3), dport, protocol)
        slot = h & mask
        while True:
            row = slots[slot]
            if row < 0:
                break
            f = table[row]
            if f[F_HASH] == h:
                if f[F_PORTS] == forward and _same(f, src_hi, src_lo, dst_hi, dst_lo):
                    if time - f[F_LAST] > idle_ns:
                        row = -1
                        break
                    f[F_PACKETS] += 1
                    f[F_BYTES] += length
                    f[F_FRAMES] += frame
                    if flags >= 0:
                        f[F_FLAGS] |= flags
                    f[F_FIRST], f[F_LAST] = min(f[F_FIRST], time), max(f[F_LAST], time)
                    break
                if f[F_PORTS] == backward and _same(f, dst_hi, dst_lo, src_hi, src_lo):
                    if time - f[F_LAST] > idle_ns:
                        row = -1
                        break
                    f[F_PACKETS_IN] += 1
                    f[F_BYTES_IN] += length
                    f[F_FRAMES_IN] += frame
                    if flags >= 0:
                        f[F_FLAGS] |= flags << 8
                    f[F_FIRST], f[F_LAST] = min(f[F_FIRST], time), max(f[F_LAST], time)
                    break
            slot = (slot + 1) & mask
        if row < 0:
            slots[slot] = used
            f = table[used]
            used += 1
            f[F_SRC_HI], f[F_SRC_LO], f[F_DST_HI], f[F_DST_LO], f[F_PORTS] = src_hi, src_lo, dst_hi, dst_lo, forward
            f[F_FIRST], f[F_LAST], f[F_PACKETS], f[F_BYTES], f[F_FRAMES] = time, time, 1, length, frame
            f[F_PACKETS_IN], f[F_BYTES_IN], f[F_FRAMES_IN] = 0, 0, 0
            f[F_FLAGS] = (flags if flags >= 0 else 0) | ((icmp_type + 1) << 16)
            f[F_OFFSET], f[F_HASH] = base + offsets[i], h
    table[-1, 0], picked[-1, 0] = used, noted
    return count


@njit(forceinline=True, nogil=True, cache=True)
def _may_be_flow_export(buf, p, end, payload, dport):
    """A cheap first look; the decoder's own check decides."""
    if p + 24 > end:
        return False
    version = _u16(buf, p)
    if version == 5:
        return payload == 24 + 48 * _u16(buf, p + 2)
    if version == 10:
        return payload == _u16(buf, p + 2)
    if version == 9:
        return 0 < _u16(buf, p + 2) < 512 and _u16(buf, p + 20) < 65536 and _u16(buf, p + 22) <= payload - 20
    return version == 0 and _u16(buf, p + 2) == 5 and dport == 6343


@njit(nogil=True, cache=True)
def dotted(low, present, prefix, offsets, text):
    """Write IPv4 addresses as text, one after the other, as Arrow lays out strings.

    Args:
        low: The address in the lower 32 bits.
        present: Where there is one; the text of the others is empty.
        prefix: Where ``/16`` follows.
        offsets: int32, one more than addresses; where each text starts, and where the last ends.
        text: uint8, 18 for each address.

    Returns:
        Bytes written.
    """
    p = 0
    for i in range(len(low)):
        offsets[i] = p
        if not present[i]:
            continue
        for shift in (24, 16, 8, 0):
            octet = (low[i] >> shift) & 255
            if octet >= 100:
                text[p] = 48 + octet // 100
                p += 1
            if octet >= 10:
                text[p] = 48 + octet // 10 % 10
                p += 1
            text[p], text[p + 1] = 48 + octet % 10, 46
            p += 2
        p -= 1
        if prefix[i]:
            text[p], text[p + 1], text[p + 2] = 47, 49, 54
            p += 3
    offsets[len(low)] = p
    return p


@njit(nogil=True, cache=True)
def walk_pcap(buf, start, stop, swapped, long_header, tick_ns, limit, offsets, times, captured, originals):
    """Index the records of a pcap chunk.

    Args:
        start, stop: Where records start, where bytes end.
        swapped: Whether numbers are little-endian.
        long_header: Whether record headers have 24 bytes instead of 16 (magic a1b2cd34).
        tick_ns: Nanoseconds per unit of the sub-second field.
        limit: Largest plausible captured length.

    Returns:
        ``(records, position, damaged)``: the position is that of the first record that is not complete, or not plausible.
    """
    count, p = 0, start
    header = 24 if long_header else 16
    while p + header <= stop and count < len(offsets):
        if swapped:
            seconds, fraction = _le32(buf, p), _le32(buf, p + 4)
            length, original = _le32(buf, p + 8), _le32(buf, p + 12)
        else:
            seconds, fraction = _u32(buf, p), _u32(buf, p + 4)
            length, original = _u32(buf, p + 8), _u32(buf, p + 12)
        nothing = seconds == 0 and fraction == 0 and length == 0 and original == 0  # a hole in the file, not a packet
        if length > limit or fraction * tick_ns >= 2 * SECOND_NS or original > 16 * limit or nothing:
            return count, p, True
        if p + header + length > stop:
            break
        offsets[count], times[count] = p + header, seconds * SECOND_NS + fraction * tick_ns
        captured[count], originals[count] = length, max(original, length)
        count += 1
        p += header + length
    return count, p, False


@njit(forceinline=True, nogil=True, cache=True)
def _le32(buf, p):
    return np.int64(buf[p]) | (np.int64(buf[p + 1]) << 8) | (np.int64(buf[p + 2]) << 16) | (np.int64(buf[p + 3]) << 24)


@njit(nogil=True, cache=True)
def find_record(buf, start, stop, swapped, long_header, tick_ns, limit, first_s, last_s, within_s):
    """After damage, find the next place where three plausible records follow each other; -1 if there is none.

    At the end of the buffer fewer will do, if the last ends there. Plausible: lengths within ``limit``, a time not further
    than ``within_s`` from ``first_s`` or from ``last_s`` (two, as the damage may have reached one of them).
    """
    header = 24 if long_header else 16
    for candidate in range(start, stop - header):  # a record has at least one byte
        p, good = candidate, 0
        while p + header <= stop and good < 3:
            seconds = _le32(buf, p) if swapped else _u32(buf, p)
            fraction = _le32(buf, p + 4) if swapped else _u32(buf, p + 4)
            length = _le32(buf, p + 8) if swapped else _u32(buf, p + 8)
            original = _le32(buf, p + 12) if swapped else _u32(buf, p + 12)
            if length == 0 or length > limit or length > original or original > limit:
                break
            if min(abs(seconds - first_s), abs(seconds - last_s)) > within_s or fraction * tick_ns >= SECOND_NS:
                break
            good += 1
            p += header + length
        if good == 3 or (good > 0 and p == stop):
            return candidate
    return -1


@njit(nogil=True, cache=True)
def walk_pcapng(buf, start, stop, swapped, limit, interfaces, previous, offsets, times, captured, originals, links):
    """Index the packet blocks of a pcapng chunk, up to the next block that describes sections or interfaces.

    Args:
        interfaces: int64 ``(n, 4)``: link type, ticks per second, seconds to add, snap length (0: none).
        previous: Time of the packet before, for packets without a time of their own.

    Returns:
        ``(records, position, state)``; state 0: more bytes are needed, 1: a section or interface block stands at the position,
        2: damage there, 3: the index is full.
    """
    count, p = 0, start
    while True:
        if count >= len(offsets):
            return count, p, 3
        if p + 12 > stop:
            return count, p, 0
        if swapped:
            kind, length = _le32(buf, p), _le32(buf, p + 4)
        else:
            kind, length = _u32(buf, p), _u32(buf, p + 4)
        if kind == 0x0A0D0D0A:
            return count, p, 1
        if length < 12 or length > limit or length % 4 != 0:
            return count, p, 2
        if p + length > stop:
            return count, p, 0
        if kind == 1:
            return count, p, 1
        if kind == 6 or kind == 2:
            if length < 32:
                return count, p, 2
            if swapped:
                interface = _le32(buf, p + 8)
                high, low, size, original = _le32(buf, p + 12), _le32(buf, p + 16), _le32(buf, p + 20), _le32(buf, p + 24)
            else:
                interface = _u32(buf, p + 8)
                high, low, size, original = _u32(buf, p + 12), _u32(buf, p + 16), _u32(buf, p + 20), _u32(buf, p + 24)
            if kind == 2:
                interface = (interface & 0xFFFF) if swapped else (interface >> 16)
            if size > length - 32 or interface >= len(interfaces):
                return count, p, 2
            ticks = ((high & 0x7FFFFFFF) << 32) | low
            per_s = interfaces[interface, 1]
            rest = ticks % per_s
            # Resolutions above 1e9 would overflow the product; a float's 53 bits keep them to the nanosecond.
            fraction = rest * SECOND_NS // per_s if per_s <= SECOND_NS else np.int64(rest / per_s * 1e9)
            seconds = min(ticks // per_s, 9_000_000_000) + interfaces[interface, 2]
            previous = max(0, min(seconds, 9_000_000_000)) * SECOND_NS + fraction  # within int64
            offsets[count], times[count] = p + 28, previous
            captured[count], originals[count], links[count] = size, max(original, size), interfaces[interface, 0]
            count += 1
        elif kind == 3:
            if len(interfaces) == 0 or length < 16:
                return count, p, 2
            original = _le32(buf, p + 8) if swapped else _u32(buf, p + 8)
            size = min(length - 16, original)
            if interfaces[0, 3] > 0:
                size = min(size, interfaces[0, 3])
            offsets[count], times[count] = p + 12, previous
            captured[count], originals[count], links[count] = size, original, interfaces[0, 0]
            count += 1
        p += length


@njit(nogil=True, cache=True)
def find_block(buf, start, stop, swapped, limit):
    """After damage, find the next pcapng block of a known type whose two lengths agree; -1 if there is none."""
    for p in range(start, stop - 11):
        kind = _le32(buf, p) if swapped else _u32(buf, p)
        if kind not in (1, 2, 3, 4, 5, 6, 0x0A0D0D0A):
            continue
        little = swapped
        if kind == 0x0A0D0D0A:  # reads the same either way; its own byte order follows the length
            little = buf[p + 8] == 0x4D
        length = _le32(buf, p + 4) if little else _u32(buf, p + 4)
        if length < 12 or length > limit or length % 4 != 0 or p + length > stop:
            continue
        trailer = _le32(buf, p + length - 4) if little else _u32(buf, p + length - 4)
        if trailer == length:
            return p
    return -1
