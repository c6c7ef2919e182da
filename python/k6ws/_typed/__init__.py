"""The options of a run as type checkers and editors know them; what they mean is said in `src/options`.

Nothing here is asked while a test runs. A test holds the keys and the core's own table together
(`tests/unit/test_typed_options.py`), and the JSON Schema for editors is made of the same classes.
"""

from k6ws._typed.options import Options, Threshold
from k6ws._typed.scenarios import Scenario, Stage

__all__ = ["Options", "Scenario", "Stage", "Threshold"]
