from tocsin.packs.records import Status


def test_numbers_of_statuses_stand_in_packs_and_never_change():
    assert [(status.name, int(status)) for status in Status] == [
        ("AFFECTED", 0), ("NOT_AFFECTED", 1), ("UNDER_INVESTIGATION", 2), ("UNREADABLE", 3), ("UNLISTED", 4),
    ]  # fmt: skip
