"""The permissions of each role on cuts. `access.py` limits experts to their videos."""

from studio.people.roles import Role

SEES = ["media.view_cut", "media.view_job", "media.view_caption"]

GRANTS = {
    Role.PRODUCER: [
        *SEES,
        "media.add_cut",
        "media.change_cut",
        "media.delete_cut",
        "media.add_caption",
        "media.delete_caption",
        "media.end_any_upload",
    ],
    Role.EXPERT: [*SEES, "media.add_cut"],
    Role.SALES_MANAGER: SEES,
}
