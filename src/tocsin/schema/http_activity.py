"""Web requests, OCSF HTTP Activity (4002)."""

import pyarrow as pa

from tocsin.schema.columns import TIME, Table

HTTP_ACTIVITY = Table(
    "http_activity",
    "One HTTP request, from a web server's log, Zeek, Suricata, or cleartext in a capture.",
    {
        "time": (TIME, "When the request was received (some servers log the end; see the reader)."),
        "src_endpoint_ip": (pa.string(), "Client address as logged."),
        "dst_endpoint_ip": (pa.string(), "Server address, if known."),
        "dst_endpoint_port": (pa.int32(), "Server port, if known."),
        "http_request_http_method": (pa.string(), "Method."),
        "http_request_url_hostname": (pa.string(), "Host header or virtual host, if known."),
        "http_request_url_path": (pa.string(), "Path without query."),
        "http_request_url_query_string": (pa.string(), "Query without `?`; null if none."),
        "http_request_user_agent": (pa.string(), "User agent; null if none."),
        "http_request_referrer": (pa.string(), "Referrer; null if none."),
        "http_response_code": (pa.int32(), "Status code; null if no response was seen."),
        "http_response_length_bytes": (pa.int64(), "Response body (or bytes sent) as logged."),
        "duration_s": (pa.float64(), "Time taken; null if not logged."),
        "actor_user_name": (pa.string(), "Authenticated user; null if none."),
    },
)
