"""The forms of deals and of the influence report."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from studio.clock import turn_not_before
from studio.fields import MoneyFormField, WholeNumberFormField
from studio.formats.money import is_currency
from studio.people.models import User
from studio.rates.admin.forms import clean_currency_code
from studio.single_line import SingleLineField
from studio.ui.moments import MomentField, MomentWidget
from studio.ui.widgets import DayInput
from videos.audience.admin.choosers import CompanyChooser, contact_chooser_for
from videos.audience.models import Contact
from videos.deals.attribution.credit import DEFAULT_MODEL, MODELS
from videos.deals.attribution.input import ReportParams
from videos.deals.attribution.load import studio_params
from videos.deals.models import FIELDS_IN_REPORTS, Deal, DealContact
from videos.deals.reports.report_params import LANDMARK_DAYS
from videos.deals.times import FIRST, LAST


def day_field(label: Any) -> forms.DateField:
    """An optional day."""
    return forms.DateField(
        label=label,
        required=False,
        widget=DayInput,
        error_messages={"invalid": gettext_lazy("Enter a valid date, such as 2026-03-31.")},
    )


def days_field(label: Any, help_text: Any) -> forms.IntegerField:
    """An optional number of days from 0."""
    field = WholeNumberFormField(
        label=label, help_text=help_text, min_value=0, max_value=999_999_999, required=False
    )
    text = gettext_lazy("Enter a whole number of days, from 0 to 999999999.")
    field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), text)
    return field


def reason_field() -> SingleLineField:
    """The reason for changing a closed deal."""
    return SingleLineField(
        label=gettext_lazy("Reason"),
        max_length=255,
        help_text=gettext_lazy(
            "The deal is closed, so the reason is kept in its history with your name."
        ),
    )


class DealForm(WagtailAdminModelForm):
    """Adds or edits a deal. Closing it is a separate action.

    Users who see only their own deals cannot change the owner and the creation date. Changing a
    closed deal needs a reason.
    """

    reason = reason_field()

    class Meta:
        model = Deal
        fields = ["name", "company", "owner", "stage", "amount", "currency", "created_at"]
        widgets = {
            "name": forms.TextInput(),
            "company": CompanyChooser,
            "currency": forms.TextInput(attrs={"maxlength": 3, "size": 4}),
            "created_at": MomentWidget(),
        }
        field_classes = {"amount": MoneyFormField, "created_at": MomentField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial.setdefault("currency", settings.CURRENCY)
            self.initial["currency"] = self.initial["currency"] or settings.CURRENCY
        self.was = {name: getattr(self.instance, name) for name in FIELDS_IN_REPORTS}
        amount: Any = self.fields["amount"]
        amount.currency_of = lambda: typed_currency(self)
        if self.instance.is_open:
            del self.fields["reason"]
        user = self.for_user
        if user and not user.has_perm("deals.view_every_deal"):
            del self.fields["owner"]
            if self.instance.pk:
                del self.fields["created_at"]
            else:
                self.instance.owner = user
            return
        owner: Any = self.fields["owner"]
        owner.queryset = User.objects.filter(Q(is_active=True) | Q(pk=self.instance.owner_id))

    def clean_owner(self) -> User | None:
        owner: User | None = self.cleaned_data["owner"]
        if not self.instance.is_open and owner and owner == self.for_user:
            raise forms.ValidationError(
                _("You cannot take over a closed deal. Another sales manager can give it to you.")
            )
        return owner

    def clean_currency(self) -> str:
        return clean_currency_code(self.cleaned_data["currency"])

    def clean_created_at(self) -> dt.datetime:
        created_at: dt.datetime = self.cleaned_data["created_at"]
        changes = created_at != self.instance.created_at
        if changes and created_at > timezone.now():
            raise forms.ValidationError(
                _("A deal cannot be created in the future: enter today or an earlier day.")
            )
        if self.instance.closed_at and created_at > self.instance.closed_at:
            raise forms.ValidationError(_("The deal closed before that. Enter an earlier time."))
        return created_at

    def save(self, commit: bool = True) -> Deal:
        if self.instance.pk:
            self.instance.note_change(self.was, by=self.for_user, at=timezone.now())
        else:
            self.instance.entered_by = self.for_user
        deal: Deal = super().save(commit)
        return deal

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("amount") is not None and cleaned.get("currency") == "":
            self.add_error("currency", _("Enter the currency of the amount."))
        return cleaned


class CloseForm(forms.Form):
    """When `deal` closed; empty means now."""

    at = MomentField(
        label=gettext_lazy("When the deal closed"),
        required=False,
        help_text=gettext_lazy("Leave it empty if the deal closed just now."),
    )

    def __init__(self, *args: Any, deal: Deal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deal = deal

    def clean_at(self) -> dt.datetime | None:
        """Chooses the occurrence after the deal's creation, if the clock showed this time twice."""
        at: dt.datetime | None = self.cleaned_data["at"]
        if at is None or self.deal is None or self.data.get("at_which"):
            return at
        return turn_not_before(at, self.deal.created_at)


