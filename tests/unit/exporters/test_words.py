"""Codes become words."""

import pytest

from kit.assessments import finding
from tocsin.exporters.words import CLASS_WORDS, SEVERITY_CLASS, STATUS_WORDS, kind_word, sentence, service_word, what
from tocsin.terms import FindingClass, ReadStatus, Severity


def test_every_code_has_a_word():
    assert set(CLASS_WORDS) == set(FindingClass)
    assert set(STATUS_WORDS) == set(ReadStatus)
    assert set(SEVERITY_CLASS) == set(Severity)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"vector": "syn_flood"}, "SYN flood"),
        ({"vector": "amplification", "services": ["ntp", "memcached"]}, "NTP and memcached amplification"),
        ({"vector": "amplification", "services": []}, "amplification"),
        ({"vector": "amplification", "services": 7}, "amplification"),
        ({"vector": "password_spray"}, "password spray"),
        ({"vector": None}, "denial of service"),
    ],
)
def test_what(attributes, said):
    assert what(finding("title", "192.0.2.1", attributes=attributes)) == said


@pytest.mark.parametrize(("service", "said"), [("ntp", "NTP"), ("dns", "DNS"), ("memcached", "memcached"), ("cldap", "CLDAP")])
def test_services(service, said):
    assert service_word(service) == said


def test_unknown_kinds_of_file_keep_their_name():
    assert kind_word("flowspec_gobgp") == "FlowSpec for GoBGP"
    assert kind_word("block_list") == "block list"


def test_sentences_keep_abbreviations():
    assert sentence("port scan") == "Port scan"
    assert sentence("NTP amplification") == "NTP amplification"
