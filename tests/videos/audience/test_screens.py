import datetime as dt
import re
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.timezone import now
from wagtail.models import PageViewRestriction

from studio.people.roles import Role
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    ShareLinkFactory,
    UserFactory,
    VideoFactory,
    ViewerFactory,
    ViewFactory,
)
from tests.videos.audience.factories import public_video
from videos.audience import links
from videos.audience.models import Company, Contact, ShareLink

ROLES = (Role.PRODUCER, Role.EXPERT, Role.SALES_MANAGER, Role.FINANCE, Role.LEADER)
SCREENS = {
    # screen: who may open it, in the order of ROLES
    "audience_companies:index": (1, 1, 1, 0, 0),
    "audience_companies:add": (0, 1, 1, 0, 0),
    "audience_companies:inspect": (1, 1, 1, 0, 0),
    "audience_companies:edit": (0, 0, 1, 0, 0),
    "audience_companies:delete": (0, 0, 0, 0, 0),
    "audience_contacts:index": (1, 1, 1, 0, 0),
    "audience_contacts:add": (0, 1, 1, 0, 0),
    "audience_contacts:inspect": (1, 1, 1, 0, 0),
    "audience_contacts:edit": (0, 0, 1, 0, 0),
    "audience_contacts:delete": (0, 0, 0, 0, 0),
    "audience_share_links:index": (0, 1, 1, 0, 0),
    "audience_share_links:add": (0, 1, 1, 0, 0),
    "audience_views:index": (1, 1, 1, 1, 1),
}
ALLOWED = [
    (screen, role, bool(may))
    for screen, row in SCREENS.items()
    for role, may in zip(ROLES, row, strict=True)
]


@pytest.mark.parametrize(("screen", "role", "may"), ALLOWED)
def test_each_role_opens_its_own_screens(signed_in, db, screen, role, may):
    rows = {"audience_companies": CompanyFactory, "audience_contacts": ContactFactory}
    room, name = screen.split(":")
    needs_row = name in {"inspect", "edit", "delete"}
    url = reverse(screen, args=[rows[room]().pk] if needs_row else [])
    response = signed_in(UserFactory(role=role)).get(url)
    assert response.status_code == (200 if may else 302)
    if not may:
        assert response["Location"] == reverse("wagtailadmin_home")


def test_a_passer_by_sees_none_of_it(client, db):
    for screen in SCREENS:
        if screen.split(":")[1] in {"index", "add"}:
            assert "/admin/login/" in client.get(reverse(screen))["Location"]


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (Role.PRODUCER, {"Contacts", "Companies"}),
        (Role.EXPERT, {"Contacts", "Companies", "Share links"}),
        (Role.SALES_MANAGER, {"Contacts", "Companies", "Share links"}),
        (Role.FINANCE, set()),
        (Role.LEADER, set()),
    ],
)
def test_the_menu_has_what_the_role_may_open(rf, db, role, labels):
    from wagtail.admin.menu import admin_menu

    request = rf.get("/admin/")
    request.user = UserFactory(role=role)
    shown = {str(item.label) for item in admin_menu.menu_items_for_request(request)}
    assert shown & {"Contacts", "Companies", "Share links"} == labels


# Share links


def make(client, **data):
    return client.post(reverse("audience_share_links:add"), data)


def test_a_rep_makes_a_link_for_a_known_contact(signed_in, expert_user):
    video, contact = public_video(), ContactFactory(email="ann@buyer.example")
    response = make(signed_in(expert_user), video=video.pk, email="ANN@buyer.example")
    link = ShareLink.objects.get()
    assert (link.video, link.contact, link.rep) == (video, contact, expert_user)
    assert response["Location"] == reverse("audience_share_links:inspect", args=[link.pk])
    assert Contact.objects.count() == 1


