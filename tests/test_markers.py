"""Tests that the markers decide correctly which tests run on the services too."""


def test_a_test_that_cannot_query_runs_on_the_embedded_defaults_only(request):
    assert request.node.get_closest_marker("embedded")


def test_a_test_that_can_query_runs_on_the_services_too(request, db):
    assert request.node.get_closest_marker("embedded") is None


def test_a_fixture_of_a_module_makes_a_query_possible(request, django_db_setup):
    assert request.node.get_closest_marker("embedded") is None
