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

import nbformat

# As root there is no sandbox; the rest keeps Chromium from calling home, and pages from
# calling anybody.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# Console lines that are JupyterLab's own and harmless, each with the reason.
LAB_NOISE = ()
PATIENCE = 900  # seconds until a wait for a state is given up, on a machine however busy
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
_PROMPTS = """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
    .map(p => p.textContent.trim())"""
_NOTEBOOK = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"
# All cells are on the page and the kernel has said its name and that it is idle.
_READY = """cells => {
    const kernel = document.querySelector('.jp-Toolbar-kernelName');
    const bar = document.querySelector('#jp-main-statusbar');
    return document.querySelectorAll('.jp-Notebook .jp-Cell').length == cells
        && kernel && !/No Kernel/i.test(kernel.textContent)
        && bar && /\\| Idle/.test(bar.textContent);
}"""
# Every message to the kernel is open until its "idle" has come back and has been dealt with:
# the front end handles what the kernel says in order, so its answers are on the page by then.
_LISTEN = """() => {
    const session = window.jupyterapp.shell.currentWidget.sessionContext;
    const open = window.openMessages = new Set();
    const kernel = session.session.kernel;
    kernel.anyMessage.connect((_, {msg, direction}) => {
        if (direction == 'send' && msg.channel == 'shell') open.add(msg.header.msg_id);
    });
    kernel.iopubMessage.connect((_, msg) => {
        if (msg.header.msg_type == 'status' && msg.content.execution_state == 'idle')
            open.delete(msg.parent_header.msg_id);
    });
    session.statusChanged.connect((_, status) => { if (/start/.test(status)) open.clear(); });
}"""
# Nothing runs or trains, nothing is on its way, and two frames later that is still so: a widget
# sends what it had kept back as soon as its last message has been answered.
_QUIET = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let look = 0; look < 3; look++) {
        const waiting = [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
            .some(p => p.textContent.includes('*'));
        if (window.openMessages.size || waiting) return false;
        await frame();
    }
    await Promise.all([...document.images].map(i => i.decode().catch(() => null)));
    return ![...document.querySelectorAll(
        '.contexture-explorer button, .contexture-race button')]
        .some(b => b.textContent.trim() == 'Stop' && !b.disabled);
}"""
_STARTED = """before => [...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]
    .some((p, i) => p.textContent.includes('*') || p.textContent.trim() != before[i])"""
# A short fingerprint of the pixels that the <img>s show, null while one is loading.
_PIXELS = """async images => {
    const prints = await Promise.all(images.map(async img => {
        if (!img.complete || !img.naturalWidth) return null;
        const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight);
        const pen = canvas.getContext('2d');
        pen.drawImage(img, 0, 0);
        const bytes = pen.getImageData(0, 0, canvas.width, canvas.height).data;
        const digest = await crypto.subtle.digest('SHA-1', bytes);
        return [...new Uint8Array(digest)].map(b => b.toString(16).padStart(2, '0')).join('');
    }));
    return prints.includes(null) ? null : prints.join(' ');
}"""
# From the next key press to the frame that shows the new picture, in milliseconds. The words are
# sent after the panels.
_STOPWATCH = """root => {
    window.newPicture = new Promise(done => {
        let start = null;
        document.addEventListener('keydown', e => { start = e.timeStamp; },
            {capture: true, once: true});
        new MutationObserver(async (changes, observer) => {
            observer.disconnect();
            await Promise.all([...root.querySelectorAll('img')].map(img => img.decode()));
            requestAnimationFrame(now => setTimeout(() => done(performance.now() - start)));
        }).observe(root.querySelector('.contexture-readout'),
                   {childList: true, subtree: true, characterData: true});
    });
}"""
# New pictures from now on: of the panel that gets most, since a step sends those it changes.
_COUNT = """images => {
    const counts = new Map();
    window.newPictures = 0;
    for (const img of images)
        new MutationObserver(changes => {
            counts.set(img, (counts.get(img) || 0) + changes.length);
            window.newPictures = Math.max(...counts.values());
        }).observe(img, {attributes: true, attributeFilter: ['src']});
}"""


def find_chromium():
    """Path of a Chromium on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@contextlib.contextmanager
