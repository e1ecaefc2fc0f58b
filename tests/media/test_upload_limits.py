"""Limits of uploads: every file field, the profile picture and the request; the quota of a department."""

import re
from io import BytesIO

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import FileField
from django.urls import reverse
from PIL import Image
from wagtail.admin.views.account import AvatarSettingsPanel
from wagtail.documents.fields import WagtailDocumentField
from wagtail.images import get_image_model
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import get_image_form
from wagtail.users.models import UserProfile

from cms.media.models import CustomDocument, CustomImage, CustomRendition, Video
from cms.media.uploads.overrides.avatar_form import LimitedAvatarForm
from cms.media.uploads.storage_quota import COUNTED, used_bytes
from cms.media.uploads.upload_limits import MaximumSize
from cms.media.webvtt import validate_webvtt_file
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory, png
from tests.factories.users import make_user

# Forms that nobody can reach: the URL table of the admin refuses their URLs.
UNREACHABLE = {"wagtail.contrib.redirects.forms.ImportForm", "wagtail.admin.forms.account.AvatarPreferencesForm"}
# Wagtail's and Django's bases, which have no field of their own.
LIMITED_FIELDS = (WagtailImageField, WagtailDocumentField)


def subclasses(base):
    for each in base.__subclasses__():
        yield each
        yield from subclasses(each)


def upload_fields():
    """Yield (form, name) for every file field of every form class that is loaded."""
    for form in sorted(set(subclasses(forms.BaseForm)), key=lambda form: f"{form.__module__}.{form.__qualname__}"):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, forms.FileField):
                yield form, name


def is_limited(form, name):
    field = form.base_fields[name]
    if isinstance(field, LIMITED_FIELDS):
        return field.max_upload_size is not None
    model = getattr(getattr(form, "_meta", None), "model", None)
    return has_limit(field) or (model is not None and has_limit(model._meta.get_field(name)))


def has_limit(field):
    return any(isinstance(each, MaximumSize) or each is validate_webvtt_file for each in field.validators)


def test_every_upload_field_of_a_form_has_a_limit(client, db):
    client.force_login(make_user(is_superuser=True))
    for name in ("wagtailimages:add", "wagtaildocs:add", "wagtailsnippets_cms_media_video:add"):
        assert client.get(reverse(name)).status_code == 200  # makes the classes of its forms
    found = {f"{form.__module__}.{form.__qualname__}": is_limited(form, name) for form, name in upload_fields()}
    assert found
    assert {label for label, limited in found.items() if not limited} - UNREACHABLE == set()


@pytest.mark.parametrize(
    "field",
    [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, FileField) and model._meta.app_label == "cms_media" and model is not CustomRendition
    ],
    ids=str,
)
def test_every_file_field_has_a_limit_and_counts_for_the_quota(field):
    assert field.model._meta.label in COUNTED
    assert field.model._meta.get_field("file_size")
    is_form_limited = field.model in (CustomImage, CustomDocument)  # Wagtail's form fields limit them
    assert is_form_limited or has_limit(field)


def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded(allier, settings):
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 10_000
    form = get_image_form(get_image_model())(
        {"title": "x", "description": "x", "collection": allier.collection_id},
        {"file": SimpleUploadedFile("x.png", png(101, 100), "image/png")},
        user=make_user(is_superuser=True),
    )
    assert "pixels" in str(form.errors["file"])


def test_the_default_limit_of_pixels_refuses_the_reported_image(settings):
    assert settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS < 11_300 * 11_300


def avatar(width, height):
    buffer = BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return {"avatar": SimpleUploadedFile("moi.png", buffer.getvalue(), "image/png")}


def test_a_profile_picture_has_limits(settings, db):
    assert AvatarSettingsPanel.form_class is LimitedAvatarForm
    profile = UserProfile.get_for_user(make_user())
    assert LimitedAvatarForm({}, avatar(10, 10), instance=profile).is_valid()
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 99
    assert "avatar" in LimitedAvatarForm({}, avatar(10, 10), instance=profile).errors
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 100
    settings.AVATAR_MAX_BYTES = 10
    assert "avatar" in LimitedAvatarForm({}, avatar(10, 10), instance=profile).errors


