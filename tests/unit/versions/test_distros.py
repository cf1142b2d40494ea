from tocsin.versions.distros import apk, dpkg, rpm


def _sorted(key, text):
    keys = [key(version) for version in text.split()]
    assert None not in keys
    return keys == sorted(keys) and len(set(keys)) == len(keys)


def test_debian():
    assert _sorted(dpkg, "1.0~~ 1.0~~a 1.0~ 1.0 1.0-1~bpo11+1 1.0-1 1.0-1+deb12u1 1.0a 1.0+dfsg-1 1.0.1 1.10 1:0.1 2:0")
    assert dpkg("1.0") == dpkg("1.0-0") == dpkg("0:1.0") and dpkg("1a") == dpkg("1a0")
    assert [dpkg(text) for text in ("1.0-", "a:1", "1.0_1", "1.0 1", "1:", "1-a:b")] == [None] * 6


def test_rpm():
    assert _sorted(rpm, "1.0~rc1 1.0 1.0-1.el8 1.0-1.el8_4 1.0-2.el8 1.0^git1 1.0a 1.0.1 1.10 1:0.9-1")
    assert rpm("1.0-1") == rpm("0:1_0-1") and rpm("1.05") == rpm("1.5")
    assert [rpm(text) for text in ("-1", "1.0-", "a:1", "1 2")] == [None] * 4


def test_alpine():
    assert _sorted(apk, "1.0_alpha1 1.0_rc1 1.0 1.0-r0 1.0-r1 1.0-r10 1.0_git20200101 1.0_p1 1.0a 1.0.1 1.05 1.1 1.10")
    assert [apk(text) for text in ("1.0-1", "v1.0", "1.0_foo", "1.0ab", "1.0-r")] == [None] * 5
