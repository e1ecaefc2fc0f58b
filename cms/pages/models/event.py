"""Page model of events."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.fields import RichTextField
from wagtail.search import index

from cms.blocks import streams
from cms.blocks.country import country_choices
from cms.blocks.text import RICH_TEXT_FEATURES
from cms.fields import MAX_BLOCKS, StreamField
from cms.pages.validators import validate_currency
from sites.models import Department
from sites.validation.dates import YEAR_VALIDATORS, is_skipped, skipped_time_message

from .base import ContentPage, synchronised, translated


def time_zone_choices() -> list[tuple[str, str]]:
    """Return (value, label) of the IANA time zones of cities, sorted by name."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class EventPage(ContentPage):
    """An event of one or several days. All times are local times in `time_zone`."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        POSTPONED = "postponed", _("Postponed")
        CANCELLED = "cancelled", _("Cancelled")
        FULL = "full", _("Full")
        MOVED_ONLINE = "moved_online", _("Moved online")

    class AttendanceMode(models.TextChoices):
        IN_PERSON = "in_person", _("In person")
        ONLINE = "online", _("Online")
        MIXED = "mixed", _("In person and online")

    tagline = models.CharField(_("tagline"), max_length=250, blank=True)
    introduction = RichTextField(_("introduction"), blank=True, features=list(RICH_TEXT_FEATURES))
    status = models.CharField(_("status"), max_length=15, choices=Status.choices, default=Status.SCHEDULED)
    attendance_mode = models.CharField(
        _("attendance"), max_length=10, choices=AttendanceMode.choices, default=AttendanceMode.IN_PERSON
    )
    start_date = models.DateField(_("first day"), null=True, blank=True)
    end_date = models.DateField(_("last day"), null=True, blank=True, help_text=_("Empty for an event of one day."))
    start_time = models.TimeField(_("opens at"), null=True, blank=True)
    end_time = models.TimeField(_("closes at"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=50, choices=time_zone_choices, default="Europe/Paris")
    days = StreamField(streams.DAYS, verbose_name=_("programme by day"), blank=True)
    stands = StreamField(streams.STANDS, verbose_name=_("stands and animations"), blank=True, max_num=MAX_BLOCKS)

    venue_name = models.CharField(_("venue"), max_length=200, blank=True)
    venue_address = models.CharField(_("street"), max_length=250, blank=True)
    venue_postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    venue_city = models.CharField(_("town"), max_length=120, blank=True)
    venue_country = models.CharField(_("country"), max_length=2, choices=country_choices, default="FR")
    venue_latitude = models.DecimalField(
        _("latitude"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("Decimal degrees (WGS 84)."),
    )
    venue_longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("Decimal degrees (WGS 84)."),
    )
    venue_access = models.TextField(
        _("how to get there"),
        blank=True,
        help_text=_("Public transport, parking, access for disabled people."),
    )
    online_url = models.URLField(_("address of the online event"), blank=True)

    objectives = StreamField(streams.SHORT_TEXTS, verbose_name=_("objectives"), blank=True)
    audiences = StreamField(streams.SHORT_TEXTS, verbose_name=_("audiences"), blank=True)
    is_free = models.BooleanField(_("free of charge"), default=True)
    price_amount = models.DecimalField(
        _("price"), max_digits=8, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    price_currency = models.CharField(_("currency"), max_length=3, default="EUR", validators=[validate_currency])
    price_note = models.CharField(_("note on the price"), max_length=250, blank=True)
    registration_url = models.URLField(_("where to register"), blank=True)
    registration_opens_at = models.DateTimeField(_("registration opens"), null=True, blank=True)
    registration_closes_at = models.DateTimeField(_("registration closes"), null=True, blank=True)
    registration_capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    registration_note = models.CharField(_("note on registration"), max_length=250, blank=True)

    theme = models.TextField(_("theme"), blank=True)
    theme_footnotes = StreamField(
        streams.FOOTNOTES, verbose_name=_("footnotes of the theme"), blank=True, max_num=MAX_BLOCKS
    )
    edition_number = models.PositiveSmallIntegerField(_("edition number"), null=True, blank=True)
    series = models.CharField(_("series"), max_length=200, blank=True, help_text=_("Name that all editions share."))
    series_first_year = models.PositiveSmallIntegerField(
        _("year of the first edition"), null=True, blank=True, validators=YEAR_VALIDATORS
    )

    organisers = StreamField(streams.ORGANISERS, verbose_name=_("organisers"), blank=True)
    partners = StreamField(streams.SUPPORTERS, verbose_name=_("partners"), blank=True)
    committees = StreamField(streams.COMMITTEES, verbose_name=_("committees"), blank=True)
    funding_name = models.CharField(_("funding frame"), max_length=250, blank=True)
    funding_start_year = models.PositiveSmallIntegerField(
        _("first year of the frame"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    funding_end_year = models.PositiveSmallIntegerField(
        _("last year of the frame"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    funding_description = models.TextField(_("description of the frame"), blank=True)

    professions = StreamField(streams.PROFESSIONS, verbose_name=_("professions"), blank=True)
    testimonials = StreamField(streams.TESTIMONIALS, verbose_name=_("testimonials"), blank=True)
    documents = StreamField(streams.DOCUMENTS, verbose_name=_("documents"), blank=True)
    body = StreamField(streams.BODY, verbose_name=_("further content"), blank=True, **streams.BODY_LIMITS)

    parent_page_types = ("pages.SectionPage",)
    subpage_types: tuple[str, ...] = ()
    search_fields = [
        *ContentPage.search_fields,
        index.SearchField("introduction"),
        index.SearchField("theme"),
        index.SearchField("venue_city"),
        index.FilterField("start_date"),
    ]
    translatable_fields = [
        *ContentPage.translatable_fields,
        *translated(
            "tagline",
            "introduction",
            "days",
            "stands",
            "venue_access",
            "objectives",
            "audiences",
            "price_note",
            "registration_note",
            "theme",
            "theme_footnotes",
            "series",
            "organisers",
            "partners",
            "committees",
            "funding_name",
            "funding_description",
            "professions",
            "testimonials",
            "documents",
            "body",
        ),
        *synchronised(
            "status",
            "attendance_mode",
            "start_date",
            "end_date",
            "start_time",
            "end_time",
            "time_zone",
            "venue_name",
            "venue_address",
            "venue_postcode",
            "venue_city",
            "venue_country",
            "venue_latitude",
            "venue_longitude",
            "online_url",
            "is_free",
            "price_amount",
            "price_currency",
            "registration_url",
            "registration_opens_at",
            "registration_closes_at",
            "registration_capacity",
            "edition_number",
            "series_first_year",
            "funding_start_year",
            "funding_end_year",
        ),
    ]

    content_panels = [
        *ContentPage.content_panels,
        FieldPanel("tagline"),
        FieldPanel("introduction"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("start_date"), FieldPanel("end_date")]),
                FieldRowPanel([FieldPanel("start_time"), FieldPanel("end_time")]),
                FieldPanel("time_zone"),
                FieldRowPanel([FieldPanel("status"), FieldPanel("attendance_mode")]),
            ],
            heading=_("When"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("venue_name"),
                FieldPanel("venue_address"),
                FieldRowPanel([FieldPanel("venue_postcode"), FieldPanel("venue_city")]),
                FieldPanel("venue_country"),
                FieldRowPanel([FieldPanel("venue_latitude"), FieldPanel("venue_longitude")]),
                FieldPanel("venue_access"),
                FieldPanel("online_url"),
            ],
            heading=_("Where"),
        ),
        FieldPanel("objectives"),
        FieldPanel("audiences"),
        MultiFieldPanel([FieldPanel("theme"), FieldPanel("theme_footnotes")], heading=_("Theme")),
        FieldPanel("body"),
    ]
    programme_panels = [FieldPanel("days"), FieldPanel("stands")]
    practical_panels = [
        MultiFieldPanel(
            [
                FieldPanel("is_free"),
                FieldRowPanel([FieldPanel("price_amount"), FieldPanel("price_currency")]),
                FieldPanel("price_note"),
            ],
            heading=_("Price"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("registration_url"),
                FieldRowPanel([FieldPanel("registration_opens_at"), FieldPanel("registration_closes_at")]),
                FieldPanel("registration_capacity"),
                FieldPanel("registration_note"),
            ],
            heading=_("Registration"),
        ),
        FieldPanel("documents"),
        FieldPanel("professions"),
        FieldPanel("testimonials"),
    ]
    organisation_panels = [
        FieldPanel("organisers"),
        FieldPanel("partners"),
        FieldPanel("committees"),
        MultiFieldPanel(
            [
                FieldPanel("series"),
                FieldRowPanel([FieldPanel("edition_number"), FieldPanel("series_first_year")]),
            ],
            heading=_("Edition"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("funding_name"),
                FieldRowPanel([FieldPanel("funding_start_year"), FieldPanel("funding_end_year")]),
                FieldPanel("funding_description"),
            ],
            heading=_("Funding frame"),
        ),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=_("Content")),
            ObjectList(programme_panels, heading=_("Programme")),
            ObjectList(practical_panels, heading=_("Practical")),
            ObjectList(organisation_panels, heading=_("Organisation")),
            ObjectList(ContentPage.promote_panels, heading=_("Promote")),
            ObjectList(ContentPage.settings_panels, heading=_("Settings")),
        ]
    )

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def set_local_defaults(self, department: Department) -> None:
        self.time_zone = department.time_zone

    def local_times(self) -> Iterator[tuple[str, datetime.date, datetime.time]]:
        """Yield (field, date, local time) of each complete time of the event and its sessions."""
        yield from self._complete_times("start_time", self.start_date, self.start_time)
        yield from self._complete_times("end_time", self.last_date, self.end_time)
        for day in self.days:
            for session in day.value.get("sessions") or ():
                for time in (session.get("start"), session.get("end")):
                    yield from self._complete_times("days", day.value.get("date"), time)

    def _complete_times(
        self, field: str, date: datetime.date | None, time: datetime.time | None
    ) -> Iterator[tuple[str, datetime.date, datetime.time]]:
        if date and time:
            yield field, date, time

    @property
    def last_date(self) -> datetime.date | None:
        """Last day of the event; None in a draft without dates."""
        return self.end_date or self.start_date

    def publication_errors(self) -> dict[str, Any]:
        errors = super().publication_errors()
        if self.start_date is None:
            errors["start_date"] = _("An event cannot be published without its first day.")
        return errors

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        if self.start_date and self.last_date and self.last_date < self.start_date:
            errors["end_date"] = _("The event ends before it starts.")
        elif self.start_date and self.last_date:
            outside = [
                day.value["date"]
                for day in self.days
                if day.value["date"] and not self.start_date <= day.value["date"] <= self.last_date
            ]
            if outside:
                errors["days"] = _("%(date)s is outside the days of the event.") % {"date": outside[0].isoformat()}
            is_one_day = self.last_date == self.start_date
            if is_one_day and self.start_time and self.end_time and self.end_time <= self.start_time:
                errors["end_time"] = _("The event closes before it opens.")
        if (
            self.registration_opens_at
            and self.registration_closes_at
            and self.registration_closes_at <= self.registration_opens_at
        ):
            errors["registration_closes_at"] = _("Registration closes before it opens.")
        if self.funding_start_year and self.funding_end_year and self.funding_end_year < self.funding_start_year:
            errors["funding_end_year"] = _("The funding frame ends before it starts.")
        if (self.venue_latitude is None) != (self.venue_longitude is None):
            missing = "venue_latitude" if self.venue_latitude is None else "venue_longitude"
            errors[missing] = _("Coordinates need a latitude and a longitude.")
        for name, date, time in self.local_times() if self.time_zone in zoneinfo.available_timezones() else ():
            if name not in errors and is_skipped(date, time, self.time_zone):
                errors[name] = skipped_time_message(date, time, self.time_zone)
        if errors:
            raise ValidationError(errors)
