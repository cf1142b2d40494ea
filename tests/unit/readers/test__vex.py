from tocsin.readers._vex import Statement


def test_a_status_that_is_no_openvex_word_is_under_investigation():
    _, row = Statement(0, ("CVE-2024-1",), "p", "maybe").row()
    assert (row["status"], row["product_name"]) == ("under_investigation", "p")


def test_the_cve_goes_first_and_the_product_stands_for_the_asset():
    stated = Statement(7, ("GHSA-2222-3333-4444", "CVE-2024-1"), "p", "fixed", "Router", "1.0")
    seen = stated.seen()
    assert (stated.uid, seen.key, seen.offset, seen.status) == ("CVE-2024-1", ("p", "CVE-2024-1"), 7, "fixed")
    assert [place.asset for place in seen.places] == ["Router"]
