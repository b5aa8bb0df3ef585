"""The forms of deals and of the influence report."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from studio.money import is_currency
from videos.audience.models import Contact
from videos.deals.asked import LANDMARK_DAYS
from videos.deals.credit import DEFAULT_MODEL, MODELS
from videos.deals.load import studio_terms
from videos.deals.models import Deal, DealContact
from videos.deals.world import Terms
from videos.planning.forms import DayInput


class MomentInput(forms.DateTimeInput):
    """The browser's own field for day and time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class DealForm(WagtailAdminModelForm):
    """A deal, entered by hand or put right. Closing it is another act."""

    class Meta:
        model = Deal
        fields = ["name", "company", "owner_email", "stage", "amount", "currency", "created_at"]
        widgets = {
            "name": forms.TextInput(),
            "owner_email": forms.EmailInput(),
            "amount": forms.NumberInput(attrs={"step": "any", "min": "0", "inputmode": "decimal"}),
            "currency": forms.TextInput(attrs={"maxlength": 3, "size": 4}),
            "created_at": MomentInput(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial.setdefault("currency", settings.CURRENCY)
            self.initial["currency"] = self.initial["currency"] or settings.CURRENCY
        user = self.for_user
        if user and not user.has_perm("deals.view_every_deal"):
            del self.fields["owner_email"]
            self.instance.owner_email = self.instance.owner_email or user.email

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if currency and not is_currency(currency):
            raise forms.ValidationError(
                _("“%(code)s” is no currency's code: give three letters such as EUR.")
                % {"code": currency}
            )
        return currency

    def clean_created_at(self) -> dt.datetime:
        created_at: dt.datetime = self.cleaned_data["created_at"]
        before = self.initial.get("created_at")
        if self.instance.pk and before and created_at == before.replace(second=0, microsecond=0):
            created_at = before  # the browser's field knows no seconds
        if self.instance.closed_at and created_at > self.instance.closed_at:
            raise forms.ValidationError(_("The deal closed before this."))
        return created_at

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("amount") is not None and cleaned.get("currency") == "":
            self.add_error("currency", _("Say in which currency the amount is."))
        return cleaned


class CloseForm(forms.Form):
    """When a deal closed; empty is now."""

    at = forms.DateTimeField(
        label=gettext_lazy("When"),
        required=False,
        widget=MomentInput,
        help_text=gettext_lazy("Leave empty for now."),
    )


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
    """What the report is asked. Days are in the studio's time zone."""

    model = forms.ChoiceField(
        label=gettext_lazy("Credit"),
        choices=[(name, model.name) for name, model in MODELS.items()],
        required=False,
    )
    from_day = forms.DateField(label=gettext_lazy("Closed from"), required=False, widget=DayInput)
    to_day = forms.DateField(label=gettext_lazy("to"), required=False, widget=DayInput)
    lookback_days = forms.IntegerField(
        label=gettext_lazy("Look back, days"),
        min_value=0,
        max_value=999_999_999,
        required=False,
        help_text=gettext_lazy("Before the close; empty is for ever."),
    )
    landmark_days = forms.IntegerField(
        label=gettext_lazy("Landmark, days"),
        min_value=0,
        max_value=999_999_999,
        required=False,
        help_text=gettext_lazy("After the creation; 14 unless given."),
    )
    as_of = forms.DateTimeField(
        label=gettext_lazy("As of"),
        required=False,
        widget=MomentInput,
        help_text=gettext_lazy("Empty is now."),
    )

    def add_prefix(self, field_name: str) -> str:
        """Fields as addresses name them: `from` and `to` are no names in Python."""
        return field_name.removesuffix("_day")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        if first and last and first > last:
            self.add_error("to_day", _("The last day is before the first."))
        return cleaned

    def terms(self) -> Terms:
        """The terms of a valid form; the defaults of one that is not."""
        given = self.cleaned_data if self.is_valid() else {}
        landmark_days = given.get("landmark_days")
        return studio_terms(
            as_of=given.get("as_of"),
            model=given.get("model") or DEFAULT_MODEL,
            lookback_days=given.get("lookback_days"),
            landmark_days=LANDMARK_DAYS if landmark_days is None else landmark_days,
            from_day=given.get("from_day"),
            to_day=given.get("to_day"),
        )
