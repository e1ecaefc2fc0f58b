"""`create_department`: one department by arguments or several by a manifest, all or none, and what it prints."""

import re
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import translation

from cms.media.models import CustomImage
from sites.models import Department, Invitation
from tests.factories.media import png
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


ARGUMENTS = ["38", "--name", "Isère", "--host", "isere.example.test", "--locales", "fr,en"]
MANIFEST = """
[[department]]
code = "38"
name = "Isère"
host = "isere.example.test"
locales = ["fr", "en", "it"]
contact_email = "contact@isere.example"
primary_colour = "#4a2f73"
logo = "logo.png"
administrators = ["chef@isere.example", "adjoint@isere.example"]

[[department]]
code = "03"
name = "Allier"
host = "allier.example.test"
locales = ["fr"]
"""


def run(*arguments):
    output = StringIO()
    call_command("create_department", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def manifest(tmp_path):
    (tmp_path / "logo.png").write_bytes(png())

    def manifest(text):
        path = tmp_path / "departments.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return manifest


def test_it_says_what_it_made_and_then_what_was_there():
    output = run(*ARGUMENTS)
    for part in ("container isere", "site https://isere.example.test/", "collection Isère", "home fr", "home en"):
        assert f"made: {part}" in output
    assert "made: group isere:translator:en" in output
    assert "parts were there" not in output
    again = run(*ARGUMENTS)
    assert "made:" not in again
    assert "taken away" not in again
    assert re.search(r"\d+ parts were there", again)


def test_it_says_what_it_took_away():
    run(*ARGUMENTS)
    group = Group.objects.get(name="isere:editor")
    group.permissions.set(Group.objects.get(name="isere:reader").permissions.all())
    group.permissions.add(*_permissions("change_user"))
    assert "taken away: permission of isere:editor: users.change_user" in run(*ARGUMENTS)


def _permissions(codename):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename=codename)


def test_the_first_login_is_a_link_that_is_printed_once(commits, client):
    with commits():
        output = run(*ARGUMENTS, "--administrator", "Chef@isere.example")
    path = re.search(r"first login of Chef@isere.example: http://[^/]+(/admin/invitation/\S+)", output)[1]
    assert mail.outbox[0].to == ["chef@isere.example"]
    assert client.get(path, follow=True).status_code == 200
    assert [each.name for each in Invitation.objects.get().groups.all()] == ["isere:administrator"]
    assert "first login" not in run(*ARGUMENTS, "--administrator", "chef@isere.example")
    Invitation.objects.all().delete()
    user = make_user("chef", groups=["isere:administrator"])
    assert "first login" not in run(*ARGUMENTS, "--administrator", user.email)


def test_a_manifest_makes_several_and_again_changes_nothing(manifest, commits):
    path = manifest(MANIFEST)
    with commits():
        run("--manifest", path)
    isere = Department.objects.get(code="38")
    assert Department.objects.count() == 2
    assert isere.contact_email == "contact@isere.example"
    assert isere.primary_colour == "#4a2f73"
    assert isere.logo.collection == isere.collection
    assert len(mail.outbox) == 2
    output = run("--manifest", path)
    assert "made:" not in output
    assert "first login" not in output
    assert CustomImage.objects.count() == 1


