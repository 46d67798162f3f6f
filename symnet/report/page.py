"""The page: data, style and script in one file that loads nothing and lets nothing else run.

The data are JSON in which no character can end its element. The policy names the hashes of the one style and the one
script, so that anything that were smuggled in would not run.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from typing import Any

from symnet.backends.templates import environment, text
from symnet.version import __version__

SCRIPTS = ("dom", "calculate", "picture", "player", "formulas", "check", "panels", "main")
_ESCAPED = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def page(data: Mapping[str, Any]) -> str:
    """The HTML of a report."""
    script = '"use strict";\n(() => {\n' + "\n".join(text("report", f"{name}.js") for name in SCRIPTS) + "})();\n"
    style = text("report", "page.css")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    return (
        environment("report")
        .get_template("page.html.jinja")
        .render(
            title=escape(str(data["network"])),
            version=__version__,
            policy=policy,
            style=style,
            script=script,
            data=blob(data),
        )
    )


def blob(data: Mapping[str, Any]) -> str:
    """The data as JSON that may stand in a script element: `</script` and `<!--` cannot occur in it."""
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return plain.translate(_ESCAPED)


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
