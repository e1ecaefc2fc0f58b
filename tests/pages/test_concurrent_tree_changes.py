"""Several writers change a tree of pages at once: nobody sees an error, and the tree stays right."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Collection, Page

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page

pytestmark = pytest.mark.django_db(transaction=True)
EDITORS = 4


@pytest.fixture
def department():
    return make_department("allier")


def in_thread(work, timeout=30):
    """Run a function in a thread with a connection of its own; return its result, or raise TimeoutError."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(_then_close, work).result(timeout)


def _then_close(work, *arguments):
    try:
        return work(*arguments)
    finally:
        connection.close()


def assert_tree_is_right():
    for model in (Page, Collection):
        assert [list(keys) for keys in model.find_problems()] == [[]] * 5


def assert_url_paths_are_right():
    urls = {page.path: page.url_path for page in Page.objects.all()}
    for page in Page.objects.filter(depth__gt=1):
        assert page.url_path == f"{urls[page.path[:-4]]}{page.slug}/"


def test_saving_a_page_keeps_the_children_that_others_added_meanwhile(department):
    section = make_page(StandardPage, home_of(department), slug="a")
    stale = StandardPage.objects.get(pk=section.pk)
    make_page(StandardPage, section, slug="b")
    stale.title = "Autre"
    stale.save_revision().publish()
    section.refresh_from_db()
    assert (section.title, section.numchild) == ("Autre", 1)
    assert_tree_is_right()


def test_saving_a_page_leaves_it_where_others_moved_it_meanwhile(department):
    parents = [make_page(StandardPage, home_of(department), slug=slug) for slug in "ab"]
    page = make_page(StandardPage, parents[0], slug="c")
    stale = StandardPage.objects.get(pk=page.pk)
    StandardPage.objects.get(pk=page.pk).move(StandardPage.objects.get(pk=parents[1].pk), pos="last-child")
    stale.save(clean=False, update_fields=None)
    moved = Page.objects.get(pk=page.pk)
    assert moved.get_parent().pk == parents[1].pk
    assert moved.url_path == f"{parents[1].url_path}c/"
    assert_tree_is_right()


def test_a_collection_keeps_the_children_that_others_added_meanwhile(department):
    stale = Collection.objects.get(pk=department.collection.pk)
    before = stale.numchild
    Collection.objects.get(pk=stale.pk).add_child(name="Interne")
    stale.name = "Autre"
    stale.save()
    assert Collection.objects.get(pk=stale.pk).numchild == before + 1
    assert_tree_is_right()


@pytest.mark.postgresql
@pytest.mark.parametrize("action", [CopyPageAction, CreatePageAliasAction])
def test_a_copy_of_a_tree_knows_its_children(department, action):
    section = make_page(StandardPage, home_of(department), slug="a")
    make_page(StandardPage, make_page(StandardPage, section, slug="b"), slug="c")
    attributes = {"update_slug": "d"} if action is CreatePageAliasAction else {"update_attrs": {"slug": "d"}}
    target = {"parent" if action is CreatePageAliasAction else "to": home_of(department)}
    section = StandardPage.objects.get(pk=section.pk)
    copy = action(section, recursive=True, **attributes, **target).execute(skip_permission_checks=True)
    assert [page.numchild for page in Page.objects.descendant_of(copy, inclusive=True)] == [1, 1, 0]
    assert_tree_is_right()


def test_editors_add_move_and_delete_pages_at_the_same_time(department):
    home = home_of(department)
    sections = [make_page(StandardPage, home, slug=f"section-{number}").pk for number in range(2)]
    ready = threading.Barrier(EDITORS)

    def edit(editor):
        choice = random.Random(editor)
        own = []
        ready.wait(30)
        for number in range(12):
            section = StandardPage.objects.get(pk=choice.choice(sections))
            with transaction.atomic():
                if own and number % 4 == 3:
                    Page.objects.get(pk=own.pop()).delete()
                elif own and number % 4 == 2:
                    Page.objects.get(pk=own[-1]).move(section, pos=choice.choice(["first-child", "last-child"]))
                elif own and number % 4 == 1:
                    page = StandardPage(title="x", slug=f"{editor}-{number}")
                    own.append(StandardPage.objects.get(pk=own[-1]).add_sibling(pos="right", instance=page).pk)
                else:
                    page = StandardPage(title="x", slug=f"{editor}-{number}")
                    own.append(section.add_child(instance=page).pk)

    with ThreadPoolExecutor(EDITORS) as executor:
        for future in [executor.submit(_then_close, edit, editor) for editor in range(EDITORS)]:
            future.result(60)
    assert_tree_is_right()


