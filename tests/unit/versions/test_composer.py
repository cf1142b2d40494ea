from tocsin.versions.composer import composer


def test_order():
    text = "1.0-dev 1.0-alpha 1.0-alpha2 1.0-beta 1.0-RC1 1.0 1.0-patch1 1.0.1 1.0.x-dev 1.x-dev 2 20200101"
    keys = [composer(version) for version in text.split()]
    assert None not in keys and keys == sorted(keys) and len(set(keys)) == len(keys)


def test_the_same_and_what_is_none():
    assert composer("v1.0") == composer("1.0.0.0") == composer("1.0.0-stable") == composer("1.0@dev")
    assert [composer(text) for text in ("dev-main", "main", "1.0.0.0.0", "1.0-foo")] == [None] * 4
