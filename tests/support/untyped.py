"""Libraries that say nothing of their types, or not enough: for the tests they are objects of any kind."""

from __future__ import annotations

from importlib import import_module
from typing import Any

jsonschema: Any = import_module("jsonschema")
nanoarrow: Any = import_module("nanoarrow")
pandas: Any = import_module("pandas")
polars: Any = import_module("polars")
pyarrow: Any = import_module("pyarrow")
pyarrow_compute: Any = import_module("pyarrow.compute")
xmlschema: Any = import_module("xmlschema")
