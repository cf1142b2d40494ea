import numpy as np
import pytest

from tocsin.scenario.addresses import addresses
from tocsin.scenario.capture import write_capture
from tocsin.scenario.packets import TcpOptions
from tocsin.scenario.sessions import Ending, Sessions, expanded, play
from tocsin.scenario.stage import MILLISECOND, SECOND, Traffic
from tocsin.terms import TcpFlag


def sessions(stage, *, ending=Ending.CLIENT_FIN, count=1, rounds=2, asked=100, answered=5000, label=0):
    client, server = addresses(["198.18.0.1"]), addresses([stage.site.web])
    noise = np.tile([0, answered], (count * rounds, 1))
    return Sessions(
        start_ns=stage.start_ns + np.arange(count) * SECOND,
        client=np.repeat(client, count),
        server=np.repeat(server, count),
        client_port=np.arange(count) + 2000,
        server_port=np.full(count, 4711),
        client_rtt_ns=np.full(count, 30 * MILLISECOND),
        server_rtt_ns=np.full(count, MILLISECOND),
        gap_ns=np.full(count, 100_000),
        rounds=np.full(count, rounds),
        request=np.tile([0, asked], (count * rounds, 1)),
        response=noise,
        response_span=np.full(count * rounds, 1 << 18),
        think_ns=np.full(count * rounds, 2 * MILLISECOND),
        pause_ns=np.zeros(count * rounds, np.int64),
        linger_ns=np.zeros(count, np.int64),
        ending=np.full(count, ending),
        label=label,
    )


def in_order(rows):
    return rows[np.argsort(rows["time_ns"], kind="stable")]


def test_expanded_numbers_items_within_their_kind():
    kind, step = expanded(np.array([2, 0, 3]))
    assert kind.tolist() == [0, 0, 2, 2, 2]
    assert step.tolist() == [0, 1, 0, 1, 2]


def test_a_session_opens_talks_and_closes_as_tcp_does(stage):
    rows = in_order(play(stage, sessions(stage, rounds=1, answered=10)).rows)
    syn, fin, psh, ack = TcpFlag.SYN, TcpFlag.FIN, TcpFlag.PSH, TcpFlag.ACK
    assert rows["flags"].tolist() == [syn, syn | ack, ack, psh | ack, psh | ack, ack, fin | ack, fin | ack, ack]
    assert rows["dst_port"].tolist() == [4711, 2000, 4711, 4711, 2000, 4711, 4711, 2000, 4711]
    client, server = int(rows["seq"][0]), int(rows["seq"][1])
    relative = [(int(r["seq"]) - (client if r["dst_port"] == 4711 else server)) % (1 << 32) for r in rows]
    assert relative == [0, 0, 1, 1, 1, 101, 101, 11, 102]


@pytest.mark.parametrize(
    ("ending", "flags_of_client", "flags_of_server"),
    [
        (Ending.CLIENT_FIN, TcpFlag.FIN, TcpFlag.FIN),
        (Ending.SERVER_FIN, TcpFlag.FIN, TcpFlag.FIN),
        (Ending.CLIENT_RST, TcpFlag.RST, 0),
        (Ending.OPEN, 0, 0),
    ],
)
def test_endings(stage, ending, flags_of_client, flags_of_server):
    rows = play(stage, sessions(stage, ending=ending)).rows
    closing = TcpFlag.FIN | TcpFlag.RST
    from_client = rows["dst_port"] == 4711
    assert np.bitwise_or.reduce(rows["flags"][from_client]) & closing == flags_of_client
    assert np.bitwise_or.reduce(rows["flags"][~from_client]) & closing == flags_of_server
    if ending in (Ending.CLIENT_FIN, Ending.SERVER_FIN):
        first = in_order(rows[rows["flags"] & TcpFlag.FIN > 0])[0]
        assert (first["dst_port"] == 4711) == (ending == Ending.CLIENT_FIN)


def test_all_bytes_are_sent_in_segments_and_every_other_is_acknowledged(stage):
    rows = play(stage, sessions(stage, count=3, rounds=2, answered=14_600)).rows
    data = rows[(rows["src_port"] == 4711) & (rows["payload_length"] > 0)]
    first = data[np.unique(data[["dst_port", "seq"]], return_index=True)[1]]  # Without what was sent again.
    assert first["payload_length"].sum() == 3 * 2 * 14_600
    room = np.where(first["options"] == TcpOptions.TIMESTAMPS, 1448, 1460)
    assert (first["payload_length"] <= room).all()
    acks = rows[(rows["dst_port"] == 4711) & (rows["payload_length"] == 0) & (rows["flags"] == TcpFlag.ACK)]
    assert 0.4 * len(first) < len(acks) < 0.8 * len(first)


def test_client_has_the_label_and_server_its_negative(stage):
    rows = play(stage, sessions(stage, label=3)).rows
    assert set(rows["label"][rows["dst_port"] == 4711].tolist()) == {3}
    assert set(rows["label"][rows["src_port"] == 4711].tolist()) == {-3}


def test_tshark_sees_no_gap_in_any_session(stage, tmp_path, tshark):
    rows = play(stage, sessions(stage, count=200, rounds=4, asked=3000, answered=40_000)).rows
    packets, _ = stage.finish(Traffic(rows))
    path = tmp_path / "sessions.pcap"
    write_capture(path, packets)
    wrong = "lost_segment", "ack_lost_segment", "out_of_order", "duplicate_ack", "zero_window"
    assert tshark(path, " || ".join(f"tcp.analysis.{name}" for name in wrong)) == []
    again = len(tshark(path, "tcp.analysis.retransmission"))
    assert 0 < again < 0.01 * len(packets)
