"""Write the small text-log samples beside this script: ``python tests/evidence/make_text_logs.py``.

Everything is made up: addresses and names are those kept for documentation (RFC 5737, 3849, 2606). A test checks that the files in
the repository are what this script writes.
"""

import json
from pathlib import Path

HERE = Path(__file__).parent


def _zeek(path: str, columns: list[tuple[str, str]], records: list[list[str]]) -> str:
    names, kinds = zip(*columns, strict=True)
    head = [
        "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", f"#path\t{path}",
        "#open\t2022-02-15-13-00-00", "#fields\t" + "\t".join(names), "#types\t" + "\t".join(kinds),
    ]  # fmt: skip
    return "\n".join([*head, *("\t".join(record) for record in records), "#close\t2022-02-15-14-00-00", ""])


ENDPOINTS = [
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
]
CONN = [
    *ENDPOINTS, ("proto", "enum"), ("service", "string"), ("duration", "interval"), ("orig_bytes", "count"), ("resp_bytes", "count"),
    ("conn_state", "string"), ("local_orig", "bool"), ("local_resp", "bool"), ("missed_bytes", "count"), ("history", "string"),
    ("orig_pkts", "count"), ("orig_ip_bytes", "count"), ("resp_pkts", "count"), ("resp_ip_bytes", "count"), ("tunnel_parents", "set[string]"),
]  # fmt: skip
CONN_RECORDS = [
    "1644930131.000001 C1 198.51.100.7 40001 192.0.2.10 443 tcp ssl 1.500000 517 3000 SF - - 0 ShADadfF 9 900 8 3500 -",
    "1644930131.250000 C2 203.0.113.9 1025 192.0.2.10 443 tcp - - - - S0 - - 0 S 1 60 0 0 -",
    "1644930131.500000 C3 203.0.113.10 1026 192.0.2.10 25 tcp - 0.000200 0 0 REJ - - 0 Sr 1 60 1 40 -",
    "1644930132.000000 C4 2001:DB8::7 40002 2001:db8::53 53 udp dns 0.010000 40 120 SF - - 0 Dd 1 88 1 168 -",
    "1644930133.000000 C5 198.51.100.8 8 192.0.2.10 0 icmp - 3.000000 224 224 OTH - - 0 - 4 336 4 336 -",
    "1644930134.000000 C6 2001:db8::8 128 2001:db8::10 129 icmp - 0.000000 56 0 OTH - - 0 - 1 104 0 0 -",
    "1644930135.000000 C7 198.51.100.9 40003 192.0.2.10 80 tcp http - - - RSTO - - 0 - 4 300 2 120 Ctunnel",
]
DNS = [
    *ENDPOINTS, ("proto", "enum"), ("trans_id", "count"), ("rtt", "interval"), ("query", "string"), ("qclass", "count"),
    ("qclass_name", "string"), ("qtype", "count"), ("qtype_name", "string"), ("rcode", "count"), ("rcode_name", "string"),
    ("AA", "bool"), ("TC", "bool"), ("RD", "bool"), ("RA", "bool"), ("Z", "count"), ("answers", "vector[string]"),
    ("TTLs", "vector[interval]"), ("rejected", "bool"),
]  # fmt: skip
DNS_RECORDS = [
    "1644930132.000000 C4 2001:db8::7 40002 2001:db8::53 53 udp 7 0.01 WWW.Example.ORG 1 C_INTERNET 1 A 0 NOERROR F F T T 0 "
    "web.example.org,192.0.2.10 300.0,300.0 F",
    "1644930133.000000 C8 203.0.113.9 5353 192.0.2.53 53 udp 8 - example.org 1 C_INTERNET 255 * - - F F T F 0 - - F",
    "1644930134.000000 C9 203.0.113.9 5354 192.0.2.53 53 udp 9 0.1 nx.example.org 1 C_INTERNET 28 AAAA 3 NXDOMAIN F F T T 0 (empty) - F",
]
HTTP = [
    *ENDPOINTS, ("trans_depth", "count"), ("method", "string"), ("host", "string"), ("uri", "string"), ("referrer", "string"),
    ("version", "string"), ("user_agent", "string"), ("request_body_len", "count"), ("response_body_len", "count"),
    ("status_code", "count"), ("status_msg", "string"), ("username", "string"),
]  # fmt: skip
HTTP_RECORDS = [
    "1644930135.000000 C7 198.51.100.9 40003 192.0.2.10 80 1 GET www.example.org:8080 /search?q=a%20b http://example.org/ 1.1 curl/7.68.0 0 1534 200 OK -",
    "1644930136.000000 C7 198.51.100.9 40003 192.0.2.10 80 2 POST www.example.org /login - 1.1 - 20 0 403 Forbidden admin",
    "1644930137.000000 C10 198.51.100.9 40004 192.0.2.10 80 1 - - - - - - 0 0 - - -",
]


