"""A full disk, a storage and a mail server that are away: a sentence, and never a bare 500."""

import errno
import logging
import smtplib
from unittest.mock import patch

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Site

from studio.outages import DISK, MAIL, STORAGE, outage_of
from tests.conftest import FormClient
from tests.factories import UserFactory
from videos.publishing.models import Appearance

FULL = OSError(errno.ENOSPC, "No space left on device")
AWAY = EndpointConnectionError(endpoint_url="http://localhost")


def caused(by):
    """An error of ours that comes of another one."""
    try:
        try:
            raise by
        except type(by) as cause:
            raise RuntimeError("trouble") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (FULL, DISK),
        (OSError(errno.EDQUOT, "over quota"), DISK),
        (OperationalError("database or disk is full"), DISK),
        (caused(FULL), DISK),
        (AWAY, STORAGE),
        (smtplib.SMTPServerDisconnected("gone"), MAIL),
        (OSError(errno.EACCES, "no"), None),
        (ValueError("a mistake"), None),
        (None, None),
    ],
)
def test_what_is_behind_an_error_is_found(error, outage):
    assert outage_of(error) is outage


@pytest.fixture
def client():
    client = FormClient(raise_request_exception=False)
    client.force_login(UserFactory(is_superuser=True))
    return client


def upload(client, **headers):
    """Sends a picture to Wagtail's library."""
    sent = {
        "title": "A picture",
        "file": SimpleUploadedFile("a.png", get_test_image_file().file.getvalue(), "image/png"),
        "collection": Collection.get_first_root_node().pk,
    }
    return client.post(reverse("wagtailimages:add"), sent, headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "outage"), [(FULL, DISK), (AWAY, STORAGE)], ids=["full disk", "storage away"]
)
def test_a_page_says_what_failed_and_that_nothing_was_saved(client, error, outage):
    with patch.object(type(storages["default"]), "save", side_effect=error):
        page = upload(client)
        told = upload(client, accept="application/json")
    assert (page.status_code, told.status_code) == (outage.status, outage.status)
    assert str(outage.heading) in page.text.replace("&#x27;", "'")
    assert "was not saved" in page.text
    assert told.json()["refusal"].startswith(str(outage.heading))
    assert not get_image_model().objects.exists()


@pytest.mark.django_db
def test_a_mistake_of_ours_is_said_to_be_one(client, caplog):
    with patch.object(type(storages["default"]), "save", side_effect=ZeroDivisionError):
        page = upload(client)
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert "ZeroDivisionError" in caplog.text


# Broken pictures


def picture(content: bytes | None):
    """A picture of the library whose file holds something else, or is gone."""
    image = get_image_model().objects.create(title="Logo", file=get_test_image_file())
    default_storage.delete(image.file.name)
    if content is not None:
        default_storage.save(image.file.name, ContentFile(content))
    return image


WHOLE = get_test_image_file().file.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [None, b"", b"no picture", WHOLE[: len(WHOLE) // 2], WHOLE[:20]],
    ids=["gone", "empty", "text", "half", "head"],
)
def test_a_broken_picture_is_missed_on_its_pages_and_not_the_pages(client, content, caplog):
    caplog.set_level(logging.CRITICAL, "studio.library")
    image = picture(content)
    Appearance.objects.update_or_create(
        site=Site.objects.get(is_default_site=True),
        defaults={"logo": image, "company_name": "Fernhill"},
    )
    for address in (
        reverse("wagtailimages:index"),
        reverse("wagtailimages:edit", args=[image.pk]),
        reverse("wagtailimages_chooser:choose"),
        "/",
    ):
        assert client.get(address).status_code == 200
    front = client.get("/").text
    assert "Fernhill" in front
    assert "masthead-logo" not in front


@pytest.mark.django_db
def test_no_room_for_a_size_of_a_picture_keeps_no_page_from_being_read(client):
    image = get_image_model().objects.create(title="Logo", file=get_test_image_file())
    with patch.object(type(storages["default"]), "save", side_effect=FULL):
        assert client.get(reverse("wagtailimages:index")).status_code == 200
    assert not image.renditions.exists()
    assert client.get(reverse("wagtailimages:index")).status_code == 200
    assert image.renditions.exists()
