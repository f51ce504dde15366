"""A hub for one class of thirty on one machine.

    pip install -r requirements.txt jupyterhub==6.1.1 nbgitpuller==1.3.0
    npm install -g configurable-http-proxy@5
    CLASS_PASSWORD='what the class is told' jupyterhub -f docs/jupyterhub_config.py

Everybody logs in with a name and the class's password. All servers belong to the Unix user who
starts the hub, so students could read each other's files: right for exercises, wrong for
exams. With accounts of their own take SystemdSpawner or DockerSpawner, which also hold each
student to `mem_limit`; here it is only shown.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  given by jupyterhub

HOME = Path(os.environ.get("CLASS_HOME", "class")).resolve()

c.JupyterHub.bind_url = os.environ.get("CLASS_URL", "http://127.0.0.1:8000")  # TLS stands in front
c.JupyterHub.db_url = f"sqlite:///{HOME}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{HOME}/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = f"{HOME}/proxy.pid"
HOME.mkdir(parents=True, exist_ok=True)

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["CLASS_PASSWORD"]
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = r"[a-z][a-z0-9-]{0,30}"

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{HOME}/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.mem_limit = "1200M"  # a server and one kernel; notebooks are held to 1 GB
c.Spawner.environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# a class comes at once: so many servers start at a time, the others are told to come again
c.JupyterHub.concurrent_spawn_limit = 6
c.JupyterHub.spawn_throttle_retry_range = (5, 15)  # seconds
c.JupyterHub.active_server_limit = 40
c.Spawner.args = ["--MappingKernelManager.cull_idle_timeout=3600", "--allow-root"]
