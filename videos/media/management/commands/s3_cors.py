"""Lets browsers send sources to the bucket, and play from it: `manage.py s3_cors [--check]`."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from studio.commands import StudioCommand
from videos.media.bucket import code
from videos.media.receiving.multipart import client


def rules() -> list[dict[str, Any]]:
    """What the bucket has to allow pages: any to read by a signed address, for a public video may
    be embedded elsewhere, and the studio's own to send."""
    told = {"ExposeHeaders": ["ETag", "Content-Length", "Content-Range"], "MaxAgeSeconds": 3600}
    reading = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"], "AllowedHeaders": ["*"]}
    sending = {
        "AllowedOrigins": [settings.BASE_URL],
        "AllowedMethods": ["PUT"],
        "AllowedHeaders": ["*"],
    }
    return [reading | told, sending | told]


def allowed() -> set[str]:
    """The methods that the bucket's rules allow our pages, if they may read the ETag."""
    try:
        there = client().get_bucket_cors(Bucket=settings.S3_BUCKET)["CORSRules"]
    except ClientError as failure:
        if code(failure) == "NoSuchCORSConfiguration":
            return set()
        raise
    return {
        method
        for rule in there
        if {"*", settings.BASE_URL} & set(rule["AllowedOrigins"])
        if "etag" in {header.lower() for header in rule.get("ExposeHeaders", [])}
        for method in rule["AllowedMethods"]
    }


class Command(StudioCommand):
    help = "Lets browsers send sources to the bucket and play from it (CORS)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only look, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.S3_BUCKET:
            raise CommandError(_("S3_BUCKET is not set: files lie on the disk."))
        try:
            if not options["check"]:
                cors = {"CORSRules": rules()}
                client().put_bucket_cors(Bucket=settings.S3_BUCKET, CORSConfiguration=cors)
            missing = {"GET", "HEAD", "PUT"} - allowed()
        except (BotoCoreError, ClientError) as failure:
            raise CommandError(
                _("The bucket does not tell: %(why)s") % {"why": failure}
            ) from failure
        if missing:
            raise CommandError(
                _("The bucket does not allow %(origin)s: %(methods)s.")
                % {"origin": settings.BASE_URL, "methods": ", ".join(sorted(missing))}
            )
        self.stdout.write(
            _("The bucket allows pages of %(origin)s to send and to play.")
            % {"origin": settings.BASE_URL}
        )
