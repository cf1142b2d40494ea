"""Plain words for what a chair reads: days, states, languages, numbers."""

from datetime import date

# English short names. Source: Interinstitutional style guide of the EU, annex A5 (countries) and section 7.2 (languages), 2025.
_STATES = {
    "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "CY": "Cyprus", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark",
    "EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France", "GR": "Greece", "HR": "Croatia", "HU": "Hungary",
    "IE": "Ireland", "IT": "Italy", "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MD": "Moldova", "MT": "Malta",
    "NL": "the Netherlands", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SI": "Slovenia",
    "SK": "Slovakia", "UA": "Ukraine",
}  # fmt: skip
_LANGUAGES = {
    "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "et": "Estonian", "fi": "Finnish", "fr": "French", "ga": "Irish", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "it": "Italian", "ka": "Georgian", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "mt": "Maltese", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian",
    "sr": "Serbian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
}  # fmt: skip
_NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
# Not strftime: month names must not follow the server's locale.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def state_name(code: str) -> str:
    """``EE`` -> ``Estonia``; a code we have no name for stays as it is."""
    return _STATES.get(code, code)


def language_name(code: str) -> str:
    """``uk`` -> ``Ukrainian``; a code we have no name for stays as it is."""
    return _LANGUAGES.get(code, code)


def number_word(number: int) -> str:
    """Up to twelve in words, figures beyond."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def people(number: int) -> str:
    """``1 person``, ``2 people``."""
    return "1 person" if number == 1 else f"{number} people"


def days_in_words(first: date, last: date) -> str:
    """``22 Feb to 8 Mar 2022``, ``5 to 8 Mar 2022``, ``8 Mar 2022``: what both days share is said once."""
    end = f"{last.day} {_MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} {first.year} to {end}"
    return f"{first.day} to {end}" if first.month == last.month else f"{first.day} {_MONTHS[first.month - 1]} to {end}"
