"""Registers the screens of rates of exchange in the admin."""

from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSet

from studio.rates import log_actions  # noqa: F401 (puts them on the administrators' record)
from studio.rates.admin.viewsets import RateViewSet


@hooks.register("register_admin_viewset")
def register_viewset() -> ModelViewSet:
    """The viewset of rates."""
    return RateViewSet()
