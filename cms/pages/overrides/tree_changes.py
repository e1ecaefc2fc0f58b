"""Changes of the trees of pages and collections by several writers at once.

Replaces: `process` of treebeard's handlers of new and moved nodes, and `delete` of its query sets, which compute paths
    from rows that another transaction may change meanwhile (PostgreSQL), and `_do_update` of its nodes: `Model.save`
    would write back the path and the number of children that an instance had when it was loaded.
Why no hook serves: Wagtail calls the handlers without a signal, and a node may be of a class that Wagtail defines.
Written for: django-treebeard 5.3, Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/pages/test_concurrent_tree_changes.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from treebeard import mp_tree

# The fields that only treebeard's queries change.
TREE_FIELDS = ("path", "depth", "numchild")
# Number of steps in the path of a department's container or collection. Each of these nodes has its own lock.
STEPS_TO_DEPARTMENT = 2

_delete = mp_tree.MP_NodeQuerySet.delete
_do_update: Any = Model._do_update


def lock_tree_changes() -> None:
    """Serialize the transactions that change one department's part of a tree. Other departments do not wait."""
    _lock_before(mp_tree.MP_AddRootHandler, lambda handler: [])
    _lock_before(mp_tree.MP_AddChildHandler, lambda handler: [handler.node])
    _lock_before(mp_tree.MP_AddSiblingHandler, lambda handler: [handler.node])
    _lock_before(mp_tree.MP_MoveHandler, lambda handler: [handler.node, handler.target])
    mp_tree.MP_NodeQuerySet.delete = delete
    mp_tree.MP_Node._do_update = update_without_tree_fields


def _lock_before(handler_class: Any, nodes_of: Callable[[Any], list[Any]]) -> None:
    process = handler_class.process

    @wraps(process)
    def process_with_lock(handler: Any) -> Any:
        if connection.vendor == "postgresql":
            model = getattr(handler, "node_cls", None) or handler.cls
            nodes = nodes_of(handler)
            _lock(model.tree_model(), [node.path for node in nodes])
            if handler_class is not mp_tree.MP_AddChildHandler:  # This handler reads its node again itself.
                _read_again(model.tree_model(), nodes)
        return process(handler)

    handler_class.process = process_with_lock


def delete(queryset: Any, *args: Any, **kwargs: Any) -> Any:
    """Delete the nodes of a query set with their descendants; return what Django's `delete` returns."""
    if connection.vendor != "postgresql":
        return _delete(queryset, *args, **kwargs)
    with transaction.atomic():
        _lock(queryset.model.tree_model(), queryset.order_by().values_list("path", flat=True))
        return _delete(queryset, *args, **kwargs)


def refresh_tree_position(page: Any) -> None:
    """Lock the row of a page, and set the tree position and URL of the instance to the stored values.

    Other transactions may have moved it, or renamed a page above it, since it was loaded: `Page.save` would write the
    old URL back, and change the URLs below the old position.
    """
    model = page.base_page_model
    rows = model.objects.select_for_update(of=("self",), no_key=True).filter(pk=page.pk)
    stored = rows.values("url_path", *TREE_FIELDS).first()
    if stored is None or (stored["path"], stored["url_path"]) == (page.path, page.url_path):
        return
    for field in TREE_FIELDS:
        setattr(page, field, stored[field])
    page.__dict__.pop("_cached_parent_obj", None)
    page.set_url_path(page.get_parent())


def update_without_tree_fields(
    node: Any, base_qs: Any, using: str, pk_val: Any, values: list[tuple], update_fields: Any, *args: Any, **kwargs: Any
) -> bool:
    """Update the row of a node; return True if there is one. Replaces Django's method.

    TREE_FIELDS are left out, unless `update_fields` names them: Wagtail does so to store the number of children of a
    page that it copies with its descendants.
    """
    kept = [value for value in values if value[0].name not in TREE_FIELDS or value[0].name in (update_fields or ())]
    updated: bool = _do_update(node, base_qs, using, pk_val, kept, update_fields, *args, **kwargs)
    return updated


def _lock(model: Any, paths: Iterable[str]) -> None:
    """Lock the parts of a tree to which the paths belong until the end of the transaction, always in the same order."""
    length = model.steplen * STEPS_TO_DEPARTMENT
    names = {f"{model._meta.db_table} {path[:length]}" for path in paths} or {model._meta.db_table}
    keys = sorted(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) >> 1 for name in names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def _read_again(model: Any, nodes: list[Any]) -> None:
    """Set the tree fields of nodes to the stored values, which may have changed while the transaction waited."""
    rows = {
        row["pk"]: row for row in model.objects.filter(pk__in=[node.pk for node in nodes]).values("pk", *TREE_FIELDS)
    }
    for node in nodes:
        for field in TREE_FIELDS:
            setattr(node, field, rows[node.pk][field])
