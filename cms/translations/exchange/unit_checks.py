"""Checks of units and files that hold for every format: duplicates, inline codes, contradictions, translation ids."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sites.validation.incoming_text import refuse_control_characters

from .incoming_files import refuse_at, refuse_surplus_units
from .inline_codes import code_fault, refuse_unreadable, shortened
from .units import UNKNOWN_ORDER, ExchangeFile, ReadFile, RefusedUnit, Unit, UnitFaultError


class UnitCollector:
    """The units of one translation while a file is read, at most `max_units` (by default as many as in any file)."""

    def __init__(self, name: str, max_units: int | None = None) -> None:
        self.name = name
        self.max_units = max_units
        self.units: list[Unit] = []
        self.refused: list[RefusedUnit] = []
        self._ids: set[object] = set()
        self._targets: dict[tuple[str, str], str] = {}

    def add(
        self,
        line: int | None,
        unit_id: object,
        context: str,
        source: str,
        read: Callable[[], Unit | None],
        orders: Sequence[int] = (),
    ) -> None:
        """Add the unit that `read` returns, or a refused unit if it raises UnitFaultError or the unit does not pass.

        None adds nothing. With `orders`, the unit is added for each of these positions. Raises ValidationError if a
        unit with this id is there already, or if there are too many.
        """
        if unit_id in self._ids:
            raise refuse_at(self.name, line, _("This entry is there twice."))
        self._ids.add(unit_id)
        refuse_surplus_units(self.name, max(len(self._ids), len(self.units) + len(orders)), self.max_units)
        try:
            unit = read()
            self._check(unit)
        except UnitFaultError as error:
            self.refused.append(RefusedUnit(line or 1, context, shortened(source), str(error)))
            return
        if unit is not None:
            orders = orders or (unit.order,)
            self.units.extend(replace(unit, order=order, line=line or 1) for order in orders)

    def _check(self, unit: Unit | None) -> None:
        if unit is None or not unit.target:
            return
        refuse_unreadable(unit.target)
        if fault := code_fault(unit.source, unit.target):
            raise UnitFaultError(fault)
        if self._targets.setdefault((unit.context, unit.source), unit.target) != unit.target:
            raise UnitFaultError(_("The same text has another translation above: give both the same one."))


def refuse_incomplete(context: str, source: str) -> None:
    """Raise UnitFaultError if the context or the source text of a unit is missing."""
    if not context:
        message = _("The name of the text is missing. Export again and use a program that keeps names and ids.")
        raise UnitFaultError(message)
    if not source.strip():
        raise UnitFaultError(_("The original is empty."))


def order_of(unit_id: str) -> int:
    """Return the order of a unit from its id in XLIFF. Raises UnitFaultError for an id that no export writes."""
    digits = unit_id.removeprefix("u")
    if digits == unit_id or not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        values = {"id": shortened(unit_id)}
        raise UnitFaultError(_("The id “%(id)s” is not one of this site: export again and keep the ids.") % values)
    return int(digits)


def checked_files(
    name: str, files: Sequence[ReadFile], translation_ids: Collection[str] | None
) -> tuple[ReadFile, ...]:
    """Return the translations of a file.

    Raises ValidationError if there is none, if one does not have a UUID, is there twice, or, if `translation_ids` are
    given, is not one of these.
    """
    values = {"name": name}
    if not files:
        raise ValidationError(_("“%(name)s” has no translation.") % values)
    seen = set()
    for file in files:
        translation_id = file.content.translation_id
        if not is_uuid(translation_id):
            raise ValidationError(_("“%(name)s” does not say of which translation it is: export it again.") % values)
        if translation_ids is not None and translation_id not in translation_ids:
            message = _(
                "“%(name)s” has a translation that is not yours, or not of this import (%(id)s): nothing is imported."
            )
            raise ValidationError(message % (values | {"id": translation_id}))
        if translation_id in seen:
            message = _("“%(name)s” has the translation %(id)s twice: remove one of them.")
            raise ValidationError(message % (values | {"id": translation_id}))
        seen.add(translation_id)
    return tuple(files)


def refuse_unwritable(file: ExchangeFile) -> None:
    """Raise ValidationError, with the name of the text, for a control character, and ValueError for doubled orders."""
    orders = [unit.order for unit in file.units if unit.order != UNKNOWN_ORDER]
    if len(set(orders)) != len(orders):
        raise ValueError("Two units of a translation have the same order.")
    for unit in file.units:
        texts = (unit.context, unit.source, unit.target, unit.former_source, unit.former_target, unit.note)
        refuse_unwritable_texts(unit.context, texts)


def refuse_unwritable_texts(name: str, texts: Iterable[str]) -> None:
    """Raise ValidationError, with a name, if one of the texts has a control character: XML and PO cannot hold it."""
    for text in texts:
        try:
            refuse_control_characters(text)
        except ValidationError as error:
            values = {"name": shortened(name), "reasons": " ".join(error.messages)}
            raise ValidationError(_("“%(name)s”: %(reasons)s") % values) from error


def is_uuid(text: str) -> bool:
    """Return True for the canonical form of a UUID."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
