from tocsin.muster.ecsf import LEVELS, EcsfProfile


def test_the_framework_numbers_twelve_profiles():
    assert [profile.number for profile in EcsfProfile] == list(range(1, 13))
    assert len({profile.label for profile in EcsfProfile}) == 12
    assert list(LEVELS) == [1, 2, 3, 4, 5]


def test_a_profile_is_found_again_by_what_is_stored():
    assert EcsfProfile(str(EcsfProfile.PENETRATION_TESTER.value)) is EcsfProfile.PENETRATION_TESTER
    assert EcsfProfile("penetration_tester").label == "Penetration Tester"
