"""Wagtail's screens of collections, limited to the collections below those of the user's departments."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views import View
from wagtail.admin.forms.collections import CollectionViewRestrictionForm
from wagtail.admin.modal_workflow import render_modal_workflow
from wagtail.admin.views import collections
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, CollectionMember, CollectionViewRestriction

from sites.access.capabilities import is_unrestricted
from sites.access.ownership import departments_owning
from sites.access.querysets import manageable_by, viewable_by
from sites.models import Department
from sites.roles import Capability

from .privacy import OwnGroupsMixin

# Sent with `collection` and `parent` before a collection moves below another one. Receivers refuse by ValidationError.
collection_moves = Signal()
# Sent with `collection` after a collection has moved below another one.
collection_moved = Signal()


def exclude_department_roots(queryset: QuerySet[Collection], user: Any) -> QuerySet[Collection]:
    """Exclude the top collection of each department, which only superusers edit."""
    return queryset if is_unrestricted(user) else queryset.exclude(pk__in=Department.objects.values("collection"))


class _ViewableCollectionsMixin:
    """Limits a view to collections below those of the user's departments."""

    def get_queryset(self) -> QuerySet[Collection]:
        queryset = viewable_by(super().get_queryset(), self.request.user)  # type: ignore[misc,attr-defined]
        return exclude_department_roots(queryset, self.request.user)  # type: ignore[attr-defined]


class CollectionIndexView(_ViewableCollectionsMixin, collections.Index):
    pass


class CollectionEditView(_ViewableCollectionsMixin, collections.Edit):
    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if "parent" in form.fields and not is_unrestricted(self.request.user):
            # A user of two departments may add collections to both, but files stay in their department.
            department = departments_owning(self.object).get()
            parents = form.fields["parent"].queryset.filter(path__startswith=department.collection.path)
            form.fields["parent"].queryset = parents
        return form

    def save_instance(self) -> Any:
        is_move = "parent" in self.form.changed_data
        if is_move:
            parent = self.form.cleaned_data["parent"]
            collection_moves.send(sender=Collection, collection=self.form.instance, parent=parent)
        collection = super().save_instance()
        if is_move:
            collection_moved.send(sender=Collection, collection=collection)
        return collection


class DepartmentCollectionRestrictionForm(OwnGroupsMixin, CollectionViewRestrictionForm):
    class Meta(CollectionViewRestrictionForm.Meta):
        pass


class CollectionPrivacyView(View):
    """The dialog that restricts who may read the files of a collection.

    Wagtail's view is a function with a fixed form, which would offer the groups of all departments.
    """

    collection: Collection
    restriction: CollectionViewRestriction | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        queryset = manageable_by(Collection.objects.exclude(depth=1), request.user, Capability.PRIVACY)
        collection = exclude_department_roots(queryset, request.user).filter(pk=kwargs["collection_id"]).first()
        if collection is None:
            raise Http404
        self.collection = collection
        # The restriction of the highest ancestor comes first; it applies here as well and is changed there only.
        self.restriction = collection.get_view_restrictions().order_by("collection__depth").first()
        if self.restriction is not None and self.restriction.collection_id != collection.pk:
            return render_modal_workflow(
                request,
                "wagtailadmin/collection_privacy/ancestor_privacy.html",
                None,
                {"collection_with_restriction": self.restriction.collection},
            )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, collection_id: int) -> HttpResponse:
        initial = None if self.restriction else {"restriction_type": CollectionViewRestriction.NONE}
        return self._render(self._form(initial=initial))

    def post(self, request: HttpRequest, collection_id: int) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._render(form)
        is_public = form.cleaned_data["restriction_type"] == CollectionViewRestriction.NONE
        if not is_public:
            form.instance.collection = self.collection
            form.save()
        elif self.restriction is not None:
            self.restriction.delete()
        answer = {"step": "set_privacy_done", "is_public": is_public}
        return render_modal_workflow(request, None, None, None, json_data=answer)

    def _form(self, data: Any = None, **kwargs: Any) -> DepartmentCollectionRestrictionForm:
        return DepartmentCollectionRestrictionForm(
            data, instance=self.restriction, for_user=self.request.user, **kwargs
        )

    def _render(self, form: DepartmentCollectionRestrictionForm) -> HttpResponse:
        action_url = reverse("department_collections:set_privacy", args=[self.collection.pk])
        context = {"action_url": action_url, "object": self.collection, "form": form}
        return render_modal_workflow(
            self.request, "wagtailadmin/shared/set_privacy.html", None, context, json_data={"step": "set_privacy"}
        )


def describe_members(collection: Collection) -> dict[str, Any] | None:
    """Return the number and the names of the objects of a collection other than images and documents, or None.

    The hook `describe_collection_contents`. Wagtail counts images and documents itself and deletes only a collection
    that is empty; objects that no hook counts, such as videos and consents, would be deleted with it. The top
    collection of a department counts the department.
    """
    counted_by_wagtail: tuple[type[Model], ...] = (get_image_model(), get_document_model())
    members = [
        model
        for model in apps.get_models()
        if issubclass(model, CollectionMember) and not issubclass(model, counted_by_wagtail) and not model._meta.proxy
    ]
    texts = []
    models: list[type[Model]] = [*members, Department]
    for model in models:
        if count := model._default_manager.filter(collection=collection).count():
            name = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            texts.append(f"{count} {name}")
    return {"count": len(texts), "count_text": ", ".join(texts), "url": None} if texts else None


app_name = "department_collections"
urlpatterns = [
    path("", CollectionIndexView.as_view(), name="index"),
    path("<int:pk>/", CollectionEditView.as_view(), name="edit"),
    path("<int:collection_id>/privacy/", CollectionPrivacyView.as_view(), name="set_privacy"),
]
