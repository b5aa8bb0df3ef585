"""What each role may do with the public site; page permissions: `site_setup.py`."""

from studio.people.roles import Role

GRANTS = {Role.PRODUCER: ["publishing.change_appearance"]}
