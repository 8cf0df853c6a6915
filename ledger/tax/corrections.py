"""What has to be sent again after something was filed: the corrections of the General Instructions, part H. Pure.

Error type 1 (a wrong amount, description, date or address, or a form that should not have been filed): one form,
marked CORRECTED, with what is right, or zero. Error type 2 (no number, a wrong one, or a wrong name): two forms, the
first marked CORRECTED with what was filed and zero amounts, the second as if it were an original.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.tax.barter import Form

_IDENTITY = ("name", "tin_kind", "tin_mark")
_REST = ("address", "box_1a", "box_1c", "box_13")


def outstanding(now: Sequence[Form], filed: Iterable[Form]) -> list[Form]:
    """The forms to send so that what was `filed` (all runs, in their order) becomes what is right `now`."""
    stands: dict[tuple[str, str], Form] = {}
    for form in filed:
        stands[form.key] = form
    right = {form.key: form for form in now}
    out: list[Form] = []
    for key in sorted(stands.keys() | right.keys()):
        out += _between(stands.get(key), right.get(key))
    return out


def _between(stands: Form | None, right: Form | None) -> list[Form]:
    if stands is None:
        assert right is not None
        return [right]
    if right is None:
        return [_zero(stands, 1)] if stands.box_13 else []
    if _differ(stands, right, _IDENTITY):
        # What was taken to zero before stands for nothing any more.
        return [_zero(stands, 2), right] if stands.box_13 else [right]
    if _differ(stands, right, _REST):
        return [right.model_copy(update={"corrected": True, "error_type": 1})]
    return []


def _zero(form: Form, error_type: int) -> Form:
    return form.model_copy(update={"corrected": True, "error_type": error_type, "box_13": 0})


def _differ(one: Form, other: Form, names: Sequence[str]) -> bool:
    return any(getattr(one, name) != getattr(other, name) for name in names)