def zeek_tsv() -> dict[str, str]:
    return {
        "zeek_tsv/conn.log": _zeek("conn", CONN, [record.split(" ") for record in CONN_RECORDS]),
        "zeek_tsv/dns.log": _zeek("dns", DNS, [record.split(" ") for record in DNS_RECORDS]),
        "zeek_tsv/http.log": _zeek("http", HTTP, [record.split(" ") for record in HTTP_RECORDS]),
    }


def _zeek_object(columns: list[tuple[str, str]], record: str) -> dict[str, object]:
    held: dict[str, object] = {}
    for (name, kind), text in zip(columns, record.split(" "), strict=True):
        if text == "-":
            continue
        if kind in ("port", "count"):
            held[name] = int(text)
        elif kind in ("time", "interval"):
            held[name] = float(text)
        elif kind.startswith(("vector", "set")):
            held[name] = [] if text == "(empty)" else text.split(",")
        else:
            held[name] = text == "T" if kind == "bool" else text
    return held


def zeek_json() -> dict[str, str]:
    conn = [_zeek_object(CONN, record) for record in CONN_RECORDS]
    dns = [_zeek_object(DNS, record) for record in DNS_RECORDS]
    http = [_zeek_object(HTTP, record) for record in HTTP_RECORDS]
    streams = [
        {"@stream": path, "@proc": "zeek", **record}
        for path, log in (("conn", conn[:2]), ("dns", dns[:1]), ("http", http[:1]))
        for record in log
    ]
    streams.insert(1, {"@stream": "weird", "@proc": "zeek", "ts": 1644930131.0, "uid": "C1", "name": "bad_TCP_checksum"})
    for record in streams:
        for name in [name for name in record if name.startswith("id.")]:
            record[name.replace(".", "_")] = record.pop(name)
    return {"zeek_json/conn.json": _json_lines(conn), "zeek_json/combined.json": _json_lines(streams)}