@pytest.mark.postgresql
def test_a_page_is_moved_from_where_it_is_after_the_wait(department):
    """A colleague moves the target, and with it the path that the other had read."""
    home = home_of(department)
    a, b, c = (make_page(StandardPage, home, slug=slug) for slug in "abc")
    page = make_page(StandardPage, a, slug="page")
    target, moved = Page.objects.get(pk=b.pk), Page.objects.get(pk=page.pk)
    thread = threading.Thread(target=_then_close, args=(lambda: moved.move(target, pos="last-child"),))
    with transaction.atomic():
        Page.objects.get(pk=b.pk).move(Page.objects.get(pk=c.pk), pos="last-child")
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "it waits for the other move"
    thread.join(timeout=30)
    assert Page.objects.get(pk=page.pk).get_parent().pk == b.pk
    assert_tree_is_right()


@pytest.mark.parametrize("slug", ["d", "autre"])
def test_saving_a_page_keeps_the_url_that_a_rename_above_gave_it(department, slug):
    pages = [make_page(StandardPage, home_of(department), slug="a")]
    pages += [make_page(StandardPage, pages[0], slug="b")]
    pages += [make_page(StandardPage, pages[1], slug="c")]
    stale = StandardPage.objects.get(pk=pages[1].pk)
    stale.get_parent()
    above = StandardPage.objects.get(pk=pages[0].pk)
    above.slug = "un-nom-bien-plus-long"
    above.save()
    stale.slug = slug
    stale.save_revision().publish()
    assert_url_paths_are_right()
    assert Page.objects.get(pk=pages[1].pk).url_path.endswith(f"/un-nom-bien-plus-long/{slug}/")


def test_a_new_slug_changes_the_urls_below_the_page_where_it_is_now(department):
    first, second = (make_page(StandardPage, home_of(department), slug=slug) for slug in "ab")
    for parent in (first, second):
        make_page(StandardPage, parent, slug="c")
    stale = StandardPage.objects.get(pk=second.pk)
    Page.objects.get(pk=second.pk).move(Page.objects.get(pk=first.pk), pos="left")  # Both have new paths.
    stale.slug = "autre"
    stale.save_revision().publish()
    assert_url_paths_are_right()


@pytest.mark.postgresql
@pytest.mark.parametrize("slug", ["b", "autre"])
def test_a_page_is_published_while_a_page_above_gets_another_slug(department, slug):
    above = make_page(StandardPage, home_of(department), slug="a")
    page = make_page(StandardPage, above, slug="b")
    make_page(StandardPage, page, slug="c")

    def publish():
        loaded = StandardPage.objects.get(pk=page.pk)
        loaded.slug = slug
        loaded.save_revision().publish()

    thread = threading.Thread(target=_then_close, args=(publish,))
    with transaction.atomic():
        above = StandardPage.objects.get(pk=above.pk)
        above.slug = "un-nom-bien-plus-long"
        above.save()
        thread.start()
        thread.join(timeout=2)
        assert thread.is_alive(), "it waits for the new slug"
    thread.join(timeout=30)
    assert_url_paths_are_right()
    assert not Page.objects.filter(url_path__contains="/a/").exists()


@pytest.mark.postgresql
def test_departments_do_not_wait_for_each_other(department):
    other = home_of(make_department("isere"))
    with transaction.atomic():
        make_page(StandardPage, home_of(department), slug="un")
        assert in_thread(lambda: other.add_child(instance=StandardPage(title="Deux", slug="deux"))).pk


@pytest.mark.postgresql
def test_editors_of_different_pages_do_not_wait_for_the_search_index_of_the_admin(department):
    """All titles are equally long, which gives all entries of the index the norm of a new one."""
    home = home_of(department)
    pages = [make_page(StandardPage, home, title=f"Page {letter}", slug=letter) for letter in "ab"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailsearch_indexentry SET title_norm = 1.0")

    def save(page):
        StandardPage.objects.get(pk=page.pk).save()

    with transaction.atomic():
        save(pages[0])
        in_thread(lambda: save(pages[1]))
