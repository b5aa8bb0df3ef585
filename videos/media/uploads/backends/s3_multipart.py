"""The S3 backend: browsers send signed parts directly to S3; we sign, list and complete them."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from botocore.exceptions import ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from videos.media.models import Upload, footage
from videos.media.storage.s3 import client, error_code

log = logging.getLogger(__name__)

MIB = 1024**2
LEAST_PART = 16 * MIB  # Amazon requires 5 MiB, and accepts up to 10,000 parts
MOST_PARTS = 10_000
SIGNED_SECONDS = 3600


class Part(NamedTuple):
    """A part that is stored on S3."""

    number: int
    etag: str
    bytes: int


class Unfinished(Exception):
    """Parts are missing."""


def part_bytes(size: int) -> int:
    """The size of all parts but the last: a multiple of 1 MiB, in bytes."""
    whole = -(-size // (MOST_PARTS * MIB)) * MIB
    return max(LEAST_PART, whole)


def part_length(size: int, number: int) -> int | None:
    """The size of part `number` (from 1) of a source of `size` bytes; None if out of range."""
    each = part_bytes(size)
    start = (number - 1) * each
    return min(each, size - start) if 0 <= start < size else None


def prefix() -> str:
    """The prefix of the storage's keys, with a slash at the end."""
    storage = footage()
    assert isinstance(storage, S3Storage)
    return f"{storage.location.strip('/')}/" if storage.location.strip("/") else ""


def target(upload: Upload) -> dict[str, str]:
    """The `Bucket` and `Key` arguments for an upload."""
    return {"Bucket": settings.S3_BUCKET, "Key": f"{prefix()}{upload.path}"}


def of(upload: Upload) -> dict[str, str]:
    """The `Bucket`, `Key` and `UploadId` arguments for a multipart upload."""
    return {**target(upload), "UploadId": upload.multipart_id}


class S3MultipartBackend:
    """Stores each upload as a multipart upload. The object exists once it is completed."""

    def begin(self, upload: Upload) -> None:
        begun = client().create_multipart_upload(**target(upload))
        upload.multipart_id = begun["UploadId"]
        Upload.objects.filter(pk=upload.pk).update(multipart_id=upload.multipart_id)

    def arrived(self, upload: Upload) -> int:
        if upload.received == upload.bytes:
            return upload.bytes
        return sum(part.bytes for part in parts(upload))

    def discard(self, upload: Upload) -> None:
        if upload.multipart_id:
            give_up(target(upload)["Key"], upload.multipart_id)
        client().delete_object(**target(upload))


def sign(upload: Upload, number: int, length: int) -> str:
    """The signed URL to which a browser sends a part of exactly `length` bytes."""
    return str(
        client(public=True).generate_presigned_url(
            "upload_part",
            Params={**of(upload), "PartNumber": number, "ContentLength": length},
            ExpiresIn=SIGNED_SECONDS,
        )
    )


def parts(upload: Upload) -> list[Part]:
    """The complete parts; none if the multipart upload no longer exists."""
    try:
        pages = list(client().get_paginator("list_parts").paginate(**of(upload)))
    except ClientError as failure:
        if error_code(failure) == "NoSuchUpload":
            return []
        raise
    found = (part for page in pages for part in page.get("Parts", []))
    listed = [Part(part["PartNumber"], part["ETag"], part["Size"]) for part in found]
    return [part for part in listed if part.bytes == part_length(upload.bytes, part.number)]


def complete(upload: Upload) -> None:
    """Complete the multipart upload. Safe to call twice. Raises Unfinished."""
    if stored_bytes(upload) == upload.bytes:
        return
    there = parts(upload)
    if sum(part.bytes for part in there) != upload.bytes:
        raise Unfinished
    client().complete_multipart_upload(
        **of(upload),
        MultipartUpload={
            "Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in there]
        },
    )
    if stored_bytes(upload) != upload.bytes:
        raise Unfinished


def stored_bytes(upload: Upload) -> int | None:
    """The size of the completed object; None if there is none."""
    try:
        return int(client().head_object(**target(upload))["ContentLength"])
    except ClientError as failure:
        if error_code(failure) in {"404", "NoSuchKey", "NotFound"}:
            return None
        raise


def give_up(key: str, multipart_id: str) -> None:
    """Abort a multipart upload, if it still exists."""
    try:
        client().abort_multipart_upload(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id)
    except ClientError as failure:
        if error_code(failure) != "NoSuchUpload":
            raise


def begun_before(moment: datetime) -> Iterator[tuple[str, str]]:
    """(key, id) of our multipart uploads that were started before `moment`."""
    listing = client().get_paginator("list_multipart_uploads")
    for page in listing.paginate(Bucket=settings.S3_BUCKET, Prefix=f"{prefix()}sources/"):
        for begun in page.get("Uploads", []):
            if begun["Initiated"] < moment:
                yield begun["Key"], begun["UploadId"]