def _json_lines(records: list[dict[str, object]]) -> str:
    return "".join(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n" for record in records)


def suricata_eve() -> dict[str, str]:
    def event(
        second: float, kind: str, source: tuple[str, int], target: tuple[str, int], proto: str, **rest: object
    ) -> dict[str, object]:
        (src_ip, src_port), (dest_ip, dest_port) = source, target
        held = {"timestamp": f"2022-02-15T15:02:{second:09.6f}+0200", "flow_id": 7, "in_iface": "eth0", "event_type": kind, "src_ip": src_ip,
                "src_port": src_port, "dest_ip": dest_ip, "dest_port": dest_port, "proto": proto}  # fmt: skip
        return {**held, **rest}

    def span(start: float, end: float) -> dict[str, object]:
        return {"start": f"2022-02-15T15:02:{start:09.6f}+0200", "end": f"2022-02-15T15:02:{end:09.6f}+0200", "age": 1}

    web, dns, client, resolver = ("192.0.2.10", 443), ("192.0.2.53", 53), ("198.51.100.7", 40001), ("198.51.100.7", 5353)
    counts = {"pkts_toserver": 9, "pkts_toclient": 8, "bytes_toserver": 1026, "bytes_toclient": 3612}
    half_open = {"pkts_toserver": 2, "pkts_toclient": 0, "bytes_toserver": 120, "bytes_toclient": 0}
    icmp = event(4, "flow", ("198.51.100.8", 0), ("192.0.2.10", 0), "ICMP", icmp_type=8, icmp_code=0,
                 flow={"pkts_toserver": 1, "pkts_toclient": 1, "bytes_toserver": 98, "bytes_toclient": 98, **span(4, 4), "state": "established"})  # fmt: skip
    del icmp["src_port"], icmp["dest_port"]
    records = [
        event(0, "stats", client, web, "TCP", stats={"uptime": 8}),
        event(1, "dns", resolver, dns, "UDP", dns={"type": "query", "id": 1, "rrname": "WWW.example.org", "rrtype": "A", "tx_id": 0}),
        event(1.1, "dns", resolver, dns, "UDP", dns={"version": 2, "type": "answer", "id": 1, "rrname": "WWW.example.org", "rrtype": "A",
              "rcode": "NOERROR", "answers": [{"rrname": "www.example.org", "rrtype": "CNAME", "rdata": "web.example.org"},
                                               {"rrname": "web.example.org", "rrtype": "A", "rdata": "192.0.2.10"}]}),
        event(1.2, "dns", resolver, dns, "UDP", dns={"version": 3, "type": "request", "id": 2, "rcode": "NOERROR",
              "queries": [{"rrname": "nx.example.org", "rrtype": "AAAA"}]}),
        event(1.3, "dns", resolver, dns, "UDP", dns={"version": 3, "type": "response", "id": 2, "rcode": "NXDOMAIN",
              "queries": [{"rrname": "nx.example.org", "rrtype": "AAAA"}]}),
        event(1.4, "dns", dns, ("198.51.100.9", 5000), "UDP", flow_id=9, dns={"version": 2, "type": "answer", "id": 3, "rcode": "NOERROR",
              "rrname": "example.org", "rrtype": "ANY", "grouped": {"A": ["192.0.2.10"], "TXT": ["v=spf1 -all"]}}),
        event(1.5, "dns", resolver, dns, "UDP", flow_id=8, dns={"type": "query", "id": 4, "rrname": "mail.example.org", "rrtype": "MX"}),
        event(2, "http", client, ("192.0.2.10", 80), "TCP", http={"hostname": "www.example.org", "url": "/search?q=1", "http_user_agent":
              "Mozilla/5.0 (\u00e9)", "http_refer": "http://example.org/", "http_method": "GET", "protocol": "HTTP/1.1", "status": 200, "length": 1534}),
        event(9, "flow", client, web, "TCP", app_proto="tls", flow={**counts, **span(1, 2.5), "state": "closed", "reason": "timeout"},
              tcp={"tcp_flags": "1b", "tcp_flags_ts": "1b", "tcp_flags_tc": "1a", "syn": True}),
        event(9, "flow", ("203.0.113.9", 1025), web, "TCP", app_proto="failed", flow={**half_open, **span(3, 4), "state": "new"},
              tcp={"tcp_flags": "02", "tcp_flags_ts": "02", "tcp_flags_tc": "00", "syn": True}),
        icmp,
        event(9, "alert", client, web, "TCP", alert={"signature": "made up", "severity": 3}),
    ]  # fmt: skip
    return {"suricata_eve/eve.json": _json_lines(records)}


def argus_csv() -> dict[str, str]:
    header = "StartTime,LastTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,SrcPkts,DstPkts,TotPkts,SrcBytes,DstBytes,TotBytes"
    records = [
        "1644930120.504285,1644930120.501563,0.002722,man,0,0,,0,0,STA,,,0,0,0,0,0,0",
        "1644930131.000001,1644930132.500001,1.500000,tcp,198.51.100.7,40001,   ->,192.0.2.10,443,FIN,0,0,9,8,17,1026,3612,4638",
        "1644930131.250000,1644930131.250000,0.000000,tcp,203.0.113.9,1025,   ->,192.0.2.10,443,REQ,0,,1,0,1,58,0,58",
        "1644930131.300000,1644930131.300000,0.000000,tcp,203.0.113.80,80,   ->,192.0.2.10,52085,ACC,0,,1,0,1,58,0,58",
        "1644930132.000000,1644930132.010000,0.010000,udp,2001:db8::7,40002,  <->,2001:db8::53,domain,CON,0,0,1,1,2,102,182,284",
        "1644930133.000000,1644930133.000000,0.000000,ipv6-icmp,2001:db8::8,0x0080,   ->,2001:db8::10,0x0000,ECO,0,,1,0,1,118,0,118",
        "1644930134.000000,1644930134.000000,0.000000,arp,192.0.2.1,,  who,192.0.2.10,,INT,,,1,0,1,60,0,60",
        "1644930135.000000,1644930135.000000,0.000000,llc,00:13:7f:4f:8e:f2,66,   ->,01:80:c2:00:00:00,66,INT,,,1,0,1,60,0,60",
    ]
    ctu_header = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label"
    ctu = [
        "2022/02/15 13:02:11.000001,1.500000,tcp,198.51.100.7,40001,   ->,192.0.2.10,443,FSPA_FSPA,0,0,17,4638,1026,flow=Background",
        "2022/02/15 13:02:11.250000,0.000000,tcp,203.0.113.9,1025,   ->,192.0.2.10,443,S_,0,,3,186,186,flow=From-Botnet",
        "2022/02/15 13:02:12.000000,3.000000,icmp,198.51.100.8,0x0008,   ->,192.0.2.10,0x0a37,ECO,0,,4,392,392,flow=Normal",
        "2022/02/15 13:02:13.000000,0.010000,udp,198.51.100.7,40002,  <->,192.0.2.53,53,CON,0,0,2,284,102,flow=Background",
    ]
    return {
        "argus_csv/flows.csv": "\n".join([header, *records, ""]),
        "argus_csv/capture.binetflow": "\n".join([ctu_header, *ctu, ""]),
    }


AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:97.0) Gecko/20100101 Firefox/97.0"