def test_a_link_is_made_once_for_each_video_contact_and_rep(signed_in, expert_user, sales_manager):
    video, contact = public_video(), ContactFactory()
    for rep in (expert_user, expert_user, sales_manager):
        make(signed_in(rep), video=video.pk, email=contact.email)
    assert sorted(ShareLink.objects.values_list("rep", flat=True)) == sorted(
        [expert_user.pk, sales_manager.pk]
    )


def test_an_unknown_address_becomes_a_contact_with_its_name(signed_in, expert_user):
    video, company = public_video(), CompanyFactory(domain="buyer.example")
    client = signed_in(expert_user)
    response = make(client, video=video.pk, email="bo@buyer.example")
    assert "bo@buyer.example is not a contact yet" in response.content.decode()
    assert not ShareLink.objects.exists()
    assert not Contact.objects.exists()
    make(client, video=video.pk, email="bo@buyer.example", name="Bo Li")
    contact = ShareLink.objects.get().contact
    assert (contact.name, contact.email) == ("Bo Li", "bo@buyer.example")
    assert contact.company == company
    assert contact.created_at is not None


def test_the_form_knows_the_contact_and_video_it_was_opened_for(signed_in, expert_user):
    video, contact = public_video(), ContactFactory(email="")
    url = f"{reverse('audience_share_links:add')}?contact={contact.public_id}"
    client = signed_in(expert_user)
    text = client.get(f"{url}&video={video.public_id}").content.decode()
    assert f'<option value="{video.pk}" selected>' in text
    assert 'name="email"' not in text
    client.post(url, {"video": video.pk})
    assert ShareLink.objects.get().contact == contact


def test_a_merged_contact_gets_links_as_the_one_it_was_merged_into(db, expert_user):
    into = ContactFactory()
    merged = ContactFactory(merged_into=into)
    assert links.share(public_video(), merged, by=expert_user).contact == into


@pytest.mark.parametrize("stage", ["approved", "published", "retired"])
def test_a_video_without_a_live_page_cannot_be_sent(signed_in, expert_user, stage):
    video = VideoFactory(stage=stage)
    response = make(signed_in(expert_user), video=video.pk, email=ContactFactory().email)
    assert response.status_code == 200
    assert not ShareLink.objects.exists()
    with pytest.raises(links.VideoNotPublic):
        links.share(video, ContactFactory(), by=expert_user)
    assert not ShareLink.objects.exists()


@pytest.mark.parametrize(
    ("kind", "label", "warning"),
    [
        ("password", "(needs a password)", "Send the password in a separate message."),
        ("login", "(not for prospects)", "Prospects have no account, so they cannot watch it."),
        ("groups", "(not for prospects)", "Prospects have no account, so they cannot watch it."),
        ("", "", ""),
    ],
)
def test_who_shares_a_restricted_video_reads_who_can_watch_it(
    signed_in, expert_user, kind, label, warning
):
    link = ShareLinkFactory(video=public_video(title="Free for all"), rep=expert_user)
    if kind:
        PageViewRestriction.objects.create(page=link.video.page.page_ptr, restriction_type=kind)
    client = signed_in(expert_user)
    form = f"{reverse('audience_share_links:add')}?video={link.video.public_id}"
    inspect = reverse("audience_share_links:inspect", args=[link.pk])
    panel = reverse("planning_video_panel", args=[link.video.pk, "audience"])
    screens = [client.get(address).content.decode() for address in (form, inspect, panel)]
    assert f"Free for all {label}".strip() in screens[0]
    for html in screens:
        assert warning in html
        assert bool(warning) == ("Only people who" in html or "Only administrators" in html)
    said = "You need a password to watch it. I am sending it to you separately."
    assert (said in screens[1]) == (kind == "password")


def test_a_share_links_page_has_the_text_to_paste(signed_in, expert_user, settings):
    link = ShareLinkFactory(rep=expert_user, video=public_video(), contact__name="Ann Lee")
    url = reverse("audience_share_links:inspect", args=[link.pk])
    text = signed_in(expert_user).get(url).content.decode()
    assert f"{settings.BASE_URL}/s/{link.token}" in text
    assert "Hello Ann Lee," in text
    assert f"mailto:{link.contact.email}?subject=" in text


