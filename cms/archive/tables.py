"""Declares the NDJSON files of an archive. Export, import and SCHEMA.md read these declarations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Field, FileField, ForeignKey, Model
from wagtail.contrib.redirects.models import Redirect
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.delivery.models import PublishedDocument
from cms.media.models import Consent, CustomDocument, CustomImage, CustomRendition, Video, VideoCaption
from cms.media.renditions.specs import DOCUMENT_SIZES
from cms.pages.models import CopiedMedium, CopyOrigin, Organisation, Person
from cms.translations.models import GlossaryTerm, MediaText, MemoryPair, TranslatedRevision, TranslationAssignment
from search.models import Promotion
from sites.models import Sharing

from .row_serialization import NaturalKeys, archived_fields

# Columns of a department that say what happens to translations. Archives of older versions do not have them.
TRANSLATION_RULES = (
    "publishes_partial_translations",
    "publishes_machine_translations",
    "unpublishes_translations",
)
# Folders of the archive for media files and private files. File names are those of the storage.
MEDIA_FOLDER = "files/media/"
PRIVATE_FOLDER = "files/private/"
# Renditions whose URLs are in documents. All others are generated on demand.
PUBLISHED_SIZES = DOCUMENT_SIZES

NATURAL_KEY_LABELS = {
    "locale": "language code",
    "user": "e-mail of the account",
    "department": "INSEE code",
    "contenttype": "type",
}
TREE_FIELDS = frozenset({"path", "depth", "numchild", "url_path"})


@dataclass(frozen=True)
class Table:
    """One NDJSON file: the fields of a model except `excluded`, and `extra_members` with their descriptions."""

    file: str
    description: str
    model: type[Model] | None = None
    excluded: frozenset[str] = frozenset()
    extra_members: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[Field, ...]:
        return archived_fields(self.model, self.excluded) if self.model else ()

    def member_descriptions(self) -> dict[str, str]:
        """Return the descriptions of the members of a row, by name."""
        texts = {"id": "number that other rows of the archive refer to"} if self.model else {}
        return texts | {column.name: describe_field(column) for column in self.fields} | dict(self.extra_members)


MEDIA_MEMBERS = {
    "tags": "list of names",
    "shared": "true if it belongs to the instance; the content of the department shows it",
    "is_lost": "true if the file could not be read; import restores the row without it",
}

COLLECTIONS = Table(
    "collections.ndjson",
    "The collections below the collection of the department, parents first.",
    extra_members={
        "id": "number that media refer to",
        "parent": "id of the parent collection; null: the collection of the department",
        "name": "name",
        "restriction": "who may read it: `type` (login, password, groups), `password`, `groups`; null: everybody",
    },
)
IMAGES = Table(
    "media/images.ndjson", "Images, with focal point and text alternative.", CustomImage, extra_members=MEDIA_MEMBERS
)
RENDITIONS = Table(
    "media/renditions.ndjson",
    "The renditions that published documents show. Restored ones keep their URLs.",
    CustomRendition,
)
DOCUMENTS = Table("media/documents.ndjson", "Files for download.", CustomDocument, extra_members=MEDIA_MEMBERS)
VIDEOS = Table(
    "media/videos.ndjson",
    "Videos.",
    Video,
    extra_members={name: text for name, text in MEDIA_MEMBERS.items() if name != "tags"},
)
CAPTIONS = Table(
    "media/captions.ndjson",
    "Captions of videos (WebVTT).",
    VideoCaption,
    extra_members={"is_lost": MEDIA_MEMBERS["is_lost"]},
)
MEDIA_TEXTS = Table(
    "media/texts.ndjson", "The translated texts of the images and documents of the department.", MediaText
)
CONSENTS = Table(
    "consents.ndjson",
    "The register of consents; `consents.csv` has the same data for spreadsheets.",
    Consent,
    extra_members={"shared": MEDIA_MEMBERS["shared"], "is_lost": MEDIA_MEMBERS["is_lost"]},
)
ORGANISATIONS = Table("snippets/organisations.ndjson", "Organisations that the content names.", Organisation)
PEOPLE = Table("snippets/people.ndjson", "People whom the content names.", Person)

PAGE_EXCLUDED_FIELDS = TREE_FIELDS | {"content_type", "latest_revision", "live_revision"}
PAGES = Table(
    "pages.ndjson",
    "Every page in every language, in the order of the tree: the live version, or the draft of a page that was never"
    " live. Each row also has the columns of its type.",
    Page,
    PAGE_EXCLUDED_FIELDS,
    extra_members={
        "type": "type of page",
        "place": "path in the tree below the container: four characters for each level",
        "latest_revision": "id in revisions.ndjson of the newest draft",
        "live_revision": "id in revisions.ndjson of the live version",
    },
)
REVISIONS = Table(
    "revisions.ndjson",
    "The newest draft, the live version and the scheduled version of each page.",
    extra_members={
        "id": "number that pages refer to",
        "page": "id of the page",
        "user": "e-mail of the account that saved it",
        "created_at": "date and time",
        "object_str": "title",
        "approved_go_live_at": "date and time at which it goes live; null: not scheduled",
        "content": "the fields of the page as Wagtail stores a revision",
    },
)
RESTRICTIONS = Table(
    "restrictions.ndjson",
    "View restrictions of pages.",
    extra_members={
        "page": "id of the page",
        "type": "login, password or groups",
        "password": "password that readers share",
        "groups": "groups of the department, as `role` or `role:language`",
    },
)
SHARINGS = Table(
    "sharings.ndjson",
    "Sharings with other departments, given and received: co-holdings, mirrors and copies.",
    Sharing,
)
COPIES = Table(
    "copies.ndjson",
    "Copies of content of other departments: the origin of each, and the state of the origin at the last merge.",
    CopyOrigin,
    frozenset({"sharing", "base", "taken"}),
    extra_members={
        "owner": "INSEE code of the department of the origin; null if it was retired",
        "owner_slug": "slug of that department",
        "in_force": "true if the origin was still offered, so that the copy could be public",
        "base": "the origin's fields by name at the last merge; their references are in outside.ndjson",
        "taken": "the same values as the merge stored them in the copy",
    },
)
COPIED_MEDIA = Table(
    "media/copied.ndjson",
    "Copied images, documents and videos of other departments with their originals, so that none is copied twice.",
    CopiedMedium,
    frozenset({"department"}),
)
REDIRECTS = Table("redirects.ndjson", "Redirects of the site.", Redirect, frozenset({"site"}))
PROMOTIONS = Table(
    "promotions.ndjson",
    "Promoted results of the site's search; `content_id` is the translation key of a page.",
    Promotion,
    frozenset({"department"}),
)
WORKFLOWS = Table(
    "workflows.ndjson",
    "Approval workflows. Approvals in progress are not archived: import restores their pages as drafts.",
    extra_members={
        "name": "name",
        "active": "true if it is in use",
        "is_own": "true if the department manages it",
        "locale": "language of the translations to which it applies; null: all pages",
        "pages": "ids of the pages to whose subtrees it applies; null stands for the whole department",
        "tasks": "list of `name`, `active` and `groups` (`role` or `role:language`)",
    },
)
SOURCES = Table(
    "translations/sources.ndjson",
    "Content that was submitted for translation, in its state at that time (wagtail-localize: TranslationSource).",
    extra_members={
        "id": "number that translations refer to",
        "translation_key": "key of the page or snippet",
        "type": "type of page or snippet",
        "locale": "language of the source",
        "object_repr": "title",
        "schema_version": "version of the type's columns",
        "created_at": "date and time",
        "last_updated_at": "date and time",
        "content": "the fields as Wagtail stores a revision",
    },
)
TRANSLATIONS = Table("translations/translations.ndjson", "The target languages of each source.", Translation)
STRINGS = Table(
    "translations/strings.ndjson",
    "The translated strings. The XLIFF files in the same folder have them for translation tools.",
    extra_members={
        "translation_key": "key of the page or snippet",
        "path": "path of the string in it",
        "source_locale": "language of the source",
        "source": "text of the source",
        "locale": "language of the translation",
        "data": "the translation",
        "translation_type": "manual or machine",
        "tool_name": "name of the tool",
        "last_translated_by": "e-mail",
        "created_at": "date and time",
        "updated_at": "date and time",
        "has_error": "true if it must not be used",
        "field_error": "the reason",
        "outdated": "`former_source`, the text that was translated, and `since`; null if it is the present one",
    },
)
TRANSLATED_REVISIONS = Table(
    "translations/revisions.ndjson",
    "How each text of an archived revision of a translation was translated.",
    TranslatedRevision,
    frozenset({"translation"}),
    extra_members={
        "id": "id of the revision",
        "translation_key": "key of the page",
        "source_locale": "language of the source",
        "locale": "language of the translation",
    },
)
OVERRIDES = Table(
    "translations/overrides.ndjson",
    "Links and media that a translation replaces.",
    extra_members={
        "translation_key": "key of the page or snippet",
        "path": "path of the value in it",
        "locale": "language of the translation",
        "refers_to": "kind of the row whose id is `data`; null for a link",
        "data": "the value",
        "last_translated_by": "e-mail",
        "created_at": "date and time",
        "updated_at": "date and time",
        "has_error": "true if it must not be used",
        "field_error": "the reason",
    },
)
ASSIGNMENTS = Table(
    "translations/assignments.ndjson",
    "Who translates a page into a language, and by when. Import restores the due dates only: an account of the archive"
    " has no role until its owner accepts the invitation.",
    TranslationAssignment,
)
MEMORY = Table(
    "translations/memory.ndjson",
    "The translation memory. Import leaves out pairs of a content that the archive does not hold.",
    MemoryPair,
    frozenset({"department", "source_digest", "target_digest"}),
)
GLOSSARY = Table(
    "translations/glossary.ndjson", "The terms of the glossaries.", GlossaryTerm, frozenset({"department"})
)
PUBLISHED = Table(
    "documents.ndjson",
    "The published documents with their tombstones, as docs/document.md describes them. Import writes them again from"
    " the pages, in this order, and compares them.",
    PublishedDocument,
    frozenset({"department", "page_id", "tree_path", "card", "body", "list_values", "over_at"}),
    extra_members={
        "page": "id of the page, which may be deleted if the document is a tombstone",
        "document": "the document; null for a tombstone",
        "placements": "the sites that show it: `department` (INSEE code), `path`, `is_canonical`",
    },
)
ACCOUNTS = Table(
    "accounts.ndjson",
    "The members of the department, without passwords and tokens.",
    extra_members={
        "email": "e-mail address, to which import sends an invitation to the roles",
        "username": "name at login",
        "first_name": "first name",
        "last_name": "last name",
        "is_active": "true if the account may log in; import does not invite closed accounts",
        "roles": "groups of the department, as `role` or `role:language`",
    },
)
GROUPS = Table(
    "groups.ndjson",
    "The groups of the department. Their permissions come from the roles of the importing instance.",
    extra_members={"role": "key of the role", "locale": "language, or null", "name": "name of the group"},
)
LOG = Table(
    "log.ndjson",
    "The log entries of the department, its content and its sharings. Import does not restore them.",
    extra_members={
        "timestamp": "date and time",
        "action": "name of the action",
        "user": "e-mail",
        "type": "type of object",
        "object": "number of the object",
        "label": "title at that time",
        "data": "details",
    },
)
EXTERNAL_REFERENCES = Table(
    "outside.ndjson",
    "Objects to which the content or the origin of a copy refers and which the archive does not contain: objects of"
    " others, and deleted ones.",
    extra_members={
        "kind": "kind of object",
        "id": "number by which the content refers to it",
        "translation_key": "key of a page or snippet; null for others",
        "locale": "language of a page or snippet; null for others",
        "file_hash": "SHA-1 of the file of an image or a document, if it is known; null for others",
        "department": "INSEE code of its department; null if it is deleted or belongs to the instance",
    },
)

TABLES = (
    COLLECTIONS,
    CONSENTS,
    IMAGES,
    RENDITIONS,
    DOCUMENTS,
    VIDEOS,
    CAPTIONS,
    MEDIA_TEXTS,
    ORGANISATIONS,
    PEOPLE,
    PAGES,
    REVISIONS,
    RESTRICTIONS,
    SHARINGS,
    COPIES,
    COPIED_MEDIA,
    REDIRECTS,
    PROMOTIONS,
    WORKFLOWS,
    SOURCES,
    TRANSLATIONS,
    STRINGS,
    TRANSLATED_REVISIONS,
    OVERRIDES,
    ASSIGNMENTS,
    MEMORY,
    GLOSSARY,
    PUBLISHED,
    ACCOUNTS,
    GROUPS,
    LOG,
    EXTERNAL_REFERENCES,
)


def describe_field(model_field: Field) -> str:
    """Return the description of a model field for SCHEMA.md."""
    name = str(model_field.verbose_name)
    if isinstance(model_field, ForeignKey):
        target = model_field.related_model
        if NaturalKeys().supports(target):
            return f"{name}: {NATURAL_KEY_LABELS[str(target._meta.model_name)]}"
        return f"{name}: id of a {target._meta.verbose_name}"
    if isinstance(model_field, FileField):
        return f"{name}: name of the file below `{PRIVATE_FOLDER if model_field.name == 'proof' else MEDIA_FOLDER}`"
    if isinstance(model_field, StreamField):
        return f"{name}: list of blocks, each with `type`, `value` and `id`"
    return f"{name} ({model_field.get_internal_type()})"
