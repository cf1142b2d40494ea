from tocsin.versions.pep440 import pep440


def test_the_order_of_the_specification():
    text = "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0"
    keys = [pep440(version) for version in text.split()]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)


def test_spellings_of_the_same():
    assert (
        pep440("v1.0-ALPHA_1") == pep440("1a1") and pep440("1.0-1") == pep440("1.0.post1") and pep440(" 1.0.0 ") == pep440("1")
    )


def test_what_is_no_version():
    assert [pep440(text) for text in ("2004b!", "1.0-", "french toast", "1.0+", "dev")] == [None] * 5
