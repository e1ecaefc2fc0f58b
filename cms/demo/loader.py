"""Makes the departments, organisations and pages of the catalogue; whatever is there already is left as it is."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Model
from wagtail.fields import StreamField
from wagtail.models import Locale, Page

from cms.copies.copying import take_copy
from cms.pages.models import ContentPage, DepartmentHomePage, Organisation
from sites.lifecycle.provisioning import create_department
from sites.models import Department, Sharing
from sites.sharing.transitions import accept, propose

from .content_files import DemoContent, Record, contains_page_reference, is_reference, stable_uuid
from .demo_media import DemoMedia
from .raw_streams import raw_stream_data

SOURCE_LANGUAGE = "fr"
LOCAL_HOST = "localhost"
# What a content file says of a page beside its fields.
NON_FIELD_KEYS = frozenset(
    {"key", "type", "department", "parent", "translations", "co_holders", "mirrored_by", "copied_by"}
)


class DemoLoader:
    """Loads one catalogue. Call `load` inside a transaction: either everything is made or nothing."""

    def __init__(self, catalogue: DemoContent, port: int) -> None:
        self._catalogue = catalogue
        self._port = port
        self._assets = DemoMedia(catalogue)
        self._departments: dict[str, Department] = {}
        self._page_models: dict[str, type[ContentPage]] = {
            model.document_type: model
            for model in apps.get_app_config("pages").get_models()
            if issubclass(model, ContentPage)
        }

    def load(self) -> None:
        """Make what is missing. Raises KeyError for a name that no file explains, ValidationError for a bad value."""
        for record in self._catalogue.departments:
            self._department(record)
        made = [(record, page) for record in self._catalogue.pages if (page := self._make_page(record))]
        # Pages show each other, so all have to be there before the first is published.
        for record, page in made:
            self._publish(record, page)
        for record, page in made:
            self._offer(record, page)

    def page(self, key: str) -> Page:
        """Return the page of a record in the source language, as its specific type."""
        record = self._catalogue.record("page", key)
        if record["type"] == "home":
            return Page.objects.get(pk=self._departments[record["department"]].site.root_page_id).specific
        return Page.objects.get(translation_key=stable_uuid("page", key), locale=self._source_locale).specific

    @cached_property
    def _source_locale(self) -> Locale:
        # Not known before the first department is made.
        return Locale.objects.get(language_code=SOURCE_LANGUAGE)

    def _department(self, record: Record) -> None:
        department = Department.objects.filter(code=record["code"]).select_related("site", "collection").first()
        if department is None:
            values = {name: value for name, value in record.items() if name != "logo"}
            department = create_department(
                **values, hostname=f"{record['slug']}.{LOCAL_HOST}", port=self._port, source=SOURCE_LANGUAGE
            )
            self._assets.add_collection(record["slug"], department.collection)
            department.logo = self._assets.image(record["logo"].partition(":")[2])
            department.save()
        elif department.site.port != self._port and department.site.hostname.endswith(f".{LOCAL_HOST}"):
            department.site.port = self._port
            department.site.save()
        self._assets.add_collection(record["slug"], department.collection)
        self._departments[record["slug"]] = department

    def _organisation(self, key: str) -> Organisation:
        record = self._catalogue.record("organisation", key)
        translation_key = stable_uuid("organisation", key)
        organisation = Organisation.objects.filter(translation_key=translation_key, locale=self._source_locale).first()
        if organisation is None:
            values = {name: value for name, value in record.items() if name not in {"key", "department"}}
            department = self._departments.get(record.get("department", ""))
            organisation = Organisation(
                translation_key=translation_key,
                locale=self._source_locale,
                department=department,
                owner=department,
                **{name: self._plain(value) for name, value in values.items()},
            )
            organisation.full_clean()
            organisation.save()
        return organisation

    def _make_page(self, record: Record) -> ContentPage | None:
        """Make a page as a draft, without what it says of other pages; None when it is there already."""
        if record["type"] == "home":
            home = self.page(record["key"])
            return None if home.introduction else home
        translation_key = stable_uuid("page", record["key"])
        if Page.objects.filter(translation_key=translation_key, locale=self._source_locale).exists():
            return None
        page = self._page_models[record["type"]](
            translation_key=translation_key, locale=self._source_locale, live=False
        )
        self._fill(page, {name: value for name, value in self._fields(record) if not contains_page_reference(value)})
        parent = self.page(record["parent"] if "parent" in record else record["department"])
        # Read again: its number of children has changed since it was made.
        Page.objects.get(pk=parent.pk).add_child(instance=page)
        for slug in record.get("co_holders", []):
            accept(propose(page, self._departments[slug], Sharing.Kind.CO_HOLDING))
        return page

    def _publish(self, record: Record, page: ContentPage) -> None:
        # Read again: publishing an older state would write back its number of children.
        page = type(page).objects.get(pk=page.pk)
        is_home = isinstance(page, DepartmentHomePage)
        self._fill(
            page, {name: value for name, value in self._fields(record) if is_home or contains_page_reference(value)}
        )
        page.enforces_publication_rules = True
        page.save_revision().publish()

    def _offer(self, record: Record, page: ContentPage) -> None:
        """Let other departments mirror a published page, or publish a copy of it."""
        for slug in record.get("mirrored_by", []):
            accept(propose(page, self._departments[slug], Sharing.Kind.OFFER), Sharing.Taken.MIRROR)
        for slug in record.get("copied_by", []):
            take_copy(propose(page, self._departments[slug], Sharing.Kind.OFFER)).save_revision().publish()

    def _fields(self, record: Record) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in record.items() if name not in NON_FIELD_KEYS]

    def _fill(self, page: ContentPage, values: Record) -> None:
        for name, value in values.items():
            field = page._meta.get_field(name)
            if isinstance(field, StreamField):
                place = f"{stable_uuid('page', page.translation_key)}/{name}"
                raw = raw_stream_data(field.stream_block, value, place, self._resolve)
                # As the editor's form does: checked, and with "" where a text is left out, which translating needs.
                setattr(page, name, field.stream_block.clean(field.stream_block.to_python(raw)))
            else:
                setattr(page, name, self._plain(value))

    def _plain(self, value: Any) -> Any:
        return self._resolve(value) if is_reference(value) else value

    def _resolve(self, reference: str) -> Model:
        kind, _colon, key = reference.removeprefix("@").partition(":")
        find = {
            "organisation": self._organisation,
            "page": self.page,
            "image": self._assets.image,
            "document": self._assets.document,
            "video": self._assets.video,
            "consent": self._assets.consent,
        }[kind]
        return find(key)
