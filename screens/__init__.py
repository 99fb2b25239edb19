"""The terminal front end of vtexmon.

How Textual behaves is settled here, because it reads these variables when it is first imported: no animations, and ten
frames a second, which is the cheapest lever over a slow link (``reference/terminal-ui.md`` 3.2).
"""

import os

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
os.environ.setdefault("TEXTUAL_FPS", "15")