def access_log() -> dict[str, str]:
    at = "[15/Feb/2022:15:02:11 +0200]"
    lines = [
        f'198.51.100.7 - - {at} "GET / HTTP/1.1" 200 1534',
        f'198.51.100.7 - alice {at} "GET /search?q=a%20b HTTP/1.1" 200 1534 "https://www.example.org/" "{AGENT}"',
        f'2001:DB8::7 - - {at} "POST /login HTTP/2.0" 302 0 "-" "curl/7.68.0"',
        f'::ffff:198.51.100.9 - - {at} "HEAD /? HTTP/1.0" 304 - "-" "-"',
        f'www.example.org:8443 198.51.100.7 - - {at} "GET /a HTTP/1.1" 200 10 "-" "{AGENT}"',
        f'198.51.100.7 - - {at} "GET /b HTTP/1.1" 200 10 "-" "{AGENT}" 0.123',
        f'198.51.100.7 - - {at} "GET /b HTTP/1.1" 200 10 "-" "{AGENT}" "203.0.113.5, 10.0.0.1" rt=1.500 uct=0.001',
        f'198.51.100.7 - John Smith {at} "GET /c HTTP/1.1" 401 10 "-" "say \\"hi\\" \\x22"',
        f'203.0.113.9 - - {at} "\\x16\\x03\\x01\\x02" 400 157 "-" "-"',
        f'203.0.113.9 - - {at} "-" 408 - "-" "-"',
        f'203.0.113.9 - - {at} "GET http://evil.example/x?y HTTP/1.1" 404 0 "-" "\u00fcml\u00e4ut"',
        'client.example.net - - [15/Feb/2022:15:02:60 +0200] "OPTIONS * HTTP/1.0" 200 110',
    ]
    syslog = [
        f'Feb 15 15:02:11 web1 nginx: 198.51.100.7 - - {at} "GET /a HTTP/1.1" 200 10 "-" "{AGENT}"',
        "Feb 15 15:02:11 web1 systemd[1]: Started Session 12 of user root.",
        f'<190>Feb 15 15:02:11 web1 nginx[812]: 2001:db8::7 - - {at} "GET /b HTTP/1.1" 200 10 "-" "-" 0.500',
        f'<190>1 2022-02-15T13:02:11.5Z web1 nginx 812 - [meta seq="1"] 198.51.100.8 - - {at} "GET /c HTTP/1.1" 503 0 "-" "-"',
        f'2022-02-15T15:02:11.123456+02:00 web1 httpd[7]: www.example.org:443 198.51.100.9 - bob {at} "GET /d HTTP/1.1" 200 7 "-" "-"',
    ]
    return {"access_log/access.log": "\n".join([*lines, ""]), "access_log/syslog.log": "\n".join([*syslog, ""])}


