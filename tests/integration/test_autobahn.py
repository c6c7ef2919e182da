"""The Autobahn suite judges our protocol: cases of RFC 6455, through a script under `k6ws run`.

Groups 1 to 7 and 10 here; `make conformance` adds group 9, large messages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.autobahn import ROOT, fuzzing_server, why_missing

GROUPS = os.environ.get("AUTOBAHN_GROUPS", "1.*,2.*,3.*,4.*,5.*,6.*,7.*,10.*").split(",")
LIMIT_S = int(os.environ.get("AUTOBAHN_LIMIT_S", "110"))
COUNTS = {"1.*": 16, "2.*": 11, "3.*": 7, "4.*": 10, "5.*": 20, "6.*": 145, "7.*": 37, "9.*": 54}
COUNTS |= {"10.*": 1, "12.*": 90, "13.*": 126}

# Behaviour that the suite itself calls informational: what is seen there is neither right nor wrong.
INFORMATIONAL = {"7.1.6", "7.13.1", "7.13.2"}


@pytest.mark.timeout(LIMIT_S + 20)
@pytest.mark.parity("8.8.9")
@pytest.mark.skipif(why_missing() != "", reason=why_missing())
@pytest.mark.parametrize("module", ["ws", "websockets"])
def test_every_case_is_passed_strictly(module: str, tmp_path: Path) -> None:
    cases = sum(COUNTS[group] for group in GROUPS)
    script = ROOT / "tests" / "conformance" / f"{module}_echo.py"
    with fuzzing_server(tmp_path, GROUPS) as suite:
        settings = {"AUTOBAHN_URL": suite.url, "AUTOBAHN_AGENT": module, "AUTOBAHN_CASES": cases}
        if set(GROUPS) & {"12.*", "13.*"}:
            settings["AUTOBAHN_COMPRESSION"] = "yes"
        flags = [f"-e{name}={value}" for name, value in settings.items()]
        command = [sys.executable, "-m", "k6ws", "run", "-q", *flags, str(script)]
        run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LIMIT_S)
        assert (run.returncode, run.stderr) == (0, ""), run.stderr
        verdicts = suite.report(module)
    assert len(verdicts) == cases
    odd = {
        case: (verdict["behavior"], verdict["behaviorClose"])
        for case, verdict in verdicts.items()
        if (verdict["behavior"], verdict["behaviorClose"]) != ("OK", "OK")
    }
    informational = {
        case for case in INFORMATIONAL if f"{case.split('.', maxsplit=1)[0]}.*" in GROUPS
    }
    assert odd == dict.fromkeys(informational, ("INFORMATIONAL", "INFORMATIONAL"))
