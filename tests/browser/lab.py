"""JupyterLab in a headless browser, driven as a reader would: menus, keys, a look at pixels."""

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

# As root there is no sandbox; the rest keeps Chromium from calling home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Console lines that are JupyterLab's own and harmless, each with the reason.
LAB_NOISE = ()
NO_CHANGE = "no new"
EXPLORER = ".contexture-explorer"
# Tracebacks, and whatever else was written to stderr.
ERROR_OUTPUT = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"

_SETTINGS = {
    # Cells far from the screen stay in the page, so that they can be looked at.
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {
        "windowingMode": "none",
        "scrollPastEnd": False,
    },
}
_NOTEBOOK_STATE = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
        .map(p => p.textContent.trim());
    const light = document.querySelector('.jp-Notebook-ExecutionIndicator');
    return {prompts, status: light && light.dataset.status};
}"""
# All cells are on the page and the kernel has said its name and that it is idle.
_READY = """cells => {
    const kernel = document.querySelector('.jp-Toolbar-kernelName');
    const bar = document.querySelector('#jp-main-statusbar');
    return document.querySelectorAll('.jp-Notebook .jp-Cell').length == cells
        && kernel && !/No Kernel/i.test(kernel.textContent)
        && bar && /\\| Idle/.test(bar.textContent);
}"""
_STARTED = """before => [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
    .some((p, i) => p.textContent.includes('*') || p.textContent.trim() != before[i])"""
# A short fingerprint of the pixels an <img> shows, null while it is loading.
_PIXELS = """async img => {
    if (!img.complete || !img.naturalWidth) return null;
    const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight);
    const pen = canvas.getContext('2d');
    pen.drawImage(img, 0, 0);
    const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    const digest = await crypto.subtle.digest('SHA-1', bytes);
    return [...new Uint8Array(digest)].map(b => b.toString(16).padStart(2, '0')).join('');
}"""
# From the next key press to the frame that shows the new picture, in milliseconds.
_STOPWATCH = """img => {
    window.newPicture = new Promise(done => {
        let start = null;
        document.addEventListener('keydown', e => { start = e.timeStamp; },
            {capture: true, once: true});
        new MutationObserver(async (changes, observer) => {
            observer.disconnect();
            await img.decode();
            requestAnimationFrame(now => setTimeout(() => done(performance.now() - start)));
        }).observe(img, {attributes: true, attributeFilter: ['src']});
    });
}"""


def find_chromium():
    """Path of a Chromium on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@contextlib.contextmanager
def jupyterlab(folder, home):
    """JupyterLab serving `folder`, with settings of its own under `home`; yields its address."""
    home = Path(home)
    for name, content in _SETTINGS.items():
        path = home / "settings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    page_config = home / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True, exist_ok=True)
    # Its pop-up would cover the figures.
    disabled = {"@jupyterlab/apputils-extension:announcements": True}
    page_config.write_text(json.dumps({"disabledExtensions": disabled}))
    env = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    with (
        open(home / "server.log", "wb") as log,
        subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT) as server,
    ):
        try:
            _wait_until_served(server, f"http://127.0.0.1:{port}/api?token={token}", home)
            yield f"http://127.0.0.1:{port}", token
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:  # seen once: it hung in its own shutdown
                server.kill()


