"""A visit's verdict and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spiders.agent.report import CollectReport, Verdict

_NOT_YOU = frozenset({"401", "403", "407", "429", "451", "503"})
_WALLS = {"block": "looks like a block", "login_wall": "is a login wall"}


def judge(report: CollectReport, counts: Mapping[str, Any], *, broke: str | None, cut: str | None) -> None:
    """Set the report's verdict. `broke` says how the process broke, `cut` which limit was reached."""
    report.verdict, report.why = _judged(report, counts, broke, cut)


def _judged(
    report: CollectReport, counts: Mapping[str, Any], broke: str | None, cut: str | None
) -> tuple[Verdict, str]:
    if report.landed == 0:
        return _nothing(report, counts, broke, cut)
    rows = f"{report.landed} rows landed"
    if broke:
        return "partly", f"{rows}, then {broke}"
    if cut:
        return "partly", f"{rows}; the limit on the {cut} was reached, {report.left} pages were left"
    if report.failed:
        return "partly", f"{rows}; {report.failed} pages were not got{_first(report)}"
    return "complete", f"{rows} from {report.pages} page{'s' if report.pages != 1 else ''}"


def _nothing(
    report: CollectReport, counts: Mapping[str, Any], broke: str | None, cut: str | None
) -> tuple[Verdict, str]:
    if broke:
        return "failed", broke
    if report.known and not report.quarantined and not report.failed:
        return "complete", f"nothing new: all {report.known} rows have landed before"
    if report.unchanged and not report.failed and not report.quarantined and report.pages == report.unchanged:
        return "complete", "nothing new: the source has not changed"
    if report.pages == 0 or (report.failed and report.read == 0 and report.barren == 0):
        # Nothing was got, or only what leads to pages.
        return _no_page(report, counts)
    wall = next((kind for kind in _WALLS if report.signs.get(kind)), None)
    if wall:
        return "blocked", f"{report.signs[wall]} of {report.pages} pages: it {_WALLS[wall]}; {report.notes[0]}"
    if report.quarantined:
        reasons = ", ".join(f"{n} {reason}" for reason, n in report.quarantined.items())
        return (
            "empty",
            f"{report.pages} pages were read and none of their rows believed ({reasons}): see `katy quarantine`",
        )
    if report.failed:
        return "failed", f"{report.pages} pages were got and could not be read{_first(report)}"
    if cut:
        return "empty", f"{report.pages} pages were read and nothing landed before the limit on the {cut} was reached"
    return (
        "empty",
        f"{report.pages} pages were read and none makes an offer that can be read; the site may have changed",
    )


def _no_page(report: CollectReport, counts: Mapping[str, Any]) -> tuple[Verdict, str]:
    if "katy/robots_unreachable" in counts:
        return "unreachable" if "katy/no_answer" in counts else "blocked", str(counts["katy/robots_unreachable"])
    if report.pages == 0 and counts.get("robotstxt/forbidden"):
        return "blocked", f"robots.txt forbids {report.base}"
    status = next((status for status in report.statuses if status in _NOT_YOU), None)
    if status:
        return "blocked", f"the site refuses with status {status}{_first(report)}"
    return "unreachable", f"no page was got{_first(report)}"


def _first(report: CollectReport) -> str:
    return f": {report.failures[0]['url']} {report.failures[0]['why']}" if report.failures else ""
