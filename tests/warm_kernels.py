"""Kernels that start at once: forked from one process that has the usual packages loaded.

The tests run some hundred notebooks, and each kernel would spend two seconds on the same imports.
`use` puts a kernel of the usual name before Jupyter's own, so that nbval, nbclient, papermill and
nbgrader all find it. Jupyter starts the launcher below; it asks the server for a fork, hands it its
environment and its outputs, and lives as long as the fork does. Only third-party packages are
loaded in advance, never `crmlib`. Elsewhere than on Linux kernels start as they always do.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

PACKAGES = (
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "narwhals",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.cluster",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.pipeline",
    "statsmodels.api",
    "statsmodels.formula.api",
)
ROOM = 1 << 20  # bytes to read at once
END = b"\n"  # of a request, which is one line


def use(folder: Path) -> subprocess.Popen:
    """Start the server and let every kernel of this process's children come from it."""
    address, here = str(folder / "socket"), str(Path(__file__).resolve())
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    launch = [sys.executable, "-I", "-S", here, "launch", address, "-f", "{connection_file}"]
    named = {"argv": launch, "display_name": "Python 3 (ipykernel)", "language": "python"}
    spec.write_text(json.dumps(named), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder)
    ready, told = os.pipe()
    server = subprocess.Popen(
        [sys.executable, here, "serve", address, str(told)], pass_fds=[told], stdin=subprocess.PIPE
    )
    os.close(told)
    os.read(ready, 1)  # it listens; what comes before it has loaded its packages waits
    os.close(ready)
    return server


def launch(address: str, *arguments: str) -> None:
    """Ask for a kernel, pass on interrupts, and end with it."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        request = {"argv": arguments, "env": dict(os.environ), "cwd": os.getcwd()}
        socket.send_fds(line, [json.dumps(request).encode() + END], [0, 1, 2])
        kernel = int(line.recv(20))

        def interrupt(*_):
            with contextlib.suppress(ProcessLookupError):
                os.kill(kernel, signal.SIGINT)

        signal.signal(signal.SIGINT, interrupt)
        line.recv(1)  # nothing comes: the line closes with the kernel


def serve(address: str, told: str) -> None:
    """Fork a kernel for everyone who asks, until the tests are over."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(16)
    os.write(int(told), b"1")
    os.close(int(told))
    for name in PACKAGES:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the dead
    while listener in select.select([listener, sys.stdin], [], [])[0]:  # stdin ends with the tests
        line, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _become_kernel(line)
        line.close()


def _become_kernel(line: socket.socket) -> None:
    import random

    import numpy as np

    message, files, *_ = socket.recv_fds(line, ROOM, 3)
    while not message.endswith(END):
        message += line.recv(ROOM)
    request = json.loads(message)
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    np.random.seed()  # noqa: NPY002 # a fork must not repeat its sisters' numbers
    random.seed()
    line.send(str(os.getpid()).encode())
    threading.Thread(target=_end_with_the_launcher, args=[line], daemon=True).start()
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"  # the server, not who launched it
    sys.argv = ["ipykernel_launcher", *request["argv"], parent]
    del sys.path[0]  # the folder of the tests
    from ipykernel.kernelapp import launch_new_instance

    code = 0
    try:
        launch_new_instance()
    except SystemExit as end:
        code = end.code
    os._exit(code or 0)


def _end_with_the_launcher(line: socket.socket) -> None:
    line.recv(1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
