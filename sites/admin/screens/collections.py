"""Collections of a department: Wagtail's screens, kept inside the collection that the department owns."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
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


def exclude_department_roots(queryset: QuerySet[Collection], user: Any) -> QuerySet[Collection]:
    """Leave out departments' own collections, made and named with the department; superusers keep them."""
    return queryset if is_unrestricted(user) else queryset.exclude(pk__in=Department.objects.values("collection"))


class _InsideDepartments:
    def get_queryset(self) -> QuerySet[Collection]:
        queryset = viewable_by(super().get_queryset(), self.request.user)  # type: ignore[misc,attr-defined]
        return exclude_department_roots(queryset, self.request.user)  # type: ignore[attr-defined]


class CollectionIndexView(_InsideDepartments, collections.Index):
    pass


class CollectionEditView(_InsideDepartments, collections.Edit):
    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if "parent" in form.fields and not is_unrestricted(self.request.user):
            # Somebody of two departments may add collections to both, but files stay with their department.
            department = departments_owning(self.object).get()
            places = form.fields["parent"].queryset.filter(path__startswith=department.collection.path)
            form.fields["parent"].queryset = places
        return form


class DepartmentCollectionRestrictionForm(OwnGroupsMixin, CollectionViewRestrictionForm):
    class Meta(CollectionViewRestrictionForm.Meta):
        pass


class CollectionPrivacyView(View):
    """Dialog that restricts who may read a collection's files; Wagtail's view is a function without a form to set."""

    collection: Collection
    restriction: CollectionViewRestriction | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        queryset = manageable_by(Collection.objects.exclude(depth=1), request.user, Capability.PRIVACY)
        found = exclude_department_roots(queryset, request.user).filter(pk=kwargs["collection_id"]).first()
        if found is None:
            raise Http404
        self.collection = found
        # The outermost comes first: it decides, and this collection cannot lift it.
        self.restriction = found.get_view_restrictions().order_by("collection__depth").first()
        if self.restriction is not None and self.restriction.collection_id != found.pk:
            return render_modal_workflow(
                request,
                "wagtailadmin/collection_privacy/ancestor_privacy.html",
                None,
                {"collection_with_restriction": self.restriction.collection},
            )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, collection_id: int) -> HttpResponse:
        initial = None if self.restriction else {"restriction_type": CollectionViewRestriction.NONE}
        return self._show(self._form(initial=initial))

    def post(self, request: HttpRequest, collection_id: int) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show(form)
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

    def _show(self, form: DepartmentCollectionRestrictionForm) -> HttpResponse:
        address = reverse("department_collections:set_privacy", args=[self.collection.pk])
        context = {"action_url": address, "object": self.collection, "form": form}
        return render_modal_workflow(
            self.request, "wagtailadmin/shared/set_privacy.html", None, context, json_data={"step": "set_privacy"}
        )


def describe_members(collection: Collection) -> dict[str, Any] | None:
    """Say what a collection holds besides images and documents, which Wagtail counts itself; None for nothing.

    Wagtail deletes only an empty collection, and what nobody counts would be deleted with it: videos, consents. A
    department's own collection holds the department.
    """
    counted: tuple[type[Model], ...] = (get_image_model(), get_document_model())
    members = [
        model
        for model in apps.get_models()
        if issubclass(model, CollectionMember) and not issubclass(model, counted) and not model._meta.proxy
    ]
    texts = []
    holding: list[type[Model]] = [*members, Department]
    for model in holding:
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
