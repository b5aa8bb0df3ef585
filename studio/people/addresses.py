"""Keys of e-mail addresses: two addresses are the same if and only if their keys are equal."""

import hashlib
import unicodedata

import idna

LONGEST = 255  # characters of a key; a column and its index hold them
UNENCODABLE = "~"  # no encoded domain starts with it, so such keys match no other


def email_key(address: str) -> str:
    """Return the key of an e-mail address; empty for an empty one. Never raises.

    The local part is normalised (NFKC) and casefolded, the domain becomes its DNS form
    (UTS 46, non-transitional): `Ann@STRASSE.example` is `ann@strasse.example` and is not
    `ann@straße.example`. Text without an @ is all local part. A key longer than LONGEST is replaced
    by its SHA-256.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at:
        local, domain = domain, ""
    return bounded(folded(local) + at + domain_key(domain))


def domain_key(domain: str) -> str:
    """Return the key of a domain; empty for an empty one. Never raises.

    What UTS 46 cannot encode (underscores, an address in brackets) is normalised and casefolded
    behind UNENCODABLE.
    """
    domain = domain.strip().rstrip(".")
    if not domain:
        return ""
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii").rstrip(".")
    except UnicodeError:  # as idna's errors are
        return bounded(UNENCODABLE + folded(domain))


def name_key(name: str) -> str:
    """Return the key of a name. Never raises."""
    return bounded(folded(name.strip()))


def folded(text: str) -> str:
    """Return text normalised (NFKC) and casefolded, in any language."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def bounded(key: str) -> str:
    """Return the key, or its SHA-256 if it is too long for the column."""
    if len(key) <= LONGEST:
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
