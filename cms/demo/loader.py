"""Creates the departments, organisations and pages of the demo. Existing ones are not changed."""

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

from .asset_inspections import InspectedAssets
from .content_files import DemoContent, Record, contains_page_reference, is_reference, stable_uuid
from .demo_media import DemoMedia
from .progress import Track, untracked
from .raw_streams import raw_stream_data

SOURCE_LANGUAGE = "fr"
LOCAL_HOST = "localhost"
# Keys of a page record that are not fields of the page model.
NON_FIELD_KEYS = frozenset(
    {"key", "type", "department", "parent", "translations", "co_holders", "mirrored_by", "copied_by"}
)


class DemoLoader:
    """A loader of the demo content. Call `load` inside a transaction, so that a failure leaves nothing behind."""

    def __init__(self, content: DemoContent, assets: InspectedAssets, port: int) -> None:
        self._content = content
        self._port = port
        self._media = DemoMedia(content, assets)
        self._departments: dict[str, Department] = {}
        self._page_models: dict[str, type[ContentPage]] = {
            model.document_type: model
            for model in apps.get_app_config("pages").get_models()
            if issubclass(model, ContentPage)
        }

    def load(self, track: Track = untracked) -> None:
        """Create the departments, organisations and pages that do not exist.

        Raise KeyError for a reference that no content file defines, and ValidationError for an invalid value.
        """
        for record in track("Departments and their media", self._content.departments):
            self._load_department(record)
        created = []
        for record in track("Page drafts", self._content.pages):
            page = self._create_page(record)
            if page is not None:
                created.append((record, page))
        # Pages refer to each other, so all of them must exist before the first one is published.
        for record, page in track("Published pages", created):
            self._publish(record, page)
        for record, page in created:
            self._share(record, page)

    def page(self, key: str) -> Page:
        """Return the page of a record in the source language, as its specific type."""
        record = self._content.record("page", key)
        if record["type"] == "home":
            return Page.objects.get(pk=self._departments[record["department"]].site.root_page_id).specific
        return Page.objects.get(translation_key=stable_uuid("page", key), locale=self._source_locale).specific

    @cached_property
    def _source_locale(self) -> Locale:
        # Provisioning of the first department creates the locale.
        return Locale.objects.get(language_code=SOURCE_LANGUAGE)

    def _load_department(self, record: Record) -> None:
        department = Department.objects.filter(code=record["code"]).select_related("site", "collection").first()
        if department is None:
            values = {name: value for name, value in record.items() if name != "logo"}
            department = create_department(
                **values, hostname=f"{record['slug']}.{LOCAL_HOST}", port=self._port, source=SOURCE_LANGUAGE
            )
            self._media.add_collection(record["slug"], department.collection)
            department.logo = self._media.image(record["logo"].partition(":")[2])
            department.save()
        elif department.site.port != self._port and department.site.hostname.endswith(f".{LOCAL_HOST}"):
            department.site.port = self._port
            department.site.save()
        self._media.add_collection(record["slug"], department.collection)
        self._departments[record["slug"]] = department

    def _organisation(self, key: str) -> Organisation:
        record = self._content.record("organisation", key)
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
                **{name: self._resolved_value(value) for name, value in values.items()},
            )
            organisation.full_clean()
            organisation.save()
        return organisation

    def _create_page(self, record: Record) -> ContentPage | None:
        """Create a page as a draft, without its references to other pages. Return None if it exists."""
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
        # Read the parent again, because its `numchild` has changed since it was created.
        Page.objects.get(pk=parent.pk).add_child(instance=page)
        for slug in record.get("co_holders", []):
            accept(propose(page, self._departments[slug], Sharing.Kind.CO_HOLDING))
        return page

    def _publish(self, record: Record, page: ContentPage) -> None:
        # Read the page again: publishing a stale instance would write back an old `numchild`.
        page = type(page).objects.get(pk=page.pk)
        is_home = isinstance(page, DepartmentHomePage)
        self._fill(
            page, {name: value for name, value in self._fields(record) if is_home or contains_page_reference(value)}
        )
        page.enforces_publication_rules = True
        page.save_revision().publish()

    def _share(self, record: Record, page: ContentPage) -> None:
        """Let other departments mirror a published page, or publish their copy of it."""
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
                stream_name = f"{stable_uuid('page', page.translation_key)}/{name}"
                raw = raw_stream_data(field.stream_block, value, stream_name, self._resolve)
                # `clean` validates as the form of the editor does, and sets omitted texts to "", which localize needs.
                setattr(page, name, field.stream_block.clean(field.stream_block.to_python(raw)))
            else:
                setattr(page, name, self._resolved_value(value))

    def _resolved_value(self, value: Any) -> Any:
        return self._resolve(value) if is_reference(value) else value

    def _resolve(self, reference: str) -> Model:
        kind, _separator, key = reference.removeprefix("@").partition(":")
        find = {
            "organisation": self._organisation,
            "page": self.page,
            "image": self._media.image,
            "document": self._media.document,
            "video": self._media.video,
            "consent": self._media.consent,
        }[kind]
        return find(key)