def test_a_rep_sees_own_links_and_a_sales_manager_all(signed_in, expert_user, sales_manager):
    mine = ShareLinkFactory(rep=expert_user)
    other = ShareLinkFactory()
    index = reverse("audience_share_links:index")

    def seen(user):
        rows = signed_in(user).get(index).context["object_list"]
        return {link.pk for link in rows}

    def opened(user, link):
        url = reverse("audience_share_links:inspect", args=[link.pk])
        return signed_in(user).get(url).status_code

    assert seen(expert_user) == {mine.pk}
    assert seen(sales_manager) == {mine.pk, other.pk}
    assert [opened(expert_user, link) for link in (mine, other)] == [200, 404]
    assert [opened(sales_manager, link) for link in (mine, other)] == [200, 200]


def counted(link, **fields):
    return ViewFactory(
        **{"video": link.video, "share_link": link, "counted_at": now()} | fields,
    )


def test_recently_watched_are_the_reps_links_that_counted_the_latest_first(db, expert_user):
    old, new, unwatched = (ShareLinkFactory(rep=expert_user) for _ in range(3))
    counted(old)
    counted(old)
    counted(new)
    counted(unwatched, is_bot=True)
    ViewFactory(video=unwatched.video, share_link=unwatched, seconds_watched=Decimal("2.9"))
    counted(ShareLinkFactory())
    watched = links.recently_watched(expert_user, 5)
    assert [(link.pk, link.watched) for link in watched] == [(new.pk, 1), (old.pk, 2)]
    assert [link.pk for link in links.recently_watched(expert_user, 1)] == [new.pk]


# Contacts


def test_a_contact_is_added_with_a_new_company(signed_in, expert_user):
    response = signed_in(expert_user).post(
        reverse("audience_contacts:add"),
        {"name": "Ann", "email": "ann@new.example", "company": "", "new_company": "New Ltd"},
    )
    contact = Contact.objects.get()
    assert response["Location"] == reverse("audience_contacts:inspect", args=[contact.pk])
    assert (contact.name, str(contact.company)) == ("Ann", "New Ltd")
    assert contact.created_at is not None


@pytest.mark.parametrize(
    ("screen", "model"), [("audience_contacts", Contact), ("audience_companies", Company)]
)
def test_a_double_click_adds_one(signed_in, expert_user, screen, model):
    client, address = signed_in(expert_user), reverse(f"{screen}:add")
    key = re.search(r'name="once" value="([^"]+)"', client.get(address).content.decode())[1]
    answers = [client.post(address, {"name": "Ann", "once": key}) for _click in range(2)]
    assert model.objects.count() == 1
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_an_address_belongs_to_one_contact(signed_in, expert_user):
    ContactFactory(name="Ann", email="ann@buyer.example")
    response = signed_in(expert_user).post(
        reverse("audience_contacts:add"), {"name": "B", "email": "Ann@buyer.example"}
    )
    assert "Ann already has this address." in response.content.decode()
    assert Contact.objects.count() == 1


def test_contacts_are_found_by_name_address_and_company(signed_in, expert_user):
    ann = ContactFactory(name="Ann", email="a@x.example", company__name="Acme")
    ContactFactory(name="Bo")
    ContactFactory(name="Ann before", merged_into=ann)
    client = signed_in(expert_user)
    for query in ("q=ann", "q=x.example", "q=acme", f"company={ann.company_id}"):
        rows = client.get(f"{reverse('audience_contacts:index')}?{query}").context["object_list"]
        assert list(rows) == [ann]


