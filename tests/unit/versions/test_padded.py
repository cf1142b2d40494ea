from tocsin.versions.padded import gem, generic, maven


def _sorted(key, text):
    keys = [key(version) for version in text.split()]
    assert None not in keys
    return keys == sorted(keys) and len(set(keys)) == len(keys)


def test_maven():
    assert _sorted(maven, "1-alpha-1 1-beta-2 1-m3 1-rc1 1-snapshot 1 1-sp 1-jre 1-1 1.0.1 1.1-alpha 1.1 1.10")
    assert maven("1.0.0") == maven("1") == maven("1-ga") == maven("1.0.FINAL") and maven("1a1") == maven("1-alpha-1")
    assert maven("") is None and maven("..") is None


def test_rubygems():
    assert _sorted(gem, "1.0.a 1.0.b1 1.0.b2 1.0 1.0.0.1 1.0.1.rc1 1.0.1 1.10")
    assert gem("1.0.0") == gem("1") and gem("1-2") == gem("1.pre.2") and gem("1.0.a") == gem("1.a")
    assert gem("1.0_2") is None and gem("v1") is None


def test_software_of_no_ecosystem():
    assert _sorted(generic, "1.0-alpha 1.0-beta2 1.0b3 1.0-rc1 1.0 1.0.2 1.0.2a 1.0.2k 1.0.2zf 1.0.3 1.10 2024.01")
    assert generic("v1.0") == generic("1.0.0") == generic("1.0 Final") and generic("1.0+build7") == generic("1.0")
    assert generic("dev") is None and generic("") is None
