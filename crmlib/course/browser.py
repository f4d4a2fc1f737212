"""A headless Chromium: it opens a page, runs JavaScript in it, and prints it.

It speaks the browser's own protocol over the websocket client that Jupyter's server brings along,
so that a browser is all that must be there.
"""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None)
# No sandbox: it needs rights that a container seldom gives, and only our own pages are opened.
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
OPTIONS += ["--no-first-run", "--window-size=1400,900", "--remote-debugging-port=0"]


class Browser:
    """One browser with one page; a context manager that ends both.

    Parameters
    ----------
    folder : Path
        An empty folder for the browser's own files.

    Attributes
    ----------
    requested : list of str
        The addresses that pages asked for, once ``call("Network.enable")`` was made.
    """

    def __init__(self, folder: Path):
        self.folder, self.numbers, self.requested = folder, itertools.count(1), []

    def __enter__(self) -> Browser:
        command = [PROGRAM, *OPTIONS, f"--user-data-dir={self.folder}", "about:blank"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self.page = websocket.create_connection(
                self._address(), timeout=240, suppress_origin=True
            )
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, *error) -> None:
        self.page.close()
        self.process.terminate()
        self.process.wait(timeout=30)

    def _address(self, seconds: float = 60) -> str:
        """Wait for the browser to say where it listens; give the address of its page."""
        file, deadline = self.folder / "DevToolsActivePort", time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if file.exists() and (port := file.read_text().partition("\n")[0]):
                pages = urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=30)
                for page in json.load(pages):
                    if page["type"] == "page":
                        return page["webSocketDebuggerUrl"]
            time.sleep(0.2)
        raise RuntimeError(f"{PROGRAM} did not start")

    def call(self, method: str, **params) -> dict:
        """Call one method of the protocol; give its result."""
        number = next(self.numbers)
        self.page.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.page.recv())
            if answer.get("method") == "Network.requestWillBeSent":
                self.requested.append(answer["params"]["request"]["url"])
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, address: str) -> None:
        """Load a page, and have it believe that somebody looks at it."""
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call("Page.navigate", url=address)

    def run(self, script: str):
        """Give the value of a JavaScript expression; a promise is waited for."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        result = self.call("Runtime.evaluate", **asked)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait_until(self, script: str, seconds: float = 120) -> None:
        """Wait for a JavaScript expression to be true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.run(f"Boolean({script})"):
                return
            time.sleep(0.3)
        raise RuntimeError(f"it never came true in the page: {script}")

    def picture(self, path: Path) -> None:
        """Keep what the page looks like."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
