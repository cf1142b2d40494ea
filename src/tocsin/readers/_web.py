"""A request as web servers log it, taken apart."""

from typing import NamedTuple

# Without a version it is HTTP/0.9 (RFC 1945 4.1) or junk; only these count as a method then.
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "PROPFIND"])


class Target(NamedTuple):
    """Host (from an absolute URL only), path without query, query without ``?``; None where there is none."""

    host: str | None
    path: str | None
    query: str | None


def split_target(target: str) -> Target:
    """Take a request target apart (RFC 9112 3.2): ``/a?b``, ``http://host/a?b``, ``*``. The fragment, if any, stays."""
    path, mark, query = target.partition("?")
    host = None
    if not path.startswith("/") and "://" in path[:16]:
        authority, slash, below = path.partition("://")[2].partition("/")
        host = host_name(authority)
        path = slash + below or "/"
    return Target(host, path or None, query if mark else None)


def split_request(request: str) -> tuple[str | None, str]:
    """Method and target of a request line ``GET /a?b HTTP/1.1``; ``(None, request)`` where it is not one, such as TLS bytes.

    The target may hold spaces, which broken clients send and servers log.
    """
    method, _, rest = request.partition(" ")
    target, version, _ = rest.rpartition(" HTTP/")
    if version and target and method.replace("-", "").isalpha() and len(method) <= 32:
        return method, target
    if rest and method in _METHODS:
        return method, rest.removesuffix(" ")
    return None, request


def host_name(authority: str | None) -> str | None:
    """Host without port and user, lower case; None if there is none."""
    if not authority or authority == "-":
        return None
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    return host.lower() or None