def access_json() -> dict[str, str]:
    nginx = [
        {"time_iso8601": "2022-02-15T15:02:11+02:00", "remote_addr": "198.51.100.7", "remote_user": "", "request": "GET /search?q=1 HTTP/1.1",
         "status": "200", "body_bytes_sent": "1534", "request_time": "0.123", "http_referer": "", "http_user_agent": AGENT, "host": "www.example.org",
         "server_addr": "192.0.2.10", "server_port": "443"},
        {"msec": "1644930131.250", "remote_addr": "2001:DB8::7", "remote_user": "alice", "request_method": "POST", "request_uri": "/login",
         "status": 302, "bytes_sent": 0, "request_time": 1.5, "http_referrer": "https://www.example.org/", "http_user_agent": "curl/7.68.0"},
    ]  # fmt: skip
    caddy = [
        {"level": "info", "ts": 1644930130.0, "logger": "tls", "msg": "cleaning storage unit"},
        {"level": "info", "ts": 1644930131.25, "logger": "http.log.access.log0", "msg": "handled request",
         "request": {"remote_ip": "198.51.100.7", "remote_port": "40001", "client_ip": "198.51.100.7", "proto": "HTTP/2.0", "method": "GET",
                     "host": "www.example.org", "uri": "/search?q=1", "headers": {"User-Agent": [AGENT], "Referer": ["https://example.org/"]}},
         "user_id": "", "duration": 0.25, "size": 1534, "status": 200},
    ]  # fmt: skip
    traefik = [
        {"ClientAddr": "198.51.100.7:40001", "ClientHost": "198.51.100.7", "ClientPort": "40001", "ClientUsername": "-", "DownstreamContentSize": 1534,
         "DownstreamStatus": 200, "Duration": 250000000, "RequestHost": "www.example.org", "RequestMethod": "GET", "RequestPath": "/search?q=1",
         "RequestPort": "-", "RequestProtocol": "HTTP/2.0", "StartLocal": "2022-02-15T15:02:11.25+02:00", "StartUTC": "2022-02-15T13:02:11.25Z",
         "level": "info", "msg": "", "request_User-Agent": AGENT, "time": "2022-02-15T15:02:11+02:00"},
    ]  # fmt: skip
    apache = [
        {"time": "[15/Feb/2022:15:02:11 +0200]", "remoteIP": "198.51.100.7", "host": "www.example.org", "request": "/search", "query": "?q=1",
         "method": "GET", "status": "200", "userAgent": AGENT, "referer": "-"},
    ]  # fmt: skip
    return {
        "access_json/nginx.json": _json_lines(nginx),
        "access_json/caddy.json": _json_lines(caddy),
        "access_json/traefik.json": _json_lines(traefik),
        "access_json/apache.json": _json_lines(apache)
        + '{"time":"[15/Feb/2022:15:02:12 +0200]","remoteIP":"203.0.113.9","host":"www.example.org",'
        '"request":"/","query":"","method":"GET","status":"200","userAgent":"caf\\xc3\\xa9","referer":"-"}\n',
    }


def iis_w3c() -> dict[str, str]:
    text = (
        "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2022-02-15 13:02:00\n"
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus "
        "sc-win32-status time-taken\n"
        "2022-02-15 13:02:11 192.0.2.10 GET /default.aspx id=7 443 - 198.51.100.7 Mozilla/5.0+(Windows+NT+10.0) - 200 0 0 15\n"
        "2022-02-15 13:02:12 192.0.2.10 POST /owa/auth.owa - 443 CORP\\alice 2001:db8::7 curl/7.68.0 https://www.example.org/ 302 0 64 1200\n"
        "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2022-02-16 00:00:03\n"
        "#Fields: time c-ip cs-host cs-method cs-uri-stem sc-status sc-bytes\n"
        "00:00:04 203.0.113.9 www.example.org:80 GET / 503 1234\n"
    )
    return {"iis_w3c/u_ex220215.log": text.replace("\n", "\r\n")}


