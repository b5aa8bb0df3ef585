"""When two e-mail addresses are one: when their keys are equal, and in no other case."""

import hashlib
import unicodedata

import idna

LONGEST = 255  # characters of a key; a column and its index hold them
UNENCODABLE = "~"  # no domain begins with it once encoded, so such keys meet no other


def email_key(address: str) -> str:
    """What is compared of an e-mail address; empty for an empty one. Never raises.

    The local part is normalised (NFKC) and casefolded, the domain becomes what DNS would be asked
    (UTS 46, non-transitional): `Ann@STRASSE.example` is `ann@strasse.example` and is not
    `ann@straße.example`. Text without an @ is all local part. Of a key that would be longer than
    LONGEST, its SHA-256 is taken.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at:
        local, domain = domain, ""
    return bounded(folded(local) + at + domain_key(domain))


def domain_key(domain: str) -> str:
    """What is compared of a domain; empty for an empty one. Never raises.

    What UTS 46 cannot encode (underscores, an address in brackets) is normalised and casefolded
    behind UNENCODABLE.
    """
    domain = domain.strip().rstrip(".")
    if not domain:
        return ""
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii").rstrip(".")
    except UnicodeError:  # idna's refusals are
        return bounded(UNENCODABLE + folded(domain))


def name_key(name: str) -> str:
    """What is compared of a name of somebody or something. Never raises."""
    return bounded(folded(name.strip()))


def folded(text: str) -> str:
    """Text without its differences of form and case, whatever the language."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def bounded(key: str) -> str:
    """The key, or what stands for one that no column holds."""
    if len(key) <= LONGEST:
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
