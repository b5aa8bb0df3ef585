"""What each role may do at the front door."""

from studio.people.roles import EVERYONE

GRANTS = {role: ["wagtailadmin.access_admin"] for role in EVERYONE}
