"""The S3 endpoint of the tests is a real one, and the footage storage follows it."""

import pytest
from django.core.files.base import ContentFile

from tests.s3 import s3, s3_footage  # noqa: F401
from videos.media.models import footage


def test_the_footage_lies_on_s3_when_a_test_says_so(s3_footage):  # noqa: F811
    name = footage().save("sources/one", ContentFile(b"footage"))
    listed = s3_footage.client().list_objects_v2(Bucket=s3_footage.bucket)["Contents"]
    assert [entry["Key"].split("/", 1)[1] for entry in listed] == ["footage/sources/one"]
    with footage().open(name) as file:
        assert file.read() == b"footage"
    footage().delete(name)


def test_an_outage_ends_with_nothing_lost(s3_footage):  # noqa: F811
    name = footage().save("sources/two", ContentFile(b"kept"))
    s3_footage.stop()
    with pytest.raises(Exception, match="connect"):
        s3_footage.client().list_objects_v2(Bucket=s3_footage.bucket)
    s3_footage.start()
    with footage().open(name) as file:
        assert file.read() == b"kept"
    footage().delete(name)