@pytest.mark.parametrize(("old", "new", "message"), [
    ('name = "Allier"', 'name = "Allier"\ncolour = "red"', "department 03: unknown key “colour”"),
    ('name = "Allier"\n', "", "department 03: name: it is missing"),
    ('locales = ["fr"]', 'locales = "fr"', "department 03: locales: a list is expected"),
    ('locales = ["fr"]', "locales = [1]", "department 03: locales: a list of texts is expected"),
    ('locales = ["fr"]', 'locales = ["xx"]', "department 03: locales:"),
    ('locales = ["fr"]', 'locales = ["fr"]\nport = true', "department 03: port: a number is expected"),
    ('locales = ["fr"]', 'locales = ["fr"]\nport = 0', "department 03: port: "),
    ("allier.example.test", "http://allier.example.test", "department 03: host: "),
    ('host = "allier.example.test"', 'host = "isere.example.test"', "department 03: host: "),
    ('code = "03"', 'code = "99"', "department 99: code:"),
    ('code = "03"', 'code = "38"', "department 38: code: it is there twice"),
    ('code = "03"', "code = ", "line 13 "),
    ('code = "03"', 'code = "03"\ncode = "04"', "line 14"),
    ('name = "Allier"', 'name = "Al\\u0092lier"', "U+0092"),
    ("[[department]]\ncode = \"03\"", "[[departement]]\ncode = \"03\"", "unknown key “departement”"),
    ("#4a2f73", "#ffff00", "department 38: primary_colour:"),
    ('"logo.png"', '"nothing.png"', "department 38: logo: "),
    ('"logo.png"', '"departments.toml"', "department 38: logo: "),
    ("chef@isere.example", "chef", "department 38: administrators: “chef”"),
])  # fmt: skip
def test_a_mistake_in_a_manifest_is_named_and_nothing_is_made(manifest, old, new, message):
    assert old in MANIFEST
    path = manifest(MANIFEST.replace(old, new))
    with pytest.raises(CommandError) as refusal:
        run("--manifest", path)
    assert str(path) in str(refusal.value)
    assert message in str(refusal.value)
    assert not Department.objects.exists()
    assert not Invitation.objects.exists()
    assert not mail.outbox


def test_a_manifest_may_have_a_byte_order_mark_and_no_other_encoding(manifest):
    path = manifest(MANIFEST)
    path.write_bytes(b"\xef\xbb\xbf" + MANIFEST.encode())
    assert "Allier" in run("--manifest", path)
    path.write_bytes(MANIFEST.replace("Allier", "Forêt").encode("cp1252"))
    with pytest.raises(CommandError, match="Windows-1252"):
        run("--manifest", path)


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "code, name, host"),
    (["38"], "name, host"),
    (["--manifest", "nowhere.toml"], "nowhere.toml"),
    ([*ARGUMENTS, "--manifest", "x.toml"], "leave the other arguments out"),
    ([*ARGUMENTS, "--source", "it"], "source"),
    ([*ARGUMENTS, "--port", "99999999"], "^port: .*99999999"),
    ([*ARGUMENTS, "--host", "http://i.example/"], "^host: .*http://i.example/"),
    ([*ARGUMENTS, "--administrator", "notmail"], "^administrators: “notmail”"),
])  # fmt: skip
def test_arguments_that_do_not_fit_are_named(arguments, message):
    with pytest.raises(CommandError, match=message):
        run(*arguments)
    assert not Department.objects.exists()


def test_a_host_that_is_taken_is_named_with_the_department_that_has_it():
    run(*ARGUMENTS)
    with pytest.raises(CommandError, match=r"^host: .*isere\.example\.test.*443.*Isère \(38\)"):
        run("03", "--name", "Allier", "--host", "Isere.Example.test")
    assert Department.objects.count() == 1


def test_of_an_existing_department_only_the_given_values_change_and_are_listed():
    run(*ARGUMENTS, "--port", "8443")
    output = run("38", "--name", "Autre", "--host", "38.example.test")
    assert "taken away: department Isère (38)" in output
    assert "made: department Autre (38)" in output
    assert "taken away: site http://isere.example.test:8443/" in output
    department = Department.objects.get()
    assert (department.name, department.slug) == ("Autre", "isere")
    assert (department.site.hostname, department.site.port) == ("38.example.test", 8443)


def test_details_that_a_manifest_changes_are_printed(manifest):
    run("--manifest", manifest(MANIFEST))
    (manifest(MANIFEST).parent / "new.png").write_bytes(png(colour="green"))
    changed = MANIFEST.replace("#4a2f73", "#0f4f2f").replace("contact@", "bonjour@").replace('"logo.png"', '"new.png"')
    output = run("--manifest", manifest(changed))
    for line in ("contact_email bonjour@isere.example", "primary_colour #0f4f2f", "logo new"):
        assert f"made: {line}" in output
    for line in ("contact_email contact@isere.example", "primary_colour #4a2f73", "logo logo"):
        assert f"taken away: {line}" in output


def test_the_source_language_stays():
    run(*ARGUMENTS)
    with pytest.raises(CommandError, match="source"):
        run(*ARGUMENTS, "--source", "en")


def test_the_help_shows_the_manifest(capsys):
    with pytest.raises(SystemExit):
        call_command("create_department", "--help")
    assert "[[department]]" in capsys.readouterr().out
