"""The content types, one entry each. CONTRIBUTING.md says how to add one; `manage.py check` names missing parts.

The API and the forms list the types in this order.
"""

from django.utils.translation import gettext_lazy as _

from .document_type import DocumentType, ListOrder, SearchMapping

DOCUMENT_TYPES: tuple[DocumentType, ...] = (
    DocumentType(
        name="home",
        label=_("Home"),
        model="pages.DepartmentHomePage",
        serializer="cms.pages.serializers.home.home_content",
        template="reader/document_home.html",
        factory="tests.factories.pages.DepartmentHomePageFactory",
        search=SearchMapping(weight=0.3),
    ),
    DocumentType(
        name="section",
        label=_("Section"),
        model="pages.SectionPage",
        serializer="cms.pages.serializers.home.section_content",
        template="reader/document_section.html",
        factory="tests.factories.pages.SectionPageFactory",
        search=SearchMapping(weight=0.3),
    ),
    DocumentType(
        name="standard",
        label=_("Page"),
        model="pages.StandardPage",
        serializer="cms.pages.serializers.home.standard_content",
        template="reader/document_standard.html",
        factory="tests.factories.pages.StandardPageFactory",
        search=SearchMapping(weight=1.1),
    ),
    DocumentType(
        name="profession",
        label=_("Profession"),
        label_plural=_("Professions"),
        model="pages.ProfessionPage",
        serializer="cms.pages.serializers.profession.profession_content",
        template="reader/document_profession.html",
        factory="tests.factories.pages.ProfessionPageFactory",
        search=SearchMapping(
            weight=1.15,
            name_keys=frozenset(("other_names", "know_how", "rome_code", "rncp", "rncp_numbers")),
            unsearched_keys=frozenset(("esco_uri", "isco_code", "apply_url", "currency", "period")),
        ),
        api_list="professions",
        is_listable=True,
        list_order=ListOrder.TITLE,
    ),
    DocumentType(
        name="testimonial",
        label=_("Testimonial"),
        label_plural=_("Testimonials"),
        model="pages.TestimonialPage",
        serializer="cms.pages.serializers.testimonial.testimonial_content",
        template="reader/document_testimonial.html",
        factory="tests.factories.pages.TestimonialPageFactory",
        search=SearchMapping(
            unsearched_keys=frozenset(("is_pseudonym", "captions", "file_url", "page_url", "embed_url", "poster")),
        ),
        api_list="testimonials",
        is_listable=True,
    ),
    DocumentType(
        name="event",
        label=_("Event"),
        label_plural=_("Events"),
        model="pages.EventPage",
        serializer="cms.pages.serializers.event.event_content",
        template="reader/document_event.html",
        factory="tests.factories.pages.EventPageFactory",
        search=SearchMapping(
            weight=1.1,
            name_keys=frozenset(("tagline", "term", "city", "series", "audiences")),
            unsearched_keys=frozenset(
                ("attendance_mode", "closes_at", "currency", "date", "end", "online_url", "opens_at", "since", "start")
            )
            | {"time_zone"},
        ),
        api_list="events",
        is_listable=True,
        has_dates=True,
        list_order=ListOrder.UPCOMING_FIRST,
    ),
    DocumentType(
        name="partnership",
        label=_("Partnership"),
        label_plural=_("Partnerships"),
        model="pages.PartnershipPage",
        serializer="cms.pages.serializers.partnership.partnership_content",
        template="reader/document_partnership.html",
        factory="tests.factories.pages.PartnershipPageFactory",
        search=SearchMapping(
            name_keys=frozenset(("action_code", "keywords", "place", "programme")),
            unsearched_keys=frozenset(
                ("countries", "date", "deadline", "due_on", "end", "signed_on", "start", "state", "updated_on")
            ),
        ),
        api_list="partnerships",
        is_listable=True,
    ),
    DocumentType(
        name="campaign",
        label=_("Campaign"),
        label_plural=_("Campaigns"),
        model="pages.CampaignPage",
        serializer="cms.pages.serializers.campaign.campaign_content",
        template="reader/document_campaign.html",
        factory="tests.factories.pages.CampaignPageFactory",
        search=SearchMapping(weight=1.1, name_keys=frozenset(("place",)), unsearched_keys=frozenset(("closes_on",))),
        api_list="campaigns",
        is_listable=True,
    ),
)
