"""Names of the languages of audio and caption tracks."""

from django.utils.translation import get_language_info


def language_name(code: str) -> str:
    """The name of a language code; the code if unknown, empty if there is none."""
    if code in {"", "und"}:
        return ""
    try:
        return str(get_language_info(SHORT.get(code, code))["name_translated"])
    except KeyError:
        return code


# Files tell languages by three letters (ISO 639-2); Django knows two.
SHORT = {
    "ara": "ar", "ces": "cs", "cze": "cs", "dan": "da", "deu": "de", "dut": "nl", "eng": "en",
    "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de", "hin": "hi", "hun": "hu", "ita": "it",
    "jpn": "ja", "kor": "ko", "nld": "nl", "nor": "nb", "pol": "pl", "por": "pt", "rus": "ru",
    "spa": "es", "swe": "sv", "tur": "tr", "ukr": "uk", "zho": "zh-hans",
}  # fmt: skip
