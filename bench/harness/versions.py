"""What was measured with: figures of another Python, or of one built otherwise, are other figures."""

from __future__ import annotations

import platform
import sysconfig
from dataclasses import dataclass


@dataclass(frozen=True)
class Python:
    """The interpreter that runs every Python client."""

    version: str
    config_args: str
    is_pgo: bool
    is_lto: bool
    kernel: str

    @property
    def text(self) -> str:
        built = " and ".join(
            name for name, has in (("PGO", self.is_pgo), ("LTO", self.is_lto)) if has
        )
        return f"CPython {self.version}, built {f'with {built}' if built else 'without PGO or LTO'}"


def python() -> Python:
    flags = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    return Python(
        platform.python_version(),
        flags,
        "--enable-optimizations" in flags,
        "--with-lto" in flags,
        platform.release(),
    )
