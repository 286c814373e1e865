"""Why a result is what it is, as text for people."""

from __future__ import annotations

from .multi_source.fetch_config import FetchResult


def explain(result: FetchResult) -> str:
    """One line for the answer, one for each source, and one for each ad that is not in the answer."""
    facts = result.to_dict()
    seconds = float(result.metadata.get("elapsed_time", 0.0))
    lines = [f"{'an ad from ' + str(result.source_url) if result.success else 'no usable ad'}, after {seconds:.3f} s"]
    for source in facts["sources"]:
        reason = f": {source['reason']}" if "reason" in source else ""
        attempts = source.get("attempts", 0)
        tries = f" after {attempts} attempts" if attempts > 1 else ""
        lines.append(f"  {source['tier']} {source['name']}: {source['outcome']}{tries}{reason}")
    for candidate in facts["candidates"]:
        if candidate["verdict"] != "kept":
            why = candidate.get("message") or candidate.get("reason") or ""
            name = candidate.get("ad_id", "without id")
            lines.append(f"  ad {name} of {candidate['source']}: {candidate['verdict']}{': ' + why if why else ''}")
    return "\n".join(lines)


__all__ = ["explain"]
