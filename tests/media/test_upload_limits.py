"""Limits of uploads: bytes and pixels of every file field of every form."""

from io import BytesIO

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import FileExtensionValidator
from django.urls import reverse
from PIL import Image
from wagtail.admin.views.account import AvatarSettingsPanel
from wagtail.documents.fields import WagtailDocumentField
from wagtail.images import get_image_model
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import get_image_form
from wagtail.users.models import UserProfile

from cms.media.forms import InspectedImageField
from cms.media.models import Video
from cms.media.uploads.overrides.avatar_form import InspectedAvatarField, LimitedAvatarForm
from cms.media.uploads.upload_limits import MaximumSize, validate_picture
from cms.media.webvtt import validate_webvtt_file
from tests.factories.files import pdf
from tests.factories.media import ConsentFactory, png
from tests.factories.media_files import mp4
from tests.factories.users import make_user

# Forms with a file that no limit of their own checks: the forms of Wagtail that the product replaces, and the import of
# redirects, which instance administrators use; the limit of the request applies to it.
UNLIMITED = {
    "wagtail.admin.forms.account.AvatarPreferencesForm",
    "wagtail.contrib.redirects.forms.ImportForm",
}
PICTURES = {"avif", "bmp", "gif", "heic", "ico", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"}


def subclasses(base):
    for each in base.__subclasses__():
        yield each
        yield from subclasses(each)


def upload_fields():
    """Yield (label, validators, field) for every file field of every form class that is loaded."""
    for form in sorted(set(subclasses(forms.BaseForm)), key=lambda form: f"{form.__module__}.{form.__qualname__}"):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, forms.FileField):
                model = getattr(getattr(form, "_meta", None), "model", None)
                stored = model._meta.get_field(name).validators if model else []
                yield f"{form.__module__}.{form.__qualname__}", [*field.validators, *stored], field


@pytest.fixture
def loaded_forms(client, db):
    """Request the screens that make the classes of their forms."""
    client.force_login(make_user(is_superuser=True))
    names = ("wagtailimages:add", "wagtaildocs:add", "wagtailsnippets_cms_media_video:add")
    for name in (*names, "wagtailsnippets_cms_media_consent:add", "wagtailadmin_account"):
        assert client.get(reverse(name)).status_code == 200


def has_byte_limit(validators, field):
    is_wagtail_field = isinstance(field, WagtailImageField | WagtailDocumentField) and field.max_upload_size is not None
    is_avatar = isinstance(field, InspectedAvatarField)
    return (
        is_wagtail_field
        or is_avatar
        or any(isinstance(each, MaximumSize) or each is validate_webvtt_file for each in validators)
    )


def takes_pictures(validators, field):
    extensions = [set(each.allowed_extensions or ()) for each in validators if isinstance(each, FileExtensionValidator)]
    if isinstance(field, forms.ImageField):
        return True
    # The documents have the extensions of a setting, without pictures.
    return not isinstance(field, WagtailDocumentField) and (not extensions or bool(extensions[0] & PICTURES))


def test_every_upload_field_of_a_form_has_a_limit_of_bytes(loaded_forms):
    found = {label: has_byte_limit(validators, field) for label, validators, field in upload_fields()}
    assert len(found) > 5
    assert {label for label, limited in found.items() if not limited} - UNLIMITED == set()


def test_every_upload_field_that_takes_pictures_has_them_opened_in_the_child_process(loaded_forms, settings):
    found = {
        label: isinstance(field, WagtailImageField | InspectedAvatarField) or validate_picture in validators
        for label, validators, field in upload_fields()
        if takes_pictures(validators, field)
    }
    assert len(found) > 2
    assert {label for label, limited in found.items() if not limited} - UNLIMITED == set()
    assert not PICTURES & set(settings.WAGTAILDOCS_EXTENSIONS)


@pytest.mark.parametrize("suffix", ["png", "PNG"])
def test_a_proof_with_too_many_pixels_is_refused_before_it_is_decoded(allier, settings, suffix):
    def proof(content, name=f"a.{suffix}"):
        return ConsentFactory.build(collection=allier.collection, proof=ContentFile(content, name=name))

    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 10_000
    proof(png(100, 100)).full_clean()
    huge = BytesIO()
    Image.new("1", (20_000, 20_000)).save(huge, "PNG")
    for content in (png(101, 100), huge.getvalue()):
        with pytest.raises(ValidationError, match="pixels"):
            proof(content).full_clean()
    for content, name in ((b"<html>", f"a.{suffix}"), (png(), "a.jpg"), (png()[:20], f"a.{suffix}")):
        with pytest.raises(ValidationError, match=r"(contenu|endommagé)"):
            proof(content, name).full_clean()


def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded(allier, settings):
    settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS = 10_000
    form = get_image_form(get_image_model())(
        {"title": "x", "description": "x", "collection": allier.collection_id},
        {"file": SimpleUploadedFile("x.png", png(101, 100), "image/png")},
        user=make_user(is_superuser=True),
    )
    assert "pixels" in str(form.errors["file"])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "GIF", "AVIF"])
def test_a_damaged_image_is_an_error_of_the_field(kind):
    """Pillow's errors depend on the format and on the place where the file ends."""
    content = BytesIO()
    Image.effect_noise((60, 60), 100).convert("RGB").save(content, kind)
    whole = content.getvalue()
    for size in (12, len(whole) // 3, len(whole) // 2):
        with pytest.raises(ValidationError):
            InspectedImageField().clean(SimpleUploadedFile(f"x.{kind.lower()}", whole[:size]))


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
    is_video = setting.startswith("VIDEO")
    data = mp4() if is_video else pdf("Autorisation")
    setattr(settings, setting, len(data) - 1)
    content = ContentFile(data, name="a.mp4" if is_video else "a.pdf")
    if is_video:
        instance = Video(title="x", duration=1, collection=allier.collection, file=content)
    else:
        instance = ConsentFactory.build(collection=allier.collection, proof=content)
    with pytest.raises(ValidationError, match=r"(too large|trop)"):
        instance.full_clean()
    setattr(settings, setting, len(data))
    instance.full_clean()
    instance.save()
    setattr(settings, setting, 10)
    instance.full_clean()  # a stored file stays valid when the limit is lowered
