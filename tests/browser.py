"""A headless Chromium, as far as the tests need one: it opens a page and runs JavaScript in it.

It speaks the browser's own protocol over the websocket client that Jupyter's server brings along,
so that a browser is all that must be there.
"""

import base64
import itertools
import json
import shutil
import subprocess
import time
import urllib.request

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
PROGRAM = next(filter(None, map(shutil.which, NAMES)), None)
# No sandbox: it needs rights that a container seldom gives, and only our own pages are opened.
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
OPTIONS += ["--no-first-run", "--window-size=1400,900", "--remote-debugging-port=0"]


class Browser:
    """One browser with one page; a context manager that ends both."""

    def __init__(self, folder):
        self.folder, self.numbers = folder, itertools.count(1)

    def __enter__(self):
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

    def __exit__(self, *error):
        self.page.close()
        self.process.terminate()
        self.process.wait(timeout=30)

    def _address(self, seconds=60):
        """Wait for the browser to say where it listens; give the address of its page."""
        file, deadline = self.folder / "DevToolsActivePort", time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            if file.exists() and (port := file.read_text().partition("\n")[0]):
                pages = urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=30)
                for page in json.load(pages):
                    if page["type"] == "page":
                        return page["webSocketDebuggerUrl"]
            time.sleep(0.2)
        raise AssertionError(f"{PROGRAM} did not start")

    def call(self, method, **params):
        """Call one method of the protocol; give its result."""
        number = next(self.numbers)
        self.page.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.page.recv())
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                return answer["result"]

    def open(self, address):
        """Load a page, and have it believe that somebody looks at it."""
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.call("Page.navigate", url=address)

    def run(self, script):
        """Give the value of a JavaScript expression; a promise is waited for."""
        asked = {"expression": script, "awaitPromise": True, "returnByValue": True}
        result = self.call("Runtime.evaluate", **asked)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_until(self, script, seconds=120):
        """Wait for a JavaScript expression to be true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.run(f"Boolean({script})"):
                return
            time.sleep(0.3)
        raise AssertionError(f"it never came true in the page: {script}")

    def picture(self, path):
        """Keep what the page looks like."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
