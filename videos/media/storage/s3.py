"""Access to S3: the client, signed URLs for browsers, downloads and deletions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.storage import Storage

CHUNK = 256 * 1024
MOST_TEXT = 8 * 1024**2
NOT_FOUND = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class Fetched:
    """An open download of a file, or of the requested range."""

    status: int
    length: int
    part: str  # the Content-Range header of a partial response, else empty
    chunks: Iterator[bytes]


def is_bucket(storage: Storage) -> bool:
    """Whether the storage is S3 rather than the local disk."""
    return hasattr(storage, "bucket_name")


def client(*, public: bool = False) -> Any:
    """The boto3 client for S3; `public` uses the endpoint that browsers reach, for signed URLs."""
    return make_client(
        settings.S3_PUBLIC_ENDPOINT_URL if public else settings.S3_ENDPOINT_URL,
        settings.S3_REGION,
        settings.S3_ACCESS_KEY_ID,
        settings.S3_SECRET_ACCESS_KEY,
        settings.S3_ADDRESSING_STYLE,
    )


@lru_cache(maxsize=8)
def make_client(endpoint: str, region: str, key: str, secret: str, style: str) -> Any:
    """A new client. Creating one takes about 0.1 s; it is thread-safe, so it is reused."""
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
            # Older S3 endpoints do not accept boto3's own checksums in signed requests
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def error_code(failure: ClientError) -> str:
    """The error code in an S3 response, such as “NoSuchKey”."""
    return str(failure.response.get("Error", {}).get("Code", ""))


def object_args(storage: Any, name: str) -> dict[str, str]:
    """The `Bucket` and `Key` arguments of boto3 for a file of the storage."""
    key = "/".join(part for part in (storage.location.strip("/"), name) if part)
    return {"Bucket": storage.bucket_name, "Key": key}


def signed_url(
    storage: Storage,
    name: str,
    *,
    method: str = "GET",
    seconds: int | None = None,
    **response_headers: str,
) -> str:
    """A signed URL of a file for browsers. Makes no request to S3.

    `response_headers` override headers of the response, by boto3's names: ResponseContentType,
    ResponseCacheControl, ResponseContentDisposition. A URL is valid for one HTTP method only.
    """
    operation = "head_object" if method == "HEAD" else "get_object"
    url: str = client(public=True).generate_presigned_url(
        operation,
        Params=object_args(storage, name) | (response_headers if operation == "get_object" else {}),
        ExpiresIn=seconds or settings.SIGNED_URL_HOURS * 3600,
    )
    return url


def fetch(storage: Storage, name: str, part: str = "") -> Fetched:
    """Open a download of a file, or of the range in the `part` header.

    Raises FileNotFoundError, or ValueError for a range outside the file.
    """
    wanted = {"Range": part} if part else {}
    try:
        got = client().get_object(**object_args(storage, name), **wanted)
    except ClientError as refusal:
        if error_code(refusal) in NOT_FOUND:
            raise FileNotFoundError(name) from refusal
        if error_code(refusal) in {"416", "InvalidRange"}:
            raise ValueError(part) from refusal
        raise
    return Fetched(
        status=int(got["ResponseMetadata"]["HTTPStatusCode"]),
        length=int(got["ContentLength"]),
        part=str(got.get("ContentRange", "")),
        chunks=got["Body"].iter_chunks(CHUNK),
    )


def download(storage: Storage, name: str, path: Path) -> None:
    """Download a file to the local disk, with a few MiB of it in memory at a time.

    Raises FileNotFoundError.
    """
    wanted = object_args(storage, name)
    try:
        client().download_file(wanted["Bucket"], wanted["Key"], str(path))
    except ClientError as refusal:
        if error_code(refusal) in NOT_FOUND:
            raise FileNotFoundError(name) from refusal
        raise


def has_files(storage: Storage, name: str) -> bool:
    """Whether a folder contains a file. Some S3 endpoints keep listing empty folders."""
    wanted = object_args(storage, name)
    prefix = f"{wanted['Key']}/"
    found = client().list_objects_v2(Bucket=wanted["Bucket"], Prefix=prefix, MaxKeys=2)
    return any(entry["Key"] != prefix for entry in found.get("Contents", ()))


def remove_folder(storage: Storage, name: str) -> None:
    """Delete all files below a folder. Raises OSError if some could not be deleted."""
    wanted = object_args(storage, name)
    s3 = client()
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=wanted["Bucket"], Prefix=f"{wanted['Key']}/"
    )
    for page in list(pages):  # list everything first: deletions would shift the pages
        if keys := [{"Key": entry["Key"]} for entry in page.get("Contents", ())]:
            answer = s3.delete_objects(
                Bucket=wanted["Bucket"], Delete={"Objects": keys, "Quiet": True}
            )
            if errors := answer.get("Errors"):
                raise OSError(f"{len(errors)} files of {name} were not deleted: {errors[0]}")


@lru_cache(maxsize=256)
def small_text(storage: Storage, name: str) -> bytes:
    """The content of a small text file of a rendition set, cached, as sets never change.

    Raises FileNotFoundError.
    """
    fetched = fetch(storage, name)
    if fetched.length > MOST_TEXT:
        raise FileNotFoundError(name)
    return b"".join(fetched.chunks)
