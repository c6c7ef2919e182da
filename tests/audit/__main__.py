"""Runs every check, one line each; findings stand below theirs and make the exit code 1."""

from __future__ import annotations

import sys
from pathlib import Path

from . import advisories, bans, licences, sbom, secrets, sources
from .parts import bundled, crates, distributions
from .policy import Policy

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Looks at this repository."""
    policy = Policy.read(ROOT / "deny.toml")
    rust, python = crates(ROOT, policy.targets), distributions("k6ws")
    page = bundled(ROOT / "src" / "page" / "package-lock.json", ROOT / ".make/page/node_modules")
    parts = [*rust, *page, *python]
    checks = {
        f"licences of {len(parts)} parts": licences.findings(parts, policy),
        "bans and duplicates": bans.findings(rust, policy),
        "sources": sources.findings(rust),
        "secrets in tracked files": secrets.findings(ROOT),
    }
    for name, findings in checks.items():
        report(name, findings)
    shipped = [part for part in parts if part.is_shipped]
    bill = sbom.write(ROOT / "dist" / "k6ws.cdx.json", shipped)
    print(f"bill of materials: {len(shipped)} parts, in {bill.relative_to(ROOT)}")
    known = advisories.findings(parts)
    if isinstance(known, advisories.NotChecked):
        print(f"advisories: not checked, {known.why}")
        known = []
    else:
        report(f"advisories for {len(parts)} parts", known)
    return 1 if known or any(checks.values()) else 0


def report(name: str, findings: list[str]) -> None:
    """One line, and one for each finding."""
    print(f"{name}: {len(findings)} found" if findings else f"{name}: ok")
    for finding in findings:
        print(f"  {finding}")


if __name__ == "__main__":
    sys.exit(main())
