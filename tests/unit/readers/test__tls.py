import pytest

from tocsin.readers._tls import recommended, weak


@pytest.mark.parametrize(
    ("cipher", "bsi", "poor"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", True, False),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CCM", True, False),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", True, True),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", False, True),
        ("TLS_DHE_RSA_WITH_AES_128_CCM_8", False, False),
        ("TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", True, False),
        ("TLS_RSA_WITH_AES_256_GCM_SHA384", False, True),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", False, False),
        ("TLS_ECDHE_RSA_WITH_RC4_128_SHA", False, True),
        ("TLS_DH_anon_WITH_AES_256_GCM_SHA384", False, True),
        ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", False, True),
        ("TLS_AES_128_GCM_SHA256", True, False),
        ("TLS_CHACHA20_POLY1305_SHA256", False, False),
    ],
)
def test_suites_by_their_names(cipher, bsi, poor):
    assert (recommended(cipher), weak(cipher)) == (bsi, poor)
