"""Sets up the site after migrations: front page, default site, permissions, schedules."""

from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.utils.translation import gettext as _
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Site,
)

from studio.people.roles import Role, last_to_migrate
from videos.publishing.models import VideoIndexPage
from videos.publishing.schedule import keep_schedule

PAGE_PERMISSIONS = ["add_page", "change_page", "publish_page"]
FILE_PERMISSIONS = [
    "wagtailimages.add_image",
    "wagtailimages.change_image",
    "wagtailimages.choose_image",
    "wagtaildocs.add_document",
    "wagtaildocs.change_document",
    "wagtaildocs.choose_document",
]


def set_up(sender: AppConfig, using: str = "default", **kwargs: object) -> None:
    """After the last app's migrations: the front page, the site, the grants, the schedule."""
    if sender != last_to_migrate() or using != "default":
        return
    call_command("createcachetable", verbosity=0)  # saving a site clears its cache
    index = front_page()
    sync_default_site(index)
    grant_page_permissions(index)
    keep_schedule()


def front_page() -> VideoIndexPage:
    """The index page; created in place of Wagtail's welcome page if there is none."""
    index: VideoIndexPage | None = VideoIndexPage.objects.order_by("path").first()
    if index:
        return index
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    welcome = root.get_children().filter(slug="home", numchild=0, latest_revision=None).first()
    index = VideoIndexPage(title=_("Videos"), slug="videos")
    root.add_child(instance=index)
    if welcome and type(welcome.specific) is Page:
        Site.objects.filter(root_page=welcome).update(root_page=index)
        welcome.delete()
    return index


def sync_default_site(index: VideoIndexPage) -> None:
    """Give the default site the host and name from the settings."""
    address = urlsplit(settings.BASE_URL)
    port = address.port or {"http": 80, "https": 443}[address.scheme]
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        site = Site(is_default_site=True, root_page=index)
    site.hostname, site.port = address.hostname, port
    site.site_name = settings.WAGTAIL_SITE_NAME
    site.save()


def grant_page_permissions(index: VideoIndexPage) -> None:
    """Let producers edit and publish pages. Only adds permissions."""
    producers = Group.objects.get(name=Role.PRODUCER.value)
    for permission in Permission.objects.filter(
        content_type__app_label="wagtailcore", codename__in=PAGE_PERMISSIONS
    ):
        GroupPagePermission.objects.get_or_create(
            group=producers, page=index.page_ptr, permission=permission
        )
    everything = Collection.get_first_root_node() or Collection.add_root(name="Root")
    for name in FILE_PERMISSIONS:
        app_label, codename = name.split(".")
        GroupCollectionPermission.objects.get_or_create(
            group=producers,
            collection=everything,
            permission=Permission.objects.get(content_type__app_label=app_label, codename=codename),
        )
