"""Labels of the codes in documents (docs/document.md)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.content_types.registry import find_document_type

EVENT_STATUS = {
    "scheduled": _("Scheduled"),
    "postponed": _("Postponed"),
    "cancelled": _("Cancelled"),
    "full": _("Full"),
    "moved_online": _("Moved online"),
}
EVENT_NOTICE = {
    "postponed": _("This event is postponed: it does not take place on the date below."),
    "cancelled": _("This event is cancelled: it does not take place."),
    "full": _("This event is full: no more places are left."),
    "moved_online": _("This event takes place online, not at the venue."),
}
ATTENDANCE = {"in_person": _("In person"), "online": _("Online"), "mixed": _("In person and online")}
SESSION_KIND = {
    "opening": _("Opening"),
    "talk": _("Talk"),
    "presentation": _("Presentation"),
    "round_table": _("Round table"),
    "workshop": _("Workshop"),
    "dialogue": _("Dialogue"),
    "break": _("Break"),
    "closing": _("Closing"),
    "other": _("Other"),
}
STAND_KIND = {"stand": _("Stand"), "animation": _("Animation"), "meeting": _("Meeting")}
ORGANISATION_KIND = {
    "department": _("Département"),
    "state": _("State service"),
    "public_body": _("Public body"),
    "local_authority": _("Local authority"),
    "training": _("Training body"),
    "association": _("Association"),
    "social_economy": _("Social economy organisation"),
    "company": _("Company"),
    "network": _("Network"),
    "other": _("Other organisation"),
}
PARTNERSHIP_KIND = {"bilateral": _("Bilateral"), "erasmus": _("Erasmus+"), "other": _("Other")}
PARTNERSHIP_STATUS = {
    "seeking": _("Seeking partners"),
    "applied": _("Applied for"),
    "signed": _("Signed"),
    "running": _("Running"),
    "ended": _("Ended"),
}
ACTIVITY_KIND = {
    "mobility": _("Learning mobility"),
    "conference": _("Conference"),
    "workshop": _("Workshop"),
    "placement": _("Placement"),
    "meeting": _("Meeting"),
    "other": _("Other"),
}
# Partners are listed in this order.
PARTNER_STATUS = {
    "coordinator": _("Coordinator"),
    "confirmed": _("Confirmed"),
    "being_confirmed": _("Being confirmed"),
    "to_be_confirmed": _("To be confirmed"),
    "sought": _("Sought"),
    "declined": _("Declined"),
}
DELIVERABLE_STATE = {"planned": _("Planned"), "in_progress": _("In progress"), "delivered": _("Delivered")}
SALARY_PERIOD = {"year": pgettext_lazy("salary", "a year"), "month": pgettext_lazy("salary", "a month")}

QUALIFIER = {
    "about": pgettext_lazy("before a figure", "about"),
    "more_than": pgettext_lazy("before a figure", "more than"),
    "up_to": pgettext_lazy("before a figure", "up to"),
}
FILE_KIND = {
    "press_release": _("Press release"),
    "programme": _("Programme"),
    "agreement": _("Agreement"),
    "report": _("Report"),
    "form": _("Form"),
}

SORT = {"relevance": _("relevance"), "date": _("date"), "title": _("title")}

LABELS = {
    "sort": SORT,
    "event_status": EVENT_STATUS,
    "event_notice": EVENT_NOTICE,
    "attendance": ATTENDANCE,
    "session_kind": SESSION_KIND,
    "stand_kind": STAND_KIND,
    "organisation_kind": ORGANISATION_KIND,
    "partnership_kind": PARTNERSHIP_KIND,
    "partnership_status": PARTNERSHIP_STATUS,
    "activity_kind": ACTIVITY_KIND,
    "partner_status": PARTNER_STATUS,
    "deliverable_state": DELIVERABLE_STATE,
    "salary_period": SALARY_PERIOD,
    "qualifier": QUALIFIER,
    "file_kind": FILE_KIND,
}


def label(code: str, vocabulary: str) -> str:
    """Return the label of a code in the active language; "" for "" and for a code without a label.

    `vocabulary` is a key of LABELS, or "type" for the names of content types.
    """
    if vocabulary == "type":
        document_type = find_document_type(code)
        return str(document_type.label) if document_type else ""
    return str(LABELS[vocabulary].get(code, ""))