def firewall_syslog() -> dict[str, str]:
    mac = "MAC=00:16:3e:5e:6c:00:00:16:3e:00:00:01:08:00"
    syn = f"IN=eth0 OUT= {mac} SRC=203.0.113.9 DST=192.0.2.10 LEN=60 TOS=0x00 PREC=0x00 TTL=54 ID=1 DF PROTO=TCP SPT=1025 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 "
    udp = f"IN=eth0 OUT=eth1 {mac} SRC=198.51.100.7 DST=192.0.2.53 LEN=71 TOS=0x00 PREC=0x00 TTL=60 ID=2 PROTO=UDP SPT=5353 DPT=53 LEN=51 "
    ping = f"IN=eth0 OUT= {mac} SRC=198.51.100.8 DST=192.0.2.10 LEN=84 TOS=0x00 PREC=0x00 TTL=60 ID=3 PROTO=ICMP TYPE=8 CODE=0 ID=9 SEQ=1 "
    unreachable = (
        f"IN=eth0 OUT= {mac} SRC=198.51.100.1 DST=192.0.2.10 LEN=88 TOS=0x00 PREC=0xC0 TTL=60 ID=4 PROTO=ICMP TYPE=3 CODE=1 "
        "[SRC=192.0.2.10 DST=198.51.100.99 LEN=60 TOS=0x00 PREC=0x00 TTL=50 ID=5 PROTO=TCP SPT=443 DPT=1 WINDOW=0 RES=0x00 RST URGP=0 ] "
    )
    six = (
        "IN=eth0 OUT= SRC=2001:0db8:0000:0000:0000:0000:0000:0007 DST=2001:0db8:0000:0000:0000:0000:0000:0010 LEN=80 TC=0 HOPLIMIT=55 FLOWLBL=0 "
        "PROTO=TCP SPT=40001 DPT=443 WINDOW=28800 RES=0x00 ACK PSH URGP=0 "
    )
    bsd = [
        "Dec 31 23:59:58 fw1 kernel: [  100.000001] [UFW BLOCK] " + syn,
        "Dec 31 23:59:59 fw1 sshd[7]: Accepted publickey for root from 198.51.100.5 port 22",
        "Jan  1 00:00:01 fw1 kernel: [  103.000001] DROP_WAN_IN: " + udp,
        "<4>Jan  1 00:00:02 192.0.2.1 kernel: ACCEPT " + ping,
        "Jan  1 00:00:03 fw1 kernel: [  105.000001] " + unreachable,
        "Jan  1 00:00:04 fw1 kernel: [  106.000001] audit: type=1400 audit(1640995204.123:45): apparmor=\"ALLOWED\"",
    ]  # fmt: skip
    iso = [
        "2022-02-15T15:02:11.500000+02:00 fw1 kernel: [UFW BLOCK] " + syn,
        "2022-02-15T15:02:12+0200 fw1 kernel: nft REJECT: " + six,
        "<4>1 2022-02-15T13:02:13.25Z 192.0.2.1 kernel - - - FW-ALLOW: " + udp,
        "Tue Feb 15 13:02:14 2022 router kernel: [ 9.1] REJECT wan in: " + syn,
        "1644930135.500000 fw1 kernel: both DROP and ACCEPT: " + ping,
    ]
    return {"firewall_syslog/kern.log": "\n".join([*bsd, ""]), "firewall_syslog/firewall.log": "\n".join([*iso, ""])}


def samples() -> dict[str, bytes]:
    """Path below this folder (reader, file) to content."""
    makers = (zeek_tsv, zeek_json, suricata_eve, argus_csv, access_log, access_json, iis_w3c, firewall_syslog)
    return {path: text.encode() for make in makers for path, text in make().items()}


if __name__ == "__main__":
    for path, content in samples().items():
        target = HERE / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
