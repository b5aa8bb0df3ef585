"""What each role may do with the public site; page permissions: `site.py`."""

from studio.people.roles import Role

GRANTS = {Role.PRODUCER: ["publishing.change_appearance"]}