class ReasonForm(forms.Form):
    """The reason for changing a closed deal."""

    reason = reason_field()


class DealContactForm(forms.ModelForm):
    """Adds a contact to a deal; a closed deal needs a reason."""

    reason = reason_field()

    class Meta:
        model = DealContact
        fields = ["contact", "role"]

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.deal = deal
        field = self.fields["contact"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Contact.objects.filter(merged_into=None)
        field.widget = contact_chooser_for(deal.company_id)
        self.fields["reason"].required = False  # `add_contact` refuses an empty one
        if deal.is_open:
            del self.fields["reason"]

    def validate_unique(self) -> None:
        """Validates the constraints, though the deal is not a form field."""
        try:
            self.instance.validate_constraints()
        except forms.ValidationError as refusal:
            self.add_error(None, refusal)


class InfluenceForm(forms.Form):
    """The parameters of the influence report. Days are in the studio's time zone."""

    model = forms.ChoiceField(
        label=gettext_lazy("Attribution model"),
        choices=[(name, model.name) for name, model in MODELS.items()],
        required=False,
    )
    from_day = day_field(gettext_lazy("Closed from"))
    to_day = day_field(gettext_lazy("Closed to"))
    lookback_days = days_field(
        gettext_lazy("Look-back, in days"),
        gettext_lazy(
            "How many days before the close views count as touches. Leave it empty for no limit."
        ),
    )
    landmark_days = days_field(
        gettext_lazy("Landmark, in days"),
        gettext_lazy(
            "For the landmark comparison: how many days after its creation a deal's touches count. "
            "14 if you leave it empty."
        ),
    )
    as_of = MomentField(
        label=gettext_lazy("As of"),
        required=False,
        help_text=gettext_lazy("Leave it empty for the current state."),
    )

    def add_prefix(self, field_name: str) -> str:
        """Names `from_day` and `to_day` `from` and `to`, which are no field names in Python."""
        return field_name.removesuffix("_day")

    def clean_as_of(self) -> dt.datetime | None:
        as_of = check_year(self.cleaned_data["as_of"])
        if as_of is not None and as_of > timezone.now():
            raise forms.ValidationError(
                _("This is in the future. Enter an earlier time, or leave it empty.")
            )
        return as_of

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if first and last and first > last:
            self.add_error("to_day", _("The last day is before the first."))
        return cleaned

    def instant(self) -> dt.datetime | None:
        """The instant of the report; None means now."""
        as_of: dt.datetime | None = self.cleaned_data["as_of"]
        return as_of

    def report_params(self) -> ReportParams:
        """The report parameters of a valid form."""
        given = self.cleaned_data
        landmark_days = given["landmark_days"]
        return studio_params(
            as_of=self.instant(),
            model=given["model"] or DEFAULT_MODEL,
            lookback_days=given["lookback_days"],
            landmark_days=LANDMARK_DAYS if landmark_days is None else landmark_days,
            from_day=given["from_day"],
            to_day=given["to_day"],
            skip_missing_rates=True,
        )


def hidden_choice(*choices: str) -> forms.ChoiceField:
    """An optional choice in the query string."""
    return forms.ChoiceField(
        choices=[(choice, choice) for choice in choices], required=False, widget=forms.HiddenInput
    )


class EvidenceForm(InfluenceForm):
    """The report parameters, and which rows behind a number to show.

    `now` is the instant of the report that the link was on, if `as_of` was empty.
    """

    status = hidden_choice(*Deal.Status.values)
    video = forms.CharField(required=False, widget=forms.HiddenInput)
    deal = forms.CharField(required=False, widget=forms.HiddenInput)
    compared = hidden_choice("all", "landmark")
    side = hidden_choice("with", "without")
    now = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def clean_now(self) -> dt.datetime | None:
        return check_year(self.cleaned_data["now"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and bool(cleaned["compared"]) != bool(cleaned["side"]):
            self.add_error(
                None,
                _("This link is incomplete: it does not name a side of the comparison."),
            )
        return cleaned

    def instant(self) -> dt.datetime | None:
        return super().instant() or self.cleaned_data["now"]


class DealsBehindForm(EvidenceForm):
    """The same for closed deals."""

    status = hidden_choice(Deal.Status.WON, Deal.Status.LOST)


def typed_currency(form: DealForm) -> str:
    """Returns the currency entered in a form; the studio's if it is not valid."""
    code = str(form["currency"].value() or "").strip().upper()
    return code if is_currency(code) else settings.CURRENCY


def check_year(instant: dt.datetime | None) -> dt.datetime | None:
    """Returns the instant if databases and time zones can represent it. Raises ValidationError."""
    if instant is not None and not FIRST <= instant <= LAST:
        raise forms.ValidationError(_("Check the year."))
    return instant
