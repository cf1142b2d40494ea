"""The packets and exported flows that show a finding, and that a mitigation is measured on."""

from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from tocsin.analyzers._candidates import grouped
from tocsin.analyzers._floods import Candidate
from tocsin.analyzers._mitigate import Packets
from tocsin.analyzers._traffic import aimed_at, family_of_kind, prefix_text
from tocsin.terms import TcpFlag

_SAMPLE = (
    "time",
    "src",
    "sport",
    "dst",
    "dport",
    "protocol",
    "flags",
    "length",
    "ttl",
    "icmp_type",
    "fragment",
    "weight",
    "group",
)


def _observed(tables: Mapping[str, Any], both: Any) -> Any:
    """Packets of captures' samples, and flows that come from exports, alike: what a mitigation is measured on."""
    packets = tables["network_packet"]
    sampled = packets.filter(packets.dst_endpoint_ip.notnull()).select(
        evidence_id=packets.evidence_id,
        record_offset=packets.record_offset,
        time=packets.time,
        src=packets.src_endpoint_ip,
        sport=packets.src_endpoint_port,
        dst=packets.dst_endpoint_ip,
        dport=packets.dst_endpoint_port,
        protocol=packets.connection_info_protocol_num,
        flags=packets.tcp_flags,
        length=packets.length_bytes,
        ttl=packets.ttl,
        icmp_type=packets.icmp_type,
        fragment=packets.fragment.cast("int32"),
        weight=packets.weight,
        family=family_of_kind(packets.packet_kind),
    )
    flows = both.filter(~both.captured, both.packets > 0)
    exported = flows.select(
        evidence_id=flows.evidence_id,
        record_offset=flows.record_offset,
        time=flows.time,
        src=flows.src,
        sport=flows.sport,
        dst=flows.dst,
        dport=flows.dport,
        protocol=flows.protocol,
        # A flow's flags are those of all its packets together; in a handshake never completed each one was a SYN.
        flags=ibis.ifelse((flows.family == "syn") & flows.unsolicited, TcpFlag.SYN, flows.flags).cast("int32"),
        length=(flows.bytes // flows.packets).cast("int32"),
        ttl=ibis.null("int32"),
        icmp_type=flows.icmp_type,
        fragment=(flows.family == "fragment").cast("int32"),
        weight=flows.packets,
        family=flows.family,
    )
    return grouped(sampled.union(exported.cast(sampled.schema())))


def samples(tables: Mapping[str, Any], both: Any, targets: list[str]) -> Any:
    """Observed packets toward (or, for scanners, from) the targets; the first 20,000 of each."""
    observed = _observed(tables, both)
    names = ibis.memtable(pa.table({"target": targets or [""]}))
    aimed = aimed_at(observed, targets).union(observed.mutate(target=observed.src))
    rows = aimed.semi_join(names, aimed.target == names.target)
    order = [rows.time, rows.evidence_id, rows.record_offset, rows.src, rows.sport]
    return (
        rows.mutate(rank=ibis.row_number().over(group_by=rows.target, order_by=order))
        .filter(lambda t: t["rank"] < 20_000)
        .drop("rank")
    )


def weights(tables: Mapping[str, Any], both: Any) -> Any:
    observed = _observed(tables, both)
    return observed.group_by("dst").agg(weight=observed.weight.sum()).agg(weight=lambda t: t.weight.sum())


class Sample:
    """Observed packets by target, as columns."""

    def __init__(self, rows: pa.Table, weights: pa.Table) -> None:
        self.all = int(weights["weight"][0].as_py() or 0) if weights.num_rows else 0
        self._rows = rows
        self._targets = np.array(rows["target"].to_pylist(), object)

    def toward(self, c: Candidate) -> tuple[Packets, pa.Table]:
        """Packets toward the candidate's target, those of the attack marked; and the same rows for showing."""
        rows = self._rows.filter(pa.array(self._targets == c.target))
        incoming = [x is not None and (x == c.target or prefix_text(x) == c.target) for x in rows["dst"].to_pylist()]
        rows = rows.filter(pa.array(incoming, pa.bool_()))
        columns: dict[str, Any] = {
            name: np.nan_to_num(rows[name].cast(pa.float64()).to_numpy(), nan=-1).astype(np.int64)
            for name in ("sport", "dport", "protocol", "flags", "length", "ttl", "icmp_type", "fragment", "weight")
        }
        columns["src"] = np.array(rows["src"].to_pylist(), object)
        seconds = rows["time"].cast(pa.int64()).to_numpy() // 1_000_000
        inside = (seconds >= c.window.start) & (seconds <= c.window.end)
        groups = np.array(rows["group"].to_pylist(), object)
        senders, heavy = columns["src"].tolist(), {source for source, _ in c.sources}
        legit = np.fromiter((sender in c.visitors for sender in senders), bool, len(senders))
        attack = inside & (groups == c.group) & ~legit
        # What the same machines send beside it (resets to answers, say) is neither the attack nor anybody's loss.
        beside = inside & ~attack & ~legit & np.fromiter((sender in heavy for sender in senders), bool, len(senders))
        others = max(0, self.all - int(columns["weight"].sum()))
        shown = rows.filter(pa.array(attack))
        return Packets({name: values[~beside] for name, values in columns.items()}, attack[~beside], others), shown

    def sent_by(self, c: Candidate) -> pa.Table:
        """Packets that a scanner or a backscattering host sent."""
        senders = {source for source, _ in c.sources}
        mine = [
            target == c.target and src in senders
            for target, src in zip(self._targets, self._rows["src"].to_pylist(), strict=True)
        ]
        return self._rows.filter(pa.array(mine, pa.bool_()))
