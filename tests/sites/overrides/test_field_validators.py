"""Every text field of every form, serializer, block and model refuses control characters; every date its odd years."""

import datetime
from itertools import chain

import pytest
from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import get_resolver
from django.utils import translation
from rest_framework import serializers
from wagtail import blocks
from wagtail.fields import StreamField

from cms.media.models import CustomImage
from cms.pages.models import EventPage, ProfessionPage
from sites.validation.incoming_text import CONTROL_CHARACTER, refuse_control_characters_in

pytestmark = pytest.mark.django_db
PRODUCT = ("cms.", "sites", "search")
# The last one is no control character, but so many marks that normalising them takes minutes if there are thousands.
CONTROLS = ("\x00", "\x0b", "\x1b", "\x7f", "\x92", "\ufffe", "\ufdd0", "\ufdef", "\U0001ffff", "\u0315\u0300" * 20)


def model_fields(kind):
    """Return the fields of a kind of all models, those of Wagtail and Django too."""
    fields = chain.from_iterable(model._meta.concrete_fields for model in apps.get_models())
    return {f"{field.model._meta.label}.{field.name}": field for field in fields if isinstance(field, kind)}


def leaves(block):
    """Yield the innermost blocks."""
    if isinstance(block, blocks.StreamBlock | blocks.StructBlock):
        for child in block.child_blocks.values():
            yield from leaves(child)
    elif isinstance(block, blocks.ListBlock):
        yield from leaves(block.child_block)
    else:
        yield block


def stream_leaves():
    streams = [field.stream_block for field in model_fields(StreamField).values()]
    return list(chain.from_iterable(map(leaves, streams)))


def form_classes(base=forms.BaseForm):
    get_resolver().url_patterns  # noqa: B018 (loads the views and their forms)
    for subclass in base.__subclasses__():
        yield subclass
        yield from form_classes(subclass)


def accepted(check, value):
    try:
        check(value)
    except (ValidationError, serializers.ValidationError):
        return False
    return True


def test_each_text_field_of_a_model_refuses_control_characters():
    fields = model_fields((models.CharField, models.TextField))
    assert len(fields) > 150
    found = {
        name
        for name, field in fields.items()
        for character in CONTROLS
        if accepted(lambda value, field=field: field.run_validators(value), f"a{character}b")
    }
    assert found == set()


def test_each_text_field_of_a_form_refuses_control_characters():
    found = set()
    count = 0
    for form in set(form_classes()):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, forms.CharField):
                count += 1
                if any(accepted(field.run_validators, f"a{character}b") for character in CONTROLS):
                    found.add(f"{form.__module__}.{form.__qualname__}.{name}")
    assert count > 100
    assert found == set()


def test_each_text_of_a_stream_refuses_control_characters():
    texts = [block for block in stream_leaves() if isinstance(getattr(block, "field", None), forms.CharField)]
    assert len(texts) > 80
    for block in texts:
        for character in CONTROLS:
            assert not accepted(block.field.clean, f"a{character}b"), block.label


def test_serializers_refuse_control_characters():
    for character in CONTROLS:
        assert not accepted(serializers.CharField().run_validation, f"a{character}b")


def test_ordinary_texts_are_accepted():
    text = "L’œuvre : « première » —\tligne\r\nseconde, 日本 👩\u200d👩 \u202b"
    assert accepted(forms.CharField().clean, text)
    assert accepted(models.TextField().run_validators, text)
    refuse_control_characters_in({"a": [text, 1, None, {"b": True}]})


def test_texts_of_json_are_searched_at_any_depth():
    for value in ({"a": [{"b": "x\x92"}]}, ["\x00"], {"k\x1b": 1}, "\x85"):
        with pytest.raises(ValidationError):
            refuse_control_characters_in(value)


def test_the_message_names_the_character_and_the_text_before_it():
    with pytest.raises(ValidationError, match=r"U\+0092.*mise en.*Windows-1252"):
        forms.CharField().clean("La mise en\x92uvre")
    assert CONTROL_CHARACTER.search("\x9c")


ODD_DATES = (
    datetime.date(1, 1, 1),
    datetime.date(1899, 12, 31),
    datetime.date(2101, 1, 1),
    datetime.date(9999, 12, 31),
)


def test_each_date_of_a_model_form_or_stream_refuses_odd_years():
    checks = {name: field.run_validators for name, field in model_fields(models.DateField).items()}
    for form in set(form_classes()):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, forms.DateField | forms.DateTimeField):
                checks[f"{form.__qualname__}.{name}"] = field.clean
    dates = (blocks.DateBlock, blocks.DateTimeBlock)
    checks |= {
        f"block {number}": block.field.clean for number, block in enumerate(stream_leaves()) if isinstance(block, dates)
    }
    assert len(checks) > 60
    for name, check in checks.items():
        for date in ODD_DATES:
            moment = datetime.datetime.combine(date, datetime.time(12), datetime.UTC)
            assert not accepted(check, moment if "DateTime" in repr(check) else date), name


def test_each_year_of_a_model_refuses_odd_years():
    fields = {name: field for name, field in model_fields(models.IntegerField).items() if name.endswith("_year")}
    assert len(fields) == 4
    for name, field in fields.items():
        assert not accepted(field.run_validators, 1066), name
        assert not accepted(field.run_validators, 20027), name
        assert accepted(field.run_validators, 1994), name


def test_a_plausible_date_is_accepted():
    assert accepted(forms.DateField().clean, "2027-03-28")
    assert accepted(forms.DateTimeField().clean, "2027-03-28 12:00")
    assert accepted(models.DateField().run_validators, datetime.date(2100, 12, 31))


@pytest.mark.parametrize("key", ["1" + "0" * 30, "-" + "9" * 5000])
@pytest.mark.parametrize("model", [ProfessionPage, CustomImage])
def test_a_key_beyond_the_numbers_of_the_database_is_no_choice(model, key):
    """The primary key of a page is a foreign key, for which Django does not compare numbers with the column."""
    with pytest.raises(ValidationError) as one:
        forms.ModelChoiceField(model.objects.all(), to_field_name=model._meta.pk.name).clean(key)
    with pytest.raises(ValidationError) as several:
        forms.ModelMultipleChoiceField(model.objects.all()).clean([key])
    assert {error.code for error in (one.value, several.value)} == {"invalid_choice"}


@pytest.mark.parametrize(("moment", "message"), [
    ("2027-03-28 02:30", "02:30 does not exist in the time zone Europe/Paris"),
    ("2027-10-31 02:30", "02:30 exists twice in the time zone Europe/Paris"),
])  # fmt: skip
def test_a_form_says_why_it_refuses_a_local_time(moment, message):
    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        forms.DateTimeField().clean(moment)
    assert message in refusal.value.messages[0]


def test_integers_have_the_same_range_on_each_database():
    """SQLite stores larger ones, which PostgreSQL refuses with an error."""
    with pytest.raises(ValidationError):
        EventPage._meta.get_field("edition_number").run_validators(40_000)
    with pytest.raises(ValidationError):
        EventPage._meta.get_field("registration_capacity").run_validators(3_000_000_000)
