"""Forms to add companies and contacts, and to make a share link."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from studio.people.models import User
from studio.single_line import SingleLineField
from videos.audience import contacts, links
from videos.audience.admin.choosers import CompanyChooser, ContactChooser
from videos.audience.models import Company, Contact, ShareLink
from videos.audience.public import restricted_pages, watchable_videos
from videos.planning.models import Video
from videos.publishing.visibility import Visibility


class AddressTaken(ValidationError):
    """Another contact already has the e-mail address."""

    def __init__(self, contact: Contact) -> None:
        text = _("%(contact)s already has this address.")
        super().__init__(text, "address_taken", {"contact": contact})


class ContactForm(forms.ModelForm):
    """Adds or edits a contact; a new company is added by its name."""

    email = forms.EmailField(label=_("E-mail address"), required=False)
    new_company = SingleLineField(
        label=_("Or a new company"),
        max_length=255,
        required=False,
        help_text=_("The name of a company that is not in the list."),
    )

    class Meta:
        model = Contact
        fields = ["name", "email", "company"]
        widgets = {"company": CompanyChooser}

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        other = contacts.contact_by_email(email) if email else None
        if other and other.pk != self.instance.pk:
            raise AddressTaken(other)
        return email

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("name") and not data.get("email") and not self.errors:
            raise ValidationError(_("Give a name or an e-mail address."), "nobody")
        if data.get("company") and data.get("new_company"):
            self.add_error("new_company", _("Choose a company or add a new one, not both."))
        return data

    def save(self, commit: bool = True) -> Contact:
        name = self.cleaned_data["new_company"]
        if name:
            self.instance.company = contacts.get_or_create_company(name)
        contact: Contact = super().save(commit)
        return contact


class NewContactForm(ContactForm):
    """Adds a contact from within the chooser."""

    new_company = SingleLineField(label=_("Company"), max_length=255, required=False)

    class Meta(ContactForm.Meta):
        fields = ["name", "email"]


class NewCompanyForm(forms.ModelForm):
    """Adds a company from within the chooser."""

    class Meta:
        model = Company
        fields = ["name", "domain"]


class VideoField(forms.ModelChoiceField):
    """A choice of videos; the labels tell which ones not everybody may watch."""

    @cached_property
    def restricted(self) -> dict[int, Visibility]:
        return restricted_pages()

    def label_from_instance(self, video: Any) -> str:
        visibility = self.restricted.get(video.pk)
        if visibility is None:
            return str(video)
        why = _("not for prospects") if visibility.is_for_staff else _("needs a password")
        return f"{video} ({why})"


class ShareForm(forms.Form):
    """Makes a share link to a video for a contact.

    `contact` is given if the page that links to the form is about one contact.
    """

    video = VideoField(
        label=_("Video"),
        queryset=Video.objects.none(),
        empty_label=_("Choose a video"),
        widget=forms.Select({"class": "audience-select"}),
    )
    chosen = forms.ModelChoiceField(
        label=_("Contact"),
        queryset=Contact.objects.filter(merged_into=None),
        required=False,
        widget=ContactChooser,
    )
    email = forms.EmailField(
        label=_("Or an e-mail address"),
        max_length=255,
        required=False,
        widget=forms.EmailInput({"autocomplete": "off"}),
        help_text=_("Of an existing contact or of somebody new."),
    )
    name = SingleLineField(
        label=_("Their name"),
        max_length=255,
        required=False,
        help_text=_("Only for somebody new, who will be added as a contact."),
    )

    def __init__(self, *args: Any, by: User, contact: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.contact = contact
        video: Any = self.fields["video"]
        video.queryset = watchable_videos()
        if contact:
            for name in ("chosen", "email", "name"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.contact is None:
            self.find_contact(data.get("chosen"), data.get("email", ""), data.get("name", ""))
        return data

    def find_contact(self, chosen: Contact | None, email: str, name: str) -> None:
        """Set the contact whom the link is for; a new e-mail address needs a name."""
        known = contacts.contact_by_email(email) if email else None
        if chosen and email and known != chosen:
            self.add_error("email", gettext("Choose a contact or give an address, not both."))
        elif not chosen and not email and "email" not in self.errors:
            self.add_error("chosen", gettext("Choose a contact, or give an e-mail address."))
        elif not chosen and email and not known and not name:
            text = gettext("%(email)s is not a contact yet. Enter a name to add them.")
            self.add_error("name", ValidationError(text, "unknown", {"email": email}))
        self.contact = chosen or known

    def save(self) -> ShareLink:
        """Return the share link; adds a contact if the e-mail address is new."""
        data = self.cleaned_data
        contact = self.contact or contacts.add_contact(
            data["name"], data["email"], None, by=self.by
        )
        return links.share(data["video"], contact, by=self.by)