@pytest.mark.parametrize("setting", ["VIDEO_MAX_BYTES", "PROOF_MAX_BYTES"])
def test_videos_and_proofs_have_a_limit(allier, settings, setting):
    setattr(settings, setting, 10)
    is_video = setting.startswith("VIDEO")
    content = ContentFile(b"\0\0\0\0ftyp---" if is_video else b"%PDF-1.4\n..", name="a.mp4" if is_video else "a.pdf")
    if setting.startswith("VIDEO"):
        instance = Video(title="x", duration=1, collection=allier.collection, file=content)
    else:
        instance = ConsentFactory.build(collection=allier.collection, proof=content)
    with pytest.raises(ValidationError, match=r"(too large|trop)"):
        instance.full_clean()
    setattr(settings, setting, 11)
    instance.full_clean()
    instance.save()
    setattr(settings, setting, 10)
    instance.full_clean()  # a stored file stays valid when the limit is lowered


def test_a_request_longer_than_any_form_is_refused(client, db, settings):
    settings.UPLOAD_MAX_REQUEST_BYTES = 5_000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    url, file = reverse("wagtailadmin_login"), SimpleUploadedFile("a", b"a" * 2_000)
    assert client.post(url, {"file": file}).status_code in (400, 413)
    file.seek(0)
    client.force_login(make_user(is_superuser=True))
    url = reverse("wagtailimages:add")
    assert client.post(url, {"file": file}).status_code not in (400, 413)
    large = SimpleUploadedFile("a", b"a" * 6_000)
    assert client.post(url, {"file": large}).status_code in (400, 413)


# --- Quota --------------------------------------------------------------------------------------------------


@pytest.fixture
def files(allier):
    """One file of each kind that counts."""
    fields = {"collection": allier.collection}
    return [
        ImageFactory(**fields),
        DocumentFactory(**fields),
        video := VideoFactory(file=ContentFile(b"a film", name="film.mp4"), page_url="", **fields),
        video.captions.get(),
        ConsentFactory(**fields),
    ]


def size_of(instance):
    return (getattr(instance, "proof", None) or instance.file).size


def test_the_files_of_a_department_are_counted_with_one_query(allier, files, django_assert_num_queries):
    ImageFactory(collection=make_department("isere").collection)
    files[0].get_rendition("max-165x165")
    assert {instance._meta.label for instance in files} == set(COUNTED)
    with django_assert_num_queries(1):
        assert used_bytes(allier) == sum(map(size_of, files))


def test_a_file_beyond_the_quota_is_refused_in_every_model(allier, files, settings):
    builders = [
        ImageFactory.build(collection=allier.collection),
        DocumentFactory.build(collection=allier.collection),
        Video(title="x", duration=1, collection=allier.collection, file=ContentFile(b"\0\0\0\0ftyp", name="b.mp4")),
        ConsentFactory.build(collection=allier.collection),
    ]
    settings.DEPARTMENT_QUOTA_BYTES = used_bytes(allier)
    for instance in builders:
        with pytest.raises(ValidationError, match=r"(together|en tout)"):
            instance.full_clean()
    settings.DEPARTMENT_QUOTA_BYTES = 0
    for instance in builders:
        instance.full_clean()


def test_a_replaced_file_gives_its_bytes_back(allier, settings):
    document = DocumentFactory(collection=allier.collection)
    settings.DEPARTMENT_QUOTA_BYTES = used_bytes(allier)
    document.file = ContentFile(b"%PDF-1.4\n%%EOF\n", name="other.pdf")
    document.full_clean()


def test_the_dashboard_shows_the_gauge_with_one_query(client, allier, files, settings):
    settings.DEPARTMENT_QUOTA_BYTES = 4 * used_bytes(allier)
    client.force_login(make_user(groups=["allier:media_manager"]))
    page = client.get(reverse("wagtailadmin_home")).content.decode()
    assert re.search(r'<meter[^>]* value="25">25 %</meter>', page)
    client.force_login(make_user("reader", groups=["allier:reader"]))
    assert "<meter" not in client.get(reverse("wagtailadmin_home")).content.decode()
