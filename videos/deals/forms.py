"""The forms of deals and of the influence report."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from studio.clock import turn_not_before
from studio.fields import WholeNumberFormField
from studio.moments import MomentField, MomentWidget
from studio.money import is_currency
from studio.people.models import User
from videos.audience.models import Contact
from videos.deals.asked import LANDMARK_DAYS
from videos.deals.credit import DEFAULT_MODEL, MODELS
from videos.deals.load import studio_terms
from videos.deals.models import DECIDING, Deal, DealContact, Rate
from videos.deals.times import FIRST, LAST
from videos.deals.world import Terms
from videos.planning.forms import DayInput

A_YEAR = dt.timedelta(days=366)
EARLIEST_RATE = dt.date(1900, 1, 1)


def day_field(label: Any) -> forms.DateField:
    """A day that may be left empty."""
    return forms.DateField(
        label=label,
        required=False,
        widget=DayInput,
        error_messages={"invalid": gettext_lazy("There is no such day: give one like 2026-03-31.")},
    )


def days_field(label: Any, help_text: Any) -> forms.IntegerField:
    """A number of days from 0 that may be left empty."""
    field = WholeNumberFormField(
        label=label, help_text=help_text, min_value=0, max_value=999_999_999, required=False
    )
    text = gettext_lazy("Give a whole number of days, from 0 to 999999999.")
    field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), text)
    return field


class DealForm(WagtailAdminModelForm):
    """A deal, entered by hand or put right. Closing it is another act."""

    class Meta:
        model = Deal
        fields = ["name", "company", "owner", "stage", "amount", "currency", "created_at"]
        widgets = {
            "name": forms.TextInput(),
            "amount": forms.NumberInput(attrs={"step": "any", "min": "0", "inputmode": "decimal"}),
            "currency": forms.TextInput(attrs={"maxlength": 3, "size": 4}),
            "created_at": MomentWidget(),
        }
        field_classes = {"created_at": MomentField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial.setdefault("currency", settings.CURRENCY)
            self.initial["currency"] = self.initial["currency"] or settings.CURRENCY
        self.was = {name: getattr(self.instance, name) for name in DECIDING}
        user = self.for_user
        if user and not user.has_perm("deals.view_every_deal"):
            del self.fields["owner"]
            if not self.instance.pk:
                self.instance.owner = user
            return
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.owner_id))

    def clean_currency(self) -> str:
        return currency_code(self.cleaned_data["currency"])

    def clean_created_at(self) -> dt.datetime:
        created_at: dt.datetime = self.cleaned_data["created_at"]
        changes = created_at != self.instance.created_at
        if changes and created_at > timezone.now():
            raise forms.ValidationError(
                _("A deal cannot have been created in the future: give today or a day before.")
            )
        if not self.instance.is_open and changes and not self.may_change_closed():
            raise forms.ValidationError(
                _("The deal is closed: only a sales manager can change when it was created.")
            )
        if self.instance.closed_at and created_at > self.instance.closed_at:
            raise forms.ValidationError(
                _("The deal closed before that, so it was created earlier.")
            )
        return created_at

    def save(self, commit: bool = True) -> Deal:
        if self.instance.pk:
            self.instance.notes_change(self.was, by=self.for_user, at=timezone.now())
        else:
            self.instance.entered_by = self.for_user
        deal: Deal = super().save(commit)
        return deal

    def may_change_closed(self) -> bool:
        """Whether the user may change what decides on the touches of a closed deal."""
        return bool(self.for_user and self.for_user.has_perm("deals.change_closed_deal"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("amount") is not None and cleaned.get("currency") == "":
            self.add_error("currency", _("Say in which currency the amount is."))
        return cleaned


class CloseForm(forms.Form):
    """When `deal` closed; empty is now."""

    at = MomentField(
        label=gettext_lazy("When the deal closed"),
        required=False,
        help_text=gettext_lazy("Leave it empty if the deal closed just now."),
    )

    def __init__(self, *args: Any, deal: Deal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deal = deal

    def clean_at(self) -> dt.datetime | None:
        """Of a time that comes twice, the one that the deal can have closed at."""
        at: dt.datetime | None = self.cleaned_data["at"]
        if at is None or self.deal is None or self.data.get("at_which"):
            return at
        return turn_not_before(at, self.deal.created_at)


class PartForm(forms.ModelForm):
    """Adds a contact to a deal."""

    class Meta:
        model = DealContact
        fields = ["contact", "role"]

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.deal = deal
        field = self.fields["contact"]
        assert isinstance(field, forms.ModelChoiceField)
        contacts = Contact.objects.filter(merged_into=None).select_related("company")
        field.queryset = contacts
        field.empty_label = _("Choose a contact")
        mine: list[tuple[int, str]] = []
        others: list[tuple[int, str]] = []
        for contact in contacts:
            choices = mine if deal.company_id and contact.company_id == deal.company_id else others
            company = contact.company if choices is others else None
            choices.append((contact.pk, f"{contact}, {company}" if company else str(contact)))
        groups: list[Any] = others
        if mine:
            groups = [(str(deal.company), mine), (_("Everybody else"), others)]
        field.choices = [("", field.empty_label), *groups]

    def validate_unique(self) -> None:
        """Asks for deal, contact and role together, though the deal is no field."""
        try:
            self.instance.validate_constraints()
        except forms.ValidationError as refusal:
            self.add_error(None, refusal)


class InfluenceForm(forms.Form):
    """What the report is asked. Days are in the studio's time zone.

    Without a valid form there is no question, and so no number.
    """

    model = forms.ChoiceField(
        label=gettext_lazy("Credit model"),
        choices=[(name, model.name) for name, model in MODELS.items()],
        required=False,
    )
    from_day = day_field(gettext_lazy("Closed from"))
    to_day = day_field(gettext_lazy("Closed to"))
    lookback_days = days_field(
        gettext_lazy("Look-back, in days"),
        gettext_lazy(
            "How long before its close a deal's views count as touches. Leave it empty for no "
            "limit."
        ),
    )
    landmark_days = days_field(
        gettext_lazy("Landmark, in days"),
        gettext_lazy(
            "For the fair comparison: how long after its creation a deal's touches count. 14 if "
            "you leave it empty."
        ),
    )
    as_of = MomentField(
        label=gettext_lazy("As of"),
        required=False,
        help_text=gettext_lazy("Leave it empty for what is known at this moment."),
    )

    def add_prefix(self, field_name: str) -> str:
        """Fields as addresses name them: `from` and `to` are no names in Python."""
        return field_name.removesuffix("_day")

    def clean_as_of(self) -> dt.datetime | None:
        as_of = within_time(self.cleaned_data["as_of"])
        if as_of is not None and as_of > timezone.now():
            raise forms.ValidationError(
                _(
                    "This is in the future: nothing is known of it yet. Give an earlier time, or "
                    "leave it empty."
                )
            )
        return as_of

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if first and last and first > last:
            self.add_error("to_day", _("The last day is before the first."))
        return cleaned

    def instant(self) -> dt.datetime | None:
        """As of when a valid form asks; None is now."""
        as_of: dt.datetime | None = self.cleaned_data["as_of"]
        return as_of

    def terms(self) -> Terms:
        """The terms of a valid form."""
        given = self.cleaned_data
        landmark_days = given["landmark_days"]
        return studio_terms(
            as_of=self.instant(),
            model=given["model"] or DEFAULT_MODEL,
            lookback_days=given["lookback_days"],
            landmark_days=LANDMARK_DAYS if landmark_days is None else landmark_days,
            from_day=given["from_day"],
            to_day=given["to_day"],
            skip_missing_rates=True,
        )


def hidden_choice(*choices: str) -> forms.ChoiceField:
    """One of some words in an address, or nothing."""
    return forms.ChoiceField(
        choices=[(choice, choice) for choice in choices], required=False, widget=forms.HiddenInput
    )


class EvidenceForm(InfluenceForm):
    """The report's question, and which of its rows are behind a number.

    `now` is the instant of the report that was read, where it was asked for no other.
    """

    status = hidden_choice(*Deal.Status.values)
    video = forms.CharField(required=False, widget=forms.HiddenInput)
    deal = forms.CharField(required=False, widget=forms.HiddenInput)
    compared = hidden_choice("all", "landmark")
    side = hidden_choice("with", "without")
    now = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def clean_now(self) -> dt.datetime | None:
        return within_time(self.cleaned_data["now"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and bool(cleaned["compared"]) != bool(cleaned["side"]):
            self.add_error(
                None,
                _(
                    "This link is incomplete: it does not say which side of the comparison it is "
                    "about."
                ),
            )
        return cleaned

    def instant(self) -> dt.datetime | None:
        return super().instant() or self.cleaned_data["now"]


class DealsBehindForm(EvidenceForm):
    """The same of closed deals."""

    status = hidden_choice(Deal.Status.WON, Deal.Status.LOST)


class RateForm(WagtailAdminModelForm):
    """A rate of exchange, entered by hand or put right."""

    class Meta:
        model = Rate
        fields = ["day", "from_currency", "to_currency", "rate"]
        widgets = {
            "day": DayInput(),
            "from_currency": forms.TextInput(attrs={"maxlength": 3, "size": 4}),
            "to_currency": forms.TextInput(attrs={"maxlength": 3, "size": 4}),
            "rate": forms.NumberInput(attrs={"step": "any", "min": "0", "inputmode": "decimal"}),
        }
        help_texts = {
            "day": gettext_lazy(
                "It is used for deals that closed on this day or in the seven days after it."
            ),
            "rate": gettext_lazy("How much of the second currency one of the first is worth."),
        }

    def clean_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["day"]
        today = timezone.localdate()
        if day > today + A_YEAR:
            raise forms.ValidationError(_("That day is more than a year ahead. Check the year."))
        if day < EARLIEST_RATE:
            raise forms.ValidationError(_("That day is before 1900. Check the year."))
        return day

    def clean_from_currency(self) -> str:
        return currency_code(self.cleaned_data["from_currency"])

    def clean_to_currency(self) -> str:
        return currency_code(self.cleaned_data["to_currency"])

    def clean_rate(self) -> Decimal:
        rate: Decimal = self.cleaned_data["rate"]
        if rate <= 0:
            raise forms.ValidationError(_("A rate must be above zero."))
        return rate

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        pair = cleaned.get("from_currency"), cleaned.get("to_currency")
        if pair[0] and pair[0] == pair[1]:
            self.add_error(
                "to_currency", _("These are the same currency: a rate is for two different ones.")
            )
        return cleaned


def currency_code(text: str) -> str:
    """An ISO 4217 code, in capitals; empty for nothing. Raises ValidationError."""
    code = text.strip().upper()
    if code and not is_currency(code):
        raise forms.ValidationError(
            _("“%(code)s” is no currency's code: give three letters such as EUR.") % {"code": code}
        )
    return code


def within_time(instant: dt.datetime | None) -> dt.datetime | None:
    """An instant that every database and every time zone holds. Raises ValidationError."""
    if instant is not None and not FIRST <= instant <= LAST:
        raise forms.ValidationError(_("That year cannot be right. Check it."))
    return instant
