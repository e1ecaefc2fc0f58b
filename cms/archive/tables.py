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
from search.models import Promotion
from sites.models import Sharing

from .row_serialization import NaturalKeys, archived_fields

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
    "shared": "true when it belongs to the instance and not to the department, whose content shows it",
    "is_lost": "true when the file could not be read; the row is there without it",
}

COLLECTIONS = Table(
    "collections.ndjson",
    "The collections inside the department's own, parents first.",
    extra_members={
        "id": "number that media refer to",
        "parent": "id of the collection above; null: the department's own",
        "name": "name",
        "restriction": "who may read it: `type` (login, password, groups), `password`, `groups`; null: everybody",
    },
)
IMAGES = Table(
    "media/images.ndjson", "Images, with focal point and text alternative.", CustomImage, extra_members=MEDIA_MEMBERS
)
RENDITIONS = Table(
    "media/renditions.ndjson", "The sizes of images that documents show, so that their addresses stay.", CustomRendition
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
CONSENTS = Table(
    "consents.ndjson",
    "The register of consents; `consents.csv` is the same for people.",
    Consent,
    extra_members={"shared": MEDIA_MEMBERS["shared"], "is_lost": MEDIA_MEMBERS["is_lost"]},
)
ORGANISATIONS = Table("snippets/organisations.ndjson", "Organisations that the content names.", Organisation)
PEOPLE = Table("snippets/people.ndjson", "People whom the content names.", Person)

PAGE_EXCLUDED_FIELDS = TREE_FIELDS | {"content_type", "latest_revision", "live_revision"}
PAGES = Table(
    "pages.ndjson",
    "Every page in every language, in the order of the tree: what is live, or what a page that never was holds. Each"
    " row also has the columns of its type.",
    Page,
    PAGE_EXCLUDED_FIELDS,
    extra_members={
        "type": "type of page",
        "place": "place in the tree below the container: four characters for each level, in order",
        "latest_revision": "id in revisions.ndjson of the newest draft",
        "live_revision": "id in revisions.ndjson of what is live",
    },
)
REVISIONS = Table(
    "revisions.ndjson",
    "The newest draft of each page, what is live, and what is to go live.",
    extra_members={
        "id": "number that pages refer to",
        "page": "id of the page",
        "user": "e-mail of who saved it",
        "created_at": "date and time",
        "object_str": "title",
        "approved_go_live_at": "when it is to go live; null: not scheduled",
        "content": "the fields of the page as Wagtail stores a revision",
    },
)
RESTRICTIONS = Table(
    "restrictions.ndjson",
    "Pages that not everybody may read.",
    extra_members={
        "page": "id of the page",
        "type": "login, password or groups",
        "password": "password that readers share",
        "groups": "groups of the department, as `role` or `role:language`",
    },
)
SHARINGS = Table(
    "sharings.ndjson",
    "What the department shares with others, and others with it: held together, mirrored or copied.",
    Sharing,
)
COPIES = Table(
    "copies.ndjson",
    "Own copies of content of other departments: where each comes from, and its origin as it was at the last merge.",
    CopyOrigin,
    frozenset({"sharing", "base", "taken"}),
    extra_members={
        "owner": "INSEE code of the department of the origin; null when it has left",
        "owner_slug": "its slug",
        "in_force": "whether the origin was still offered, so that the copy could be public",
        "base": "the origin's fields by name at the last merge; what they refer to is in outside.ndjson",
        "taken": "these values as the merge stored them in the copy",
    },
)
COPIED_MEDIA = Table(
    "media/copied.ndjson",
    "Which image, document or video of another department was copied with them, so that it is copied once.",
    CopiedMedium,
    frozenset({"department"}),
)
REDIRECTS = Table("redirects.ndjson", "Redirects of the site.", Redirect, frozenset({"site"}))
PROMOTIONS = Table(
    "promotions.ndjson",
    "What the search of the site shows first for certain words; `content_id` is the translation key of a page.",
    Promotion,
    frozenset({"department"}),
)
WORKFLOWS = Table(
    "workflows.ndjson",
    "Who approves pages before publication. Approvals under way are not kept: their pages come back as drafts.",
    extra_members={
        "name": "name",
        "active": "whether it is in use",
        "is_own": "whether the department decides about it",
        "locale": "language of the translations that it is for; null: all pages",
        "pages": "ids of the pages below which it holds; null stands for the whole department",
        "tasks": "list of `name`, `active` and `groups` (`role` or `role:language`)",
    },
)
SOURCES = Table(
    "translations/sources.ndjson",
    "What was sent to translation, as it was then (wagtail-localize: TranslationSource).",
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
TRANSLATIONS = Table(
    "translations/translations.ndjson", "Into which languages each source is translated, and how far.", Translation
)
STRINGS = Table(
    "translations/strings.ndjson",
    "The translated strings; the XLIFF files beside it say the same for translation tools.",
    extra_members={
        "translation_key": "key of the page or snippet",
        "path": "place of the string in it",
        "source_locale": "language of the source",
        "source": "text of the source",
        "locale": "language of the translation",
        "data": "the translation",
        "translation_type": "manual or machine",
        "tool_name": "name of the tool",
        "last_translated_by": "e-mail",
        "created_at": "date and time",
        "updated_at": "date and time",
        "has_error": "whether it is not to be used",
        "field_error": "why",
    },
)
OVERRIDES = Table(
    "translations/overrides.ndjson",
    "Links and media that a translation replaces.",
    extra_members={
        "translation_key": "key of the page or snippet",
        "path": "place of the value in it",
        "locale": "language of the translation",
        "refers_to": "kind of row that `data` is the id of; null when it is a link",
        "data": "the value",
        "last_translated_by": "e-mail",
        "created_at": "date and time",
        "updated_at": "date and time",
        "has_error": "whether it is not to be used",
        "field_error": "why",
    },
)
PUBLISHED = Table(
    "documents.ndjson",
    "The published documents with their tombstones, as docs/document.md describes them. Import makes them again from"
    " the pages, in this order, and compares.",
    PublishedDocument,
    frozenset({"department", "page_id", "tree_path", "card", "body"}),
    extra_members={
        "page": "id of the page; it may be gone when the document is a tombstone",
        "document": "the document; null for a tombstone",
        "placements": "on which sites it stands: `department` (INSEE code), `path`, `is_canonical`",
    },
)
ACCOUNTS = Table(
    "accounts.ndjson",
    "Who belongs to the department, without password or token.",
    extra_members={
        "email": "e-mail address, to which import sends an invitation to the roles",
        "username": "name at login",
        "first_name": "first name",
        "last_name": "last name",
        "is_active": "whether the account may log in; import invites no closed account",
        "roles": "groups of the department, as `role` or `role:language`",
    },
)
GROUPS = Table(
    "groups.ndjson",
    "The groups of the department. What they may do is not in the archive: the importing instance's roles say it.",
    extra_members={"role": "key of the role", "locale": "language, or null", "name": "name of the group"},
)
LOG = Table(
    "log.ndjson",
    "What was done to the department and all it has, with the history of what it shares, for reading: import does not"
    " restore it.",
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
    "What the content, or the origin of a copy, refers to and the archive does not hold: what is of others, or gone.",
    extra_members={
        "kind": "kind of object",
        "id": "number by which the content refers to it",
        "translation_key": "key of a page or snippet; null for others",
        "locale": "language of a page or snippet; null for others",
        "file_hash": "SHA-1 of the file of an image or a document, where it is known; null for others",
        "department": "INSEE code of its department; null when it is gone, or the instance's",
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
    OVERRIDES,
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
