"""The twelve role profiles in which states describe their experts."""

from enum import StrEnum


class EcsfProfile(StrEnum):
    """ENISA European Cybersecurity Skills Framework, role profiles, September 2022: ``number`` and ``label`` (its title) as printed there.

    The framework numbers its profiles and names them; it gives no other ids, so the value is the title in snake case.

    Source: https://www.enisa.europa.eu/publications/european-cybersecurity-skills-framework-role-profiles, sections 2.1 to 2.12
    """

    number: int
    label: str

    def __new__(cls, value: str, number: int, label: str) -> "EcsfProfile":
        profile = str.__new__(cls, value)
        profile._value_ = value
        profile.number, profile.label = number, label
        return profile

    CISO = "ciso", 1, "Chief Information Security Officer (CISO)"
    INCIDENT_RESPONDER = "cyber_incident_responder", 2, "Cyber Incident Responder"
    LEGAL_OFFICER = "cyber_legal_policy_compliance_officer", 3, "Cyber Legal, Policy & Compliance Officer"
    THREAT_INTELLIGENCE = "cyber_threat_intelligence_specialist", 4, "Cyber Threat Intelligence Specialist"
    ARCHITECT = "cybersecurity_architect", 5, "Cybersecurity Architect"
    AUDITOR = "cybersecurity_auditor", 6, "Cybersecurity Auditor"
    EDUCATOR = "cybersecurity_educator", 7, "Cybersecurity Educator"
    IMPLEMENTER = "cybersecurity_implementer", 8, "Cybersecurity Implementer"
    RESEARCHER = "cybersecurity_researcher", 9, "Cybersecurity Researcher"
    RISK_MANAGER = "cybersecurity_risk_manager", 10, "Cybersecurity Risk Manager"
    FORENSICS_INVESTIGATOR = "digital_forensics_investigator", 11, "Digital Forensics Investigator"
    PENETRATION_TESTER = "penetration_tester", 12, "Penetration Tester"


LEVELS = range(1, 6)
"""How well a profile is held, 1 to 5. Source: the proficiency levels of the e-CF (EN 16234-1), which the ECSF builds on."""
