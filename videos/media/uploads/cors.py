"""The CORS rules of the bucket, which let our pages upload to it and play from it.

`migrate` sets them. If the bucket's policy does not allow that, the studio starts anyway, and
`/readyz` and `manage.py check --deploy` report what is missing.
"""

import logging
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from videos.media.storage.s3 import client, error_code

logger = logging.getLogger(__name__)
known_until: dict[tuple[str, str], float] = {}  # of this process, by bucket and origin
HOUR = 3600.0  # seconds

NEEDED = frozenset({"GET", "HEAD", "PUT"})
FORBIDDEN = {"AccessDenied", "403", "NotImplemented", "MethodNotAllowed"}


class NotAllowed(ValidationError):
    """The CORS rules are missing or cannot be set. The message says what to do."""


def rules() -> list[dict[str, Any]]:
    """The rules to set: our pages may upload and play; any page may read with a signed URL.

    Amazon uses the first rule that allows the request; others (SeaweedFS) the first rule that names
    the origin. So the rule for our pages comes first and is sufficient by itself.
    """
    told = {"ExposeHeaders": ["ETag", "Content-Length", "Content-Range"], "MaxAgeSeconds": 3600}
    own = {
        "AllowedOrigins": [settings.BASE_URL],
        "AllowedMethods": sorted(NEEDED),
        "AllowedHeaders": ["*"],
    }
    reading = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"], "AllowedHeaders": ["*"]}
    return [own | told, reading | told]


def rules_there() -> list[dict[str, Any]]:
    """The current rules of the bucket. Raises ClientError, BotoCoreError."""
    try:
        there: list[dict[str, Any]] = client().get_bucket_cors(Bucket=settings.S3_BUCKET)[
            "CORSRules"
        ]
    except ClientError as failure:
        if error_code(failure) == "NoSuchCORSConfiguration":
            return []
        raise
    return there


def for_us(there: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that apply to our pages."""
    return [rule for rule in there if {"*", settings.BASE_URL} & set(rule["AllowedOrigins"])]


def allowed(there: list[dict[str, Any]]) -> set[str]:
    """The methods that our pages may use, from rules that also expose the ETag header."""
    return {
        method
        for rule in for_us(there)
        if "etag" in {header.lower() for header in rule.get("ExposeHeaders", [])}
        for method in rule["AllowedMethods"]
    }


def allow() -> None:
    """Put our rules before the others, unless the first rule for us suffices. Raises NotAllowed."""
    there: list[dict[str, Any]] = []
    try:
        there = rules_there()
        if allowed(for_us(there)[:1]) >= NEEDED:
            return
        ours = rules()
        others = [rule for rule in there if rule not in ours]
        client().put_bucket_cors(
            Bucket=settings.S3_BUCKET, CORSConfiguration={"CORSRules": [*ours, *others]}
        )
    except (BotoCoreError, ClientError) as failure:
        if allowed(there) >= NEEDED:  # several rules together suffice for most endpoints
            return
        raise NotAllowed(
            _(
                "The bucket %(bucket)s does not accept the CORS rules that let browsers upload "
                "to it and play from it: %(why)s Allow the key s3:GetBucketCORS and "
                "s3:PutBucketCORS, or set the rules yourself (manage.py s3_cors --print)."
            )
            % {"bucket": settings.S3_BUCKET, "why": sentence(failure)},
            "not_taken",
        ) from failure
    check()


def check() -> None:
    """Check that our pages may use all methods they need. Raises NotAllowed.

    If the rules cannot be read for lack of permission, the check passes.
    """
    try:
        missing = NEEDED - allowed(rules_there())
    except ClientError as failure:
        if error_code(failure) in FORBIDDEN:
            return
        raise silent(failure) from failure
    except BotoCoreError as failure:
        raise silent(failure) from failure
    if missing:
        raise NotAllowed(
            _("The bucket does not allow %(origin)s: %(methods)s.")
            % {"origin": settings.BASE_URL, "methods": ", ".join(sorted(missing))},
            "missing",
        )


def silent(failure: Exception) -> NotAllowed:
    """The error for a bucket whose rules cannot be read."""
    return NotAllowed(
        _("The bucket does not show its CORS rules: %(why)s") % {"why": sentence(failure)}, "silent"
    )


def is_allowed() -> bool:
    """Whether the rules suffice. A positive answer is cached for an hour."""
    asked = (settings.S3_BUCKET, settings.BASE_URL)
    if time.monotonic() < known_until.get(asked, 0):
        return True
    try:
        check()
    except NotAllowed as refusal:
        logger.warning("%s", refusal.messages[0])
        return False
    known_until[asked] = time.monotonic() + HOUR
    return True


def sentence(failure: Exception) -> str:
    """The message of an exception as a sentence."""
    text = " ".join(str(failure).split())
    return text if text.endswith(".") else f"{text}."


def set_up(sender: Any, **kwargs: Any) -> None:
    """After `migrate`, set the rules if files are stored on S3, or log why not."""
    if not settings.S3_BUCKET or "plan" not in kwargs:  # a flush has no plan
        return
    try:
        allow()
    except NotAllowed as refusal:
        logger.warning("%s", refusal.messages[0])


@register(Tags.security, deploy=True)
def check_bucket(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The system check of `manage.py check --deploy`."""
    if not settings.S3_BUCKET:
        return []
    try:
        check()
    except NotAllowed as refusal:
        return [
            Warning(
                refusal.messages[0],
                hint=_("manage.py s3_cors sets the rules, or says why it cannot."),
                id="media.W001",
            )
        ]
    return []
