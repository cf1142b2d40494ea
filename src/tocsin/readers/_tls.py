"""What is wrong with a TLS server's cipher suites, by their IANA names."""

import re

# Source: BSI TR-02102-2, tables 1 to 5 (2024): perfect forward secrecy or a static (EC)DH or PSK key, AES, SHA-2 or an AEAD.
_RECOMMENDED = re.compile(
    r"TLS_(?:(?:EC)?DHE_(?:ECDSA|RSA|DSS)|(?:EC)?DH_(?:ECDSA|RSA|DSS)|(?:(?:EC)?DHE|RSA)_PSK)"
    r"_WITH_AES_(?:128|256)_(?:CBC_SHA(?:256|384)|GCM_SHA(?:256|384)|CCM(?:_SHA256)?)"
)
_RECOMMENDED_13 = re.compile(r"TLS_AES_(?:128_GCM_SHA256|256_GCM_SHA384|128_CCM_SHA256)")
# Source: RFC 9325, section 4.1 and 4.2.1: no NULL, RC4, export, DES, 3DES; no static RSA; CBC is open to padding oracles.
_WEAK = re.compile(r"(?:TLS|SSL)_(?:RSA_WITH_.*|.*_(?:CBC|CBC3|RC4|NULL|DES|3DES|EXPORT|EXPORT40|anon)_.*)")


def recommended(cipher: str) -> bool:
    """Whether the BSI recommends this suite for its version of TLS."""
    return bool(_RECOMMENDED.fullmatch(cipher) or _RECOMMENDED_13.fullmatch(cipher))


def weak(cipher: str) -> bool:
    """Whether this suite lacks forward secrecy or is one of those no longer thought safe."""
    return bool(_WEAK.fullmatch(cipher))
