"""A class of eight on a hub of this machine: they log in, run a cell, and move a slider.

    python tools/rehearse_hub.py

Starts the hub of docs/jupyterhub_config.py on the loopback address, with a folder that is thrown
away; needs jupyterhub, requests and configurable-http-proxy. Ends by itself: eight students,
forty steps each, ten minutes at most. Prints what docs/classroom.md says.
"""

import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import requests
from websocket import create_connection

STUDENTS, STEPS, LIMIT = 8, 40, 600
CONFIG = Path(__file__).parents[1] / "docs/jupyterhub_config.py"
OPEN = "from contexture_lite import teach\nexplorer = teach.SpectrumExplorer()\nexplorer"
STEP = "explorer.controls['strength'].value = {value:.2f}"


class Student:
    """One of the class: a browser's cookies, a server, a kernel."""

    def __init__(self, hub, name, password, end):
        self.hub, self.name, self.end = hub, name, end
        self.web = requests.Session()
        self.web.get(f"{hub}/hub/login", timeout=60).raise_for_status()
        answer = self.web.post(f"{hub}/hub/login", timeout=60, allow_redirects=False, data={
            "username": name, "password": password, "_xsrf": self.web.cookies["_xsrf"]})
        assert answer.status_code == 302, answer.text
        answer = self.api("post", f"users/{name}/tokens", json={"note": "rehearsal"})
        self.key = {"Authorization": f"token {answer.json()['token']}"}
        self.web.cookies.clear()

    def api(self, method, path, **more):
        xsrf = next((c.value for c in self.web.cookies
                     if c.name == "_xsrf" and "hub" in c.path), "")
        answer = self.web.request(method, f"{self.hub}/hub/api/{path}", timeout=60,
                                  headers=getattr(self, "key", {"X-XSRFToken": xsrf}), **more)
        answer.raise_for_status()
        return answer

    def start(self):
        """Start the server and a kernel; returns the seconds it took."""
        begin = time.monotonic()
        while (answer := self.web.post(f"{self.hub}/hub/api/users/{self.name}/server", timeout=60,
                                       headers=self.key)).status_code == 429:
            assert time.monotonic() < self.end, "never its turn"
            time.sleep(float(answer.headers.get("Retry-After", 5)))  # the hub says when
        answer.raise_for_status()
        while not self.api("get", f"users/{self.name}").json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < self.end, "no server in time"
            time.sleep(0.3)
        self.base = f"{self.hub}/user/{self.name}/api/kernels"
        answer = requests.post(self.base, headers=self.key, json={"name": "python3"}, timeout=120)
        answer.raise_for_status()
        url = self.base.replace("http", "ws", 1) + f"/{answer.json()['id']}/channels"
        self.socket = create_connection(url, header=self.key, timeout=120)
        return time.monotonic() - begin

    def run(self, code):
        """Run code; returns the seconds until the kernel has answered."""
        begin, number = time.monotonic(), uuid.uuid4().hex
        self.socket.send(json.dumps({
            "channel": "shell", "parent_header": {}, "metadata": {}, "buffers": [],
            "header": {"msg_id": number, "msg_type": "execute_request", "session": self.name,
                       "username": self.name, "version": "5.3"},
            "content": {"code": code, "silent": False, "store_history": False,
                        "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}}))
        while True:
            assert time.monotonic() < self.end, "no answer in time"
            message = self.socket.recv()
            message = json.loads(message) if isinstance(message, str) else {}
            if (message.get("msg_type") == "execute_reply"
                    and message["parent_header"].get("msg_id") == number):
                assert message["content"]["status"] == "ok", message["content"]
                return time.monotonic() - begin

    def attend(self):
        """Log in already done: start, open the picture, move the slider."""
        started, opened = self.start(), self.run(OPEN)
        steps = [self.run(STEP.format(value=i % 50 / 50)) for i in range(STEPS)]
        return started, opened, steps


def main():
    end = time.monotonic() + LIMIT
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        hub = f"http://127.0.0.1:{probe.getsockname()[1]}"
    password = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="class-") as home, open(f"{home}/hub.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", CONFIG], stdout=log, stderr=log,
            start_new_session=True, cwd=home, env=os.environ | {
                "CLASS_HOME": home, "CLASS_URL": hub, "CLASS_PASSWORD": password})
        try:
            while process.poll() is None and time.monotonic() < end:
                try:
                    requests.get(f"{hub}/hub/health", timeout=5).raise_for_status()
                    break
                except requests.RequestException:
                    time.sleep(0.3)
            with ThreadPoolExecutor(STUDENTS) as pool:
                students = list(pool.map(lambda i: Student(hub, f"s{i}", password, end),
                                         range(STUDENTS)))
                attended = list(pool.map(Student.attend, students))
            report(attended, psutil.Process(process.pid))
        except BaseException:
            print(Path(f"{home}/hub.log").read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            for one in [*psutil.Process(process.pid).children(recursive=True), process]:
                one.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def report(attended, hub):
    """What a class of this size took."""
    kinds = {"server": [], "kernel": []}
    for one in hub.children(recursive=True):
        line = " ".join(one.cmdline())
        kind = ("kernel" if "ipykernel" in line else "server" if "singleuser" in line else None)
        if kind:
            kinds[kind].append(one)
    for kind, group in kinds.items():
        used = [one.memory_info().rss / 2**20 for one in group]
        cpu = sum(sum(one.cpu_times()[:2]) for one in group) / len(group)
        print(f"{kind}: {len(group)}, {statistics.mean(used):.0f} MB each, {cpu:.1f} CPU-s each")
    started, opened, steps = zip(*attended)
    steps = sorted(1000 * one for some in steps for one in some)
    print(f"{len(attended)} students, {len(steps)} steps, no error; started in "
          f"{max(started):.0f} s at most, the picture in {max(opened):.0f} s at most; a step "
          f"{statistics.median(steps):.0f} ms (median), {steps[int(0.95 * len(steps))]:.0f} ms "
          "(95 of 100)")


if __name__ == "__main__":
    main()
