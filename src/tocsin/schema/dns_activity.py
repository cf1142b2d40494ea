"""Name look-ups, OCSF DNS Activity (4003)."""

import pyarrow as pa

from tocsin.schema.columns import TIME, Table

DNS_ACTIVITY = Table(
    "dns_activity",
    "One DNS query, with its answer where that was seen.",
    {
        "time": (TIME, "When the query was seen."),
        "src_endpoint_ip": (pa.string(), "Client."),
        "src_endpoint_port": (pa.int32(), "Client port."),
        "dst_endpoint_ip": (pa.string(), "Server."),
        "dst_endpoint_port": (pa.int32(), "Server port."),
        "query_hostname": (pa.string(), "Name asked for, lower case."),
        "query_type": (pa.string(), "Record type as a word: A, AAAA, TXT, ANY."),
        "rcode": (pa.string(), "Response code as a word: NOERROR, NXDOMAIN; null if no answer was seen."),
        "answers": (pa.string(), "Answers, joined by a comma; null if none."),
    },
)
