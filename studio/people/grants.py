"""Permissions that each role has in this app."""

from studio.people.roles import EVERYONE

GRANTS = {role: ["wagtailadmin.access_admin"] for role in EVERYONE}