def _wait_until_served(server, address, home, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{(home / 'server.log').read_text()}")


@contextlib.contextmanager
def chromium(width=1440, height=1000):
    """A headless browser page of the given size."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), headless=True, args=CHROMIUM_FLAGS
        )
        try:
            yield browser.new_page(viewport={"width": width, "height": height})
        finally:
            browser.close()


class Lab:
    """One browser page on one JupyterLab: open a notebook, run it, move its sliders."""

    def __init__(self, page, address, token):
        self.page, self.address, self.token = page, address, token
        self.console_errors, self.kernel_errors = [], []
        page.on("console", self._hear_console)
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        page.on("websocket", lambda s: s.on("framereceived", self._hear_kernel))

    def _hear_console(self, message):
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(re.search(noise, text) for noise in LAB_NOISE):
            self.console_errors.append(text)

    def _hear_kernel(self, frame):
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        if re.search(r'"msg_type":\s*"error"', text):
            found = re.search(r'"evalue":\s*"((?:[^"\\]|\\.)*)"', text)
            self.kernel_errors.append(found[1] if found else text)

    def open(self, notebook):
        """Show a notebook (a path inside the served folder) in a fresh workspace."""
        self.console_errors.clear()
        self.kernel_errors.clear()
        self.page.goto(f"{self.address}/lab/tree/{notebook}?token={self.token}&reset")
        address = f"{self.address}/api/contents/{notebook}?token={self.token}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            cells = len(json.load(answer)["content"]["cells"])
        self.page.wait_for_function(_READY, arg=cells, timeout=60_000)

    def _menu(self, menu, item):
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(item)).first.click()

    def run_all(self, timeout=180):
        """Run > Run All Cells, and wait."""
        before = self.prompts()
        self._menu("Run", "^Run All Cells$")
        self.page.wait_for_function(_STARTED, arg=before)
        self.wait_idle(timeout)

    def restart_and_run_all(self, timeout=180):
        """Kernel > Restart Kernel and Run All Cells, and wait."""
        before = self.prompts()
        self._menu("Kernel", "^Restart Kernel and Run All Cells")
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        self.page.wait_for_function(_STARTED, arg=before)
        self.wait_idle(timeout)

    def wait_idle(self, timeout=180):
        """Wait until nothing runs or is about to, three looks in a row."""
        end, quiet = time.monotonic() + timeout, 0
        while quiet < 3:
            state = self.page.evaluate(_NOTEBOOK_STATE)
            busy = state["status"] != "idle" or any("*" in p for p in state["prompts"])
            quiet = 0 if busy else quiet + 1
            if time.monotonic() > end:
                raise TimeoutError(f"still running after {timeout} s: {state}")
            self.page.wait_for_timeout(150)

    def prompts(self):
        """The cells' execution counts as shown: '[3]:' or '[ ]:'."""
        return self.page.evaluate(_NOTEBOOK_STATE)["prompts"]

    def error_outputs(self):
        """The text of every traceback and warning, and of every picture that could not be drawn."""
        return self.page.locator(f"{ERROR_OUTPUT}, .contexture-error").all_inner_texts()

    def explorers(self):
        """Every live picture of the notebook, in order: one image with its controls."""
        return [Explorer(self.page, found) for found in self.page.locator(EXPLORER).all()]

    def screenshot(self, path):
        """Save what the screen shows."""
        self.page.screenshot(path=path)


class Explorer:
    """The controls and the picture of one explorer on the page."""

    def __init__(self, page, root):
        self.page, self.root = page, root
        self.image = root.locator("img.widget-image").first

    def sliders(self):
        """The handles of its sliders, which take the arrow keys."""
        return self.root.locator("[role=slider]").all()

    def names(self):
        """What is written beside each slider."""
        return self.root.locator(".widget-slider .widget-label").all_inner_texts()

    def dropdowns(self):
        """Its drop-down menus."""
        return self.root.locator("select").all()

    def readouts(self):
        """The numbers written beside the sliders, and the sentence below the picture."""
        return self.root.locator(".widget-readout, .contexture-readout").all_inner_texts()

    def pixels(self):
        """A fingerprint of the picture."""
        return self.image.evaluate(_PIXELS)

    def press(self, handle, key, times=1):
        """Focus a control and press a key on it."""
        handle.focus()
        for _ in range(times):
            handle.press(key)

    def hold(self, handle, key, times=30, pause=30):
        """Keep a key down: the browser repeats it every `pause` milliseconds."""
        handle.focus()
        for _ in range(times):
            self.page.keyboard.down(key)
            self.page.wait_for_timeout(pause)
        self.page.keyboard.up(key)

    def free_direction(self, handle):
        """The arrow key that has room to move this slider."""
        now, top = (float(handle.get_attribute(f"aria-value{x}")) for x in ("now", "max"))
        return "ArrowRight" if now < top else "ArrowLeft"

    def choose_another(self, menu):
        """Pick the entry beside the present one from a drop-down menu, with the keyboard."""
        last = menu.evaluate("m => m.selectedIndex == m.options.length - 1")
        menu.focus()
        for key in ("Space", "ArrowUp" if last else "ArrowDown", "Enter"):
            self.page.keyboard.press(key)

    def wait_for_change(self, readouts, pixels, timeout=10):
        """Wait for new numbers beside the sliders and a new picture."""
        self._wait(lambda: self.readouts() != readouts, "number", timeout)
        self.wait_for_picture(pixels, timeout)

    def wait_for_picture(self, pixels, timeout=10):
        """Wait for a new picture."""
        self._wait(lambda: self.pixels() not in (pixels, None), "picture", timeout)

    def _wait(self, changed, what, timeout):
        end = time.monotonic() + timeout
        while not changed():
            if time.monotonic() > end:
                raise TimeoutError(f"{NO_CHANGE} {what} in {timeout} s; it shows {self.readouts()}")
            self.page.wait_for_timeout(20)

    def latency(self, handle, key):
        """Milliseconds from a key press on a slider to the new picture on the screen."""
        self.image.evaluate(_STOPWATCH)
        self.press(handle, key)
        return self.page.evaluate("() => window.newPicture")

    def settle(self, quiet=0.5, timeout=10):
        """Wait until the picture stays the same for `quiet` seconds; returns the seconds taken."""
        start = changed = time.monotonic()
        last = self.pixels()
        while time.monotonic() - changed < quiet:
            self.page.wait_for_timeout(20)
            now = self.pixels()
            if now != last:
                last, changed = now, time.monotonic()
            if changed - start > timeout:
                raise TimeoutError(f"the picture still changes after {timeout} s")
        return changed - start

    def screenshot(self, path):
        """Save the explorer alone."""
        self.root.scroll_into_view_if_needed()
        self.root.screenshot(path=path)
