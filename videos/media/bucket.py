"""The footage in a bucket, as browsers get it: by signed addresses, in one round trip or none."""

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
GONE = {"404", "NoSuchKey", "NotFound"}


@dataclass(frozen=True)
class Fetched:
    """A file of the bucket on its way, or the part of it that was asked for."""

    status: int
    length: int
    part: str  # the Content-Range, if it is a part
    chunks: Iterator[bytes]


def is_bucket(storage: Storage) -> bool:
    """Whether files lie in a bucket rather than on a disk of this machine."""
    return hasattr(storage, "bucket_name")


@lru_cache(maxsize=8)
def client(endpoint: str, region: str, key: str, secret: str, style: str) -> Any:
    """A client, which costs a tenth of a second to make and is safe among threads."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=key or None,
        aws_secret_access_key=secret or None,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": style},
            response_checksum_validation="when_required",
            connect_timeout=5,
            read_timeout=30,
        ),
    )


def reached_at(endpoint: str) -> Any:
    """The client for an address of the endpoint: ours, or the one that browsers reach."""
    return client(
        endpoint,
        settings.S3_REGION,
        settings.S3_ACCESS_KEY_ID,
        settings.S3_SECRET_ACCESS_KEY,
        settings.S3_ADDRESSING_STYLE,
    )


def code(failure: ClientError) -> str:
    """S3's word for what went wrong."""
    return str(failure.response.get("Error", {}).get("Code", ""))


def place(storage: Any, name: str) -> dict[str, str]:
    """How the bucket calls a file of the storage."""
    key = "/".join(part for part in (storage.location.strip("/"), name) if part)
    return {"Bucket": storage.bucket_name, "Key": key}


def signed_url(
    storage: Storage, name: str, *, method: str = "GET", seconds: int | None = None, **told: str
) -> str:
    """An address of a file for browsers; made here, without asking the bucket.

    `told` is what its answer is to say, by S3's names: ResponseContentType, ResponseCacheControl,
    ResponseContentDisposition. A HEAD is signed for as such.
    """
    act = "head_object" if method == "HEAD" else "get_object"
    url: str = reached_at(settings.S3_PUBLIC_ENDPOINT_URL).generate_presigned_url(
        act,
        Params=place(storage, name) | (told if act == "get_object" else {}),
        ExpiresIn=seconds or settings.MEDIA_URL_HOURS * 3600,
    )
    return url


def fetch(storage: Storage, name: str, part: str = "") -> Fetched:
    """A file, or the part of it that a Range header asks for.

    Raises FileNotFoundError, and ValueError for a part that is not there.
    """
    wanted = {"Range": part} if part else {}
    try:
        got = reached_at(settings.S3_ENDPOINT_URL).get_object(**place(storage, name), **wanted)
    except ClientError as refusal:
        if code(refusal) in GONE:
            raise FileNotFoundError(name) from refusal
        if code(refusal) in {"416", "InvalidRange"}:
            raise ValueError(part) from refusal
        raise
    return Fetched(
        status=int(got["ResponseMetadata"]["HTTPStatusCode"]),
        length=int(got["ContentLength"]),
        part=str(got.get("ContentRange", "")),
        chunks=got["Body"].iter_chunks(CHUNK),
    )


def download(storage: Storage, name: str, path: Path) -> None:
    """Copy a file of the bucket to this machine's disk, in parts; a few MiB of it are in memory.

    Raises FileNotFoundError.
    """
    wanted = place(storage, name)
    try:
        reached_at(settings.S3_ENDPOINT_URL).download_file(
            wanted["Bucket"], wanted["Key"], str(path)
        )
    except ClientError as refusal:
        if code(refusal) in GONE:
            raise FileNotFoundError(name) from refusal
        raise


def has_files(storage: Storage, name: str) -> bool:
    """Whether a file lies below a folder: some endpoints go on listing a folder that is empty."""
    wanted = place(storage, name)
    prefix = f"{wanted['Key']}/"
    found = reached_at(settings.S3_ENDPOINT_URL).list_objects_v2(
        Bucket=wanted["Bucket"], Prefix=prefix, MaxKeys=2
    )
    return any(entry["Key"] != prefix for entry in found.get("Contents", ()))


def remove_folder(storage: Storage, name: str) -> None:
    """Take away everything whose name begins with a folder's, a thousand files at a time."""
    wanted = place(storage, name)
    reached = reached_at(settings.S3_ENDPOINT_URL)
    pages = reached.get_paginator("list_objects_v2").paginate(
        Bucket=wanted["Bucket"], Prefix=f"{wanted['Key']}/"
    )
    for page in list(pages):  # all of it first: what goes moves the pages behind it
        if keys := [{"Key": entry["Key"]} for entry in page.get("Contents", ())]:
            answer = reached.delete_objects(
                Bucket=wanted["Bucket"], Delete={"Objects": keys, "Quiet": True}
            )
            if errors := answer.get("Errors"):
                raise OSError(f"{len(errors)} files of {name} stay: {errors[0]}")


@lru_cache(maxsize=256)
def small_text(storage: Storage, name: str) -> bytes:
    """A playlist or a storyboard's times, kept in memory: sets never change.

    Raises FileNotFoundError.
    """
    fetched = fetch(storage, name)
    if fetched.length > MOST_TEXT:
        raise FileNotFoundError(name)
    return b"".join(fetched.chunks)
