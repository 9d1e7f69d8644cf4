"""Headless Chromium, kept warm: a page that draws the same specifications and is printed to PDF."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from measure import cpu_of_session
from websockets.sync.client import ClientConnection, connect

from pressroom import Edition, Number, Plot, Table
from pressroom.locales import Locale
from pressroom_builtin.drawing.themes import LIGHT
from pressroom_builtin.drawing.vegalite import vega_lite
from pressroom_builtin.renderers.arrange import Area, grid

PAGE = """<!doctype html><meta charset="utf-8"><style>
body{font:11px "Noto Sans SC",sans-serif;margin:0}.sheet{position:relative;height:640px;break-after:page}
.panel{position:absolute;border:1px solid #dfe3ea;box-sizing:border-box;padding:6px;overflow:hidden}
table{border-collapse:collapse;width:100%}td{border-bottom:1px solid #dfe3ea}</style><body><script type="module">"""
DRAW = """(async () => {
  document.body.replaceChildren();
  for (const boxes of SHEETS) {
    const sheet = document.createElement('div'); sheet.className = 'sheet'; document.body.append(sheet);
    for (const box of boxes) {
      const panel = document.createElement('div'); panel.className = 'panel'; panel.style.cssText = box.place;
      panel.innerHTML = '<b></b><div></div>'; panel.firstChild.textContent = box.title; sheet.append(panel);
      if (box.spec) await window.vegaEmbed(panel.lastChild, box.spec, {renderer: 'svg', actions: false});
      else panel.lastChild.innerHTML = box.html;
    }
  }
  return document.querySelectorAll('svg').length;
})()"""


class Browser:
    """One Chromium with one tab; use as a context manager."""

    def __enter__(self) -> Browser:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if program is None:
            raise LookupError("chromium is not installed")
        self._profile = tempfile.mkdtemp(prefix="pressroom-chromium-")
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            "--disable-dev-shm-usage",
        ]
        self._process = subprocess.Popen(
            [program, *flags, f"--user-data-dir={self._profile}", "about:blank"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        assert self._process.stderr is not None
        address = next(found.group(1) for line in self._process.stderr if (found := re.search(r"(ws://\S+)", line)))
        self._socket: ClientConnection = connect(address, max_size=None, proxy=None)
        self._number, self._session = 0, ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._load()
        return self

    def __exit__(self, *_: object) -> None:
        self._session = ""
        self.call("Browser.close")
        self._socket.close()
        self._process.wait(20)
        shutil.rmtree(self._profile, ignore_errors=True)

    def _load(self) -> None:
        import vl_convert

        bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        html = Path(self._profile) / "page.html"
        html.write_text(f"{PAGE}{bundle}</script>", "utf-8")
        self.call("Page.enable")
        self.call("Page.navigate", url=html.as_uri())
        ready = "new Promise(done => { const look = () => window.vegaEmbed ? done(1) : setTimeout(look, 20); look() })"
        self.call("Runtime.evaluate", expression=ready, awaitPromise=True)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a command of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps({**message, "sessionId": self._session} if self._session else message))
        while True:
            answer = json.loads(self._socket.recv(60))
            if answer.get("id") == self._number:
                if "error" in answer or "exceptionDetails" in answer.get("result", {}):
                    raise RuntimeError(str(answer)[:500])
                result: dict[str, Any] = answer["result"]
                return result

    def cpu(self) -> float:
        """Seconds that all of its processes have used."""
        return cpu_of_session(self._process.pid)

    def draw(self, edition: Edition, folder: Path) -> bytes:
        """The edition as PDF."""
        sheets = json.dumps([[_box(placed, folder) for placed in sheet] for sheet in _sheets(edition)])
        drawn = self.call("Runtime.evaluate", expression=DRAW.replace("SHEETS", sheets), awaitPromise=True)
        assert drawn["result"]["value"] == 10, drawn
        printed = self.call("Page.printToPDF", landscape=True, paperWidth=8.27, paperHeight=11.69, printBackground=True)
        return base64.b64decode(printed["data"])


def _sheets(edition: Edition) -> list[list[Any]]:
    return grid(edition.sections[0].panels, Area(980.0, 620.0, 620.0, 1.0))


def _box(placed: Any, folder: Path) -> dict[str, Any]:
    figure = placed.panel.figure
    free = isinstance(figure, Table)
    place = f"left:{placed.x}px;top:{placed.y}px;width:{placed.width}px"
    box: dict[str, Any] = {
        "title": placed.panel.title,
        "place": f"{place};{'' if free else f'height:{placed.height}px'}",
    }
    if isinstance(figure, Plot):
        return {
            **box,
            "spec": vega_lite(
                figure, width=placed.width - 12, height=placed.height - 32, theme=LIGHT, locale=Locale.of("en")
            ),
        }
    if isinstance(figure, Number):
        return {**box, "html": f"<h1>{figure.items[0].value:,}</h1>"}
    rows = placed.panel.rows.dataset(folder).frame().iter_rows()
    cells = "".join(f"<tr>{''.join(f'<td>{value}</td>' for value in row)}</tr>" for row in rows)
    return {**box, "html": f"<table>{cells}</table>"}