def jupyterlab(folder, home, theme="JupyterLab Light", **environment):
    """JupyterLab serving `folder`, with settings of its own under `home`; yields its address.

    The same server has Notebook 7 below /notebooks and voila below /voila.
    """
    home = Path(home)
    themes = {"@jupyterlab/apputils-extension/themes.jupyterlab-settings": {"theme": theme}}
    for name, content in (_SETTINGS | themes).items():
        path = home / "settings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    page_config = home / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True, exist_ok=True)
    # Its pop-up would cover the figures.
    disabled = {"@jupyterlab/apputils-extension:announcements": True}
    page_config.write_text(json.dumps({"disabledExtensions": disabled}))
    env = os.environ | environment | {
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
    for app in ("LabApp", "JupyterNotebookApp"):  # so that a test hears the kernel
        command += [f"--{app}.expose_app_in_browser=True"]
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


def _wait_until_served(server, address, home):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{(home / 'server.log').read_text()}")


@contextlib.contextmanager
def chromium(width=1440, height=1000, zoom=1):
    """A headless browser page on a screen of the given size, zoomed as by Ctrl and +."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), headless=True, args=CHROMIUM_FLAGS
        )
        try:
            page = browser.new_page(device_scale_factor=zoom, viewport={
                "width": round(width / zoom), "height": round(height / zoom)})
            page.set_default_timeout(1000 * PATIENCE)
            yield page
        finally:
            browser.close()


def wait_until_quiet(page):
    """Wait for a state: nothing runs, trains or is on its way.

    The longer it has taken, the longer until it is asked again: a question costs the browser more
    than it costs to wait.
    """
    begin = time.monotonic()
    while not page.evaluate(_QUIET):
        waited = time.monotonic() - begin
        if waited > PATIENCE:
            raise TimeoutError(f"still busy after {PATIENCE} s: {page.evaluate(_PROMPTS)}")
        page.wait_for_timeout(min(20 + 50 * waited, 500))


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
        cells = len(self._ask(f"contents/{notebook}")["content"]["cells"])
        self.page.wait_for_function(_READY, arg=cells)
        self.page.evaluate(_LISTEN)

    def close(self):
        """Leave the notebook and end its kernel, which would keep its memory."""
        self.page.goto("about:blank")
        for session in self._ask("sessions"):
            self._ask(f"sessions/{session['id']}", "DELETE")

    def _ask(self, what, method="GET"):
        """JupyterLab's own door for programs: what it answers, if anything."""
        address = f"{self.address}/api/{what}?token={self.token}"
        asked = urllib.request.Request(address, method=method)
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or "null")

    def _menu(self, menu, item):
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(item)).first.click()

    def start_all(self):
        """Run > Run All Cells."""
        before = self.prompts()
        self._menu("Run", "^Run All Cells$")
        self.page.wait_for_function(_STARTED, arg=before)

    def run_all(self):
        """Run > Run All Cells, and wait."""
        self.start_all()
        self.wait_idle()

    def restart_and_run_all(self):
        """Kernel > Restart Kernel and Run All Cells, and wait."""
        before = self.prompts()
        self._menu("Kernel", "^Restart Kernel and Run All Cells")
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        self.page.wait_for_function(_STARTED, arg=before)
        self.wait_idle()

    def wait_idle(self):
        """Wait until no cell runs or is about to, no picture trains, every message is answered."""
        wait_until_quiet(self.page)

    def prompts(self):
        """The cells' execution counts as shown: '[3]:' or '[ ]:'."""
        return self.page.evaluate(_PROMPTS)

    def notebook(self):
        """The notebook as it now stands on the page, with its outputs."""
        return nbformat.from_dict(self.page.evaluate(_NOTEBOOK))

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
    """The controls and the panels of one explorer on the page."""

    def __init__(self, page, root):
        self.page, self.root = page, root
        self.images = root.locator("img.widget-image")

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

    def trains(self):
        """Whether it goes on changing by itself: it has a button that stops it."""
        return self.root.locator("button", has_text=re.compile("Stop|Go on|Start")).count() > 0

    def pixels(self):
        """A fingerprint of the picture."""
        return self.images.evaluate_all(_PIXELS)

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

    def wait_for_change(self, readouts, pixels):
        """Wait for new numbers beside the sliders and a new picture."""
        self.wait_until(lambda: self.readouts() != readouts, "new number")
        self.wait_for_picture(pixels)

    def wait_for_picture(self, pixels):
        """Wait for a new picture."""
        self.wait_until(lambda: self.pixels() not in (pixels, None), "new picture")

    def drag(self, handle, share):
        """Pull a slider's handle with the mouse to a share of its way."""
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        way = handle.locator("xpath=../..").bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(way["x"] + share * way["width"], way["y"] + way["height"] / 2, steps=3)
        self.page.mouse.up()

    def wait_until(self, changed, what):
        """Wait for a state of it, named in what is said if it does not come."""
        end = time.monotonic() + PATIENCE
        while not changed():
            if time.monotonic() > end:
                raise TimeoutError(f"no {what} in {PATIENCE} s; it shows {self.readouts()}")
            self.page.wait_for_timeout(20)

    def latency(self, handle, key):
        """Milliseconds from a key press on a slider to the new picture on the screen."""
        self.root.evaluate(_STOPWATCH)
        self.press(handle, key)
        return self.page.evaluate("() => window.newPicture")

    def settle(self):
        """Wait until all is quiet; returns how many new pictures came meanwhile."""
        self.images.evaluate_all(_COUNT)
        wait_until_quiet(self.page)
        return self.page.evaluate("() => window.newPictures")

    def screenshot(self, path):
        """Save the explorer alone."""
        self.root.scroll_into_view_if_needed()
        self.root.screenshot(path=path)
