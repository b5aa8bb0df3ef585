"""Uploads that go from the browser to S3 in signed parts; the studio signs, lists and completes."""

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from videos.media.bucket import code
from videos.media.models import Upload, footage

log = logging.getLogger(__name__)

MIB = 1024**2
LEAST_PART = 16 * MIB  # Amazon asks for 5 MiB, and takes no more than 10,000 parts
MOST_PARTS = 10_000
SIGNED_SECONDS = 3600


class Part(NamedTuple):
    """A part that has arrived."""

    number: int
    etag: str
    bytes: int


class Unfinished(Exception):
    """Not all parts are there."""


def part_bytes(size: int) -> int:
    """The size of each part but the last, in whole MiB."""
    whole = -(-size // (MOST_PARTS * MIB)) * MIB
    return max(LEAST_PART, whole)


def part_length(size: int, number: int) -> int | None:
    """The size of part `number` (from 1) of a source of `size` bytes; None: there is none."""
    each = part_bytes(size)
    start = (number - 1) * each
    return min(each, size - start) if 0 <= start < size else None


@lru_cache(maxsize=8)
def made_client(endpoint: str, region: str, key: str, secret: str, style: str) -> Any:
    """boto3's client; making one takes long, and it may be used by all threads."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=key or None,
        aws_secret_access_key=secret or None,
        config=Config(
            s3={"addressing_style": style},
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=60,
            # As older endpoints know it: no checksum of boto3's own in the signature.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def client(*, public: bool = False) -> Any:
    """The bucket's client: as we reach it, or for addresses that browsers reach."""
    return made_client(
        settings.S3_PUBLIC_ENDPOINT_URL if public else settings.S3_ENDPOINT_URL,
        settings.S3_REGION,
        settings.S3_ACCESS_KEY_ID,
        settings.S3_SECRET_ACCESS_KEY,
        settings.S3_ADDRESSING_STYLE,
    )


def prefix() -> str:
    """What the storage puts before the names of its objects."""
    storage = footage()
    assert isinstance(storage, S3Storage)
    return f"{storage.location.strip('/')}/" if storage.location.strip("/") else ""


def target(upload: Upload) -> dict[str, str]:
    """The bucket and the object of an upload, as boto3 names them."""
    return {"Bucket": settings.S3_BUCKET, "Key": f"{prefix()}{upload.path}"}


def of(upload: Upload) -> dict[str, str]:
    """An upload in parts, as boto3 names it."""
    return {**target(upload), "UploadId": upload.multipart_id}


class Multipart:
    """An upload in parts for each upload; the object is there once it is completed."""

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
    """The address to which the browser sends a part of exactly `length` bytes."""
    return str(
        client(public=True).generate_presigned_url(
            "upload_part",
            Params={**of(upload), "PartNumber": number, "ContentLength": length},
            ExpiresIn=SIGNED_SECONDS,
        )
    )


def parts(upload: Upload) -> list[Part]:
    """The parts that have arrived whole; none of an upload that S3 knows no more."""
    try:
        pages = list(client().get_paginator("list_parts").paginate(**of(upload)))
    except ClientError as failure:
        if code(failure) == "NoSuchUpload":
            return []
        raise
    found = (part for page in pages for part in page.get("Parts", []))
    listed = [Part(part["PartNumber"], part["ETag"], part["Size"]) for part in found]
    return [part for part in listed if part.bytes == part_length(upload.bytes, part.number)]


def complete(upload: Upload) -> None:
    """Make the object of its parts. Raises Unfinished; twice is harmless."""
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
    """The size of the completed object; None: there is none."""
    try:
        return int(client().head_object(**target(upload))["ContentLength"])
    except ClientError as failure:
        if code(failure) in {"404", "NoSuchKey", "NotFound"}:
            return None
        raise


def give_up(key: str, multipart_id: str) -> None:
    """Have S3 remove the parts; an upload that it knows no more is given up already."""
    try:
        client().abort_multipart_upload(Bucket=settings.S3_BUCKET, Key=key, UploadId=multipart_id)
    except ClientError as failure:
        if code(failure) != "NoSuchUpload":
            raise


def begun_before(moment: datetime) -> Iterator[tuple[str, str]]:
    """(object, id) of the uploads in parts below our prefix that were begun before `moment`."""
    listing = client().get_paginator("list_multipart_uploads")
    for page in listing.paginate(Bucket=settings.S3_BUCKET, Prefix=f"{prefix()}sources/"):
        for begun in page.get("Uploads", []):
            if begun["Initiated"] < moment:
                yield begun["Key"], begun["UploadId"]
