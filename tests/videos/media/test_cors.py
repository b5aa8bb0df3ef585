"""The set-up lets browsers use the bucket; where it may not, the studio starts and says so."""

import urllib.request

import pytest
from botocore.exceptions import ClientError
from django.apps import apps

from studio.operations import health
from tests.s3 import Endpoint, s3, s3_footage  # noqa: F401
from videos.media.uploads import cors


@pytest.fixture
def unknown_page(s3_footage: Endpoint, settings) -> Endpoint:  # noqa: F811
    """A bucket without rules, and a studio whose pages it does not know."""
    settings.BASE_URL = "https://studio.example"
    s3_footage.client().delete_bucket_cors(Bucket=s3_footage.bucket)
    cors.known_until.clear()
    return s3_footage


class ForbiddenKey:
    """A client whose key may not touch rules, as S3 itself answers."""

    def get_bucket_cors(self, **asked: object) -> object:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetBucketCors")

    def put_bucket_cors(self, **asked: object) -> object:
        error = {"Code": "AccessDenied", "Message": "not authorized"}
        raise ClientError({"Error": error}, "PutBucketCors")


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key whose policy does not let it set rules."""
    monkeypatch.setattr(cors, "client", ForbiddenKey)


def migrated() -> None:
    cors.set_up(sender=apps.get_app_config("media"), plan=[])


def test_migrate_sets_the_rules_where_they_are_missing(unknown_page):
    with pytest.raises(cors.NotAllowed, match=r"does not allow https://studio\.example: GET"):
        cors.check()
    migrated()
    cors.check()
    assert cors.rules_there() == cors.rules()


def preflight(bucket: Endpoint, origin: str, method: str) -> set[str]:
    """The methods that the endpoint itself allows a page, when its browser asks for one of them."""
    asked = urllib.request.Request(
        f"{bucket.url}/{bucket.bucket}/any",
        method="OPTIONS",
        headers={"Origin": origin, "Access-Control-Request-Method": method},
    )
    with urllib.request.urlopen(asked) as answer:
        said = answer.headers.get("Access-Control-Allow-Methods") or ""
    return {word.strip() for word in said.split(",") if word}


def has(bucket: Endpoint, *rules: dict[str, object]) -> None:
    bucket.client().put_bucket_cors(
        Bucket=bucket.bucket, CORSConfiguration={"CORSRules": list(rules)}
    )


@pytest.fixture
def reading_apart() -> list[dict[str, object]]:
    """Rules that allow our pages all they need, but no single one does."""
    told = {"AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}
    return [
        told | {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"]},
        told | {"AllowedOrigins": ["https://studio.example"], "AllowedMethods": ["PUT"]},
    ]


@pytest.mark.parametrize("before", ["none", "reading apart"])
def test_a_browser_may_send_from_our_pages_and_from_no_other(unknown_page, reading_apart, before):
    if before != "none":
        has(unknown_page, *reading_apart)
    migrated()
    for method in ("GET", "PUT"):
        assert method in preflight(unknown_page, "https://studio.example", method)
    assert preflight(unknown_page, "https://other.example", "GET") == {"GET", "HEAD"}
    assert "PUT" not in preflight(unknown_page, "https://other.example", "PUT")


def test_several_rules_that_are_enough_together_need_no_right_to_change_them(
    unknown_page, reading_apart, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    has(unknown_page, *reading_apart)
    there = cors.rules_there()
    monkeypatch.setattr(cors, "rules_there", lambda: there)
    monkeypatch.setattr(cors, "client", ForbiddenKey)
    migrated()
    cors.check()
    assert caplog.text == ""


def test_rules_that_are_enough_stay_as_they_are(unknown_page):
    has(unknown_page, *(rule | {"AllowedOrigins": ["*"]} for rule in cors.rules()))
    migrated()
    there = unknown_page.client().get_bucket_cors(Bucket=unknown_page.bucket)["CORSRules"]
    assert [rule["AllowedOrigins"] for rule in there] == [["*"], ["*"]]


def test_rules_of_others_are_kept(unknown_page):
    other = {
        "AllowedOrigins": ["https://other.example"],
        "AllowedMethods": ["GET"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 60,
    }
    has(unknown_page, other)
    migrated()
    migrated()
    assert cors.rules_there() == [*cors.rules(), other]


def test_a_policy_that_forbids_it_does_not_stop_the_start(
    unknown_page, forbidden, caplog: pytest.LogCaptureFixture
):
    migrated()
    assert "does not accept the CORS rules" in caplog.text
    assert "s3:PutBucketCORS" in caplog.text
    assert cors.check_bucket() == []  # nobody lets us look, and nobody says that it is wrong


def test_the_checks_and_readyz_say_what_is_missing(unknown_page, settings):
    [warning] = cors.check_bucket()
    assert warning.id == "media.W001"
    found = health.look("storage", health.storage)
    assert (found.ok, found.state) == (True, "warning")
    assert "keeps browsers from using it" in found.words
    migrated()
    assert health.look("storage", health.storage).state == "ok"
    settings.S3_BUCKET = ""
    assert cors.check_bucket() == []


def test_a_flush_asks_no_bucket(settings):
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "nowhere", "http://127.0.0.1:1"
    cors.set_up(sender=apps.get_app_config("media"))
