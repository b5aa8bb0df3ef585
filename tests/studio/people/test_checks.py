"""A proxy that nobody named is noticed at the start."""

import pytest
from django.core.checks import run_checks


@pytest.mark.parametrize(
    ("base_url", "proxies", "found"),
    [
        ("https://studio.example", 0, ["people.W001"]),
        ("https://studio.example", 1, []),
        ("http://127.0.0.1:8000", 0, []),
    ],
)
def test_https_without_a_named_proxy_is_warned_about(settings, base_url, proxies, found):
    settings.BASE_URL, settings.TRUSTED_PROXIES = base_url, proxies
    assert [one.id for one in run_checks() if str(one.id).startswith("people.")] == found
