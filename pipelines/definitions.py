"""What ``workspace.yaml`` loads: the definitions with the settings of ``OPENBEAT_CONFIG``.

Without the variable, the defaults. How the definitions are made is in ``build``.
"""

from __future__ import annotations

import os
from pathlib import Path

from openbeat.settings import Settings, load_settings
from pipelines.build import build_definitions

CONFIG_VARIABLE = "OPENBEAT_CONFIG"


def _settings() -> Settings:
    named = os.environ.get(CONFIG_VARIABLE)
    return load_settings(Path(named) if named else None)


definitions = build_definitions(_settings())