def test_a_contacts_page_shows_links_and_views(signed_in, expert_user, sales_manager):
    contact = ContactFactory()
    mine = ShareLinkFactory(contact=contact, rep=expert_user, video__title="My answer")
    ViewFactory(video=mine.video, share_link=mine, seconds_watched=Decimal("12.5"))
    imported = ViewFactory(video__title="Other answer", contact=contact, imported=True)
    ViewFactory(video__title="Somebody else's")
    url = reverse("audience_contacts:inspect", args=[contact.pk])

    def titles(user):
        text = signed_in(user).get(url).content.decode()
        names = ("My answer", imported.video.title, "Somebody else")
        return [name in text for name in names], "12.5\xa0s" in text or "12.5 s" in text

    assert titles(expert_user) == ([True, False, False], True)
    assert titles(sales_manager) == ([True, True, False], True)


# Views


def test_views_are_filtered_by_video_and_contact(signed_in, leader):
    link = ShareLinkFactory()
    through = counted(link)
    same_video = ViewFactory(video=link.video)
    ViewFactory()
    client = signed_in(leader)

    def rows(query):
        response = client.get(f"{reverse('audience_views:index')}?{query}")
        return {view.pk for view in response.context["object_list"]}

    assert len(rows("")) == 3
    assert rows(f"video={link.video_id}") == {through.pk, same_video.pk}
    assert rows(f"contact={link.contact_id}") == {through.pk}


def test_a_rep_sees_the_views_of_own_links_alone(signed_in, expert_user):
    mine = counted(ShareLinkFactory(rep=expert_user))
    counted(ShareLinkFactory())
    rows = signed_in(expert_user).get(reverse("audience_views:index")).context["object_list"]
    assert [view.pk for view in rows] == [mine.pk]


def test_a_view_that_does_not_count_names_nobody(signed_in, sales_manager):
    link = ShareLinkFactory(contact__name="Ann Lee")
    ViewFactory(video=link.video, share_link=link, is_staff=True)
    counted(link, counted_at=None)
    url = reverse("audience_views:index")
    client = signed_in(sales_manager)
    listing = client.get(reverse("audience_views:index_results")).content.decode()
    assert "Ann Lee" not in listing
    counted(link, viewer=ViewerFactory(was_staff=True))  # who signed in after it was counted
    assert "Ann Lee" in client.get(url).content.decode()


def test_evidence_shows_since_when_a_view_is_known(signed_in, sales_manager):
    counted(ShareLinkFactory(), counted_at=now() - dt.timedelta(days=3))
    counted(ShareLinkFactory(), counted_at=None, started_at=now())
    client = signed_in(sales_manager)
    listing = client.get(reverse("audience_views:index_results")).content.decode()
    assert listing.count("Counted since") >= 1
    assert listing.count("3\xa0days ago") == 1


def test_companies_come_in_the_order_of_their_names(signed_in, sales_manager):
    for name in ("Zoë Ltd", "Ärzte GmbH", "Bakery"):
        CompanyFactory(name=name)
    answer = signed_in(sales_manager).get(reverse("audience_companies:index"))
    names = [company.name for company in answer.context["object_list"]]
    assert names == ["Ärzte GmbH", "Bakery", "Zoë Ltd"]


# Pages stay cheap


@pytest.mark.parametrize(
    "screen", ["audience_share_links:index", "audience_views:index", "audience_contacts:index"]
)
def test_lists_need_few_queries(signed_in, sales_manager, django_assert_max_num_queries, screen):
    for _ in range(12):
        counted(ShareLinkFactory())
    client = signed_in(sales_manager)
    with django_assert_max_num_queries(40):
        assert client.get(reverse(screen)).status_code == 200


def test_a_contacts_page_needs_few_queries(signed_in, sales_manager, django_assert_max_num_queries):
    contact = ContactFactory()
    for _ in range(12):
        counted(ShareLinkFactory(contact=contact))
    client = signed_in(sales_manager)
    with django_assert_max_num_queries(40):
        client.get(reverse("audience_contacts:inspect", args=[contact.pk]))


def test_no_mail_is_sent_by_making_a_link(signed_in, expert_user):
    make(signed_in(expert_user), video=public_video().pk, email=ContactFactory().email)
    assert ShareLink.objects.count() == 1
    assert mail.outbox == []
