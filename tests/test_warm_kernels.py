"""Forked kernels behave as started ones do, and the packages load as well without them."""

import ast
import os
import subprocess
import sys
import time

import nbformat
import pytest
import warm_kernels
from jupyter_client.manager import KernelManager

from crmlib.course import seal
from crmlib.paths import COURSE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only"),
]


def imports():
    """Every import statement of the stored notebooks."""
    for path in seal.stored(COURSE):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and "import" in cell.source:
                tree = ast.parse(cell.source.replace("%", "#"))
                kinds = (ast.Import, ast.ImportFrom)
                yield from (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, kinds))


def test_packages_load_without_a_word_in_a_kernel_that_starts_cold():
    script = "\n".join(["import IPython", *dict.fromkeys(imports())])
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all tests here: it loads its packages for the first kernel only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", "")
        server = warm_kernels.use(tmp_path_factory.mktemp("warm"))
        yield server
        server.communicate()


@pytest.fixture
def kernel(server, tmp_path):
    """A forked kernel, and what it answers."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=os.environ | {"TOLD": "yes"}, cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def ask(expression):
        reply = client.execute("", user_expressions={"it": expression}, reply=True, timeout=60)
        return ast.literal_eval(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])

    yield manager, client, ask
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def gone(pid):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_it_has_the_environment_and_folder_of_who_started_it(kernel, tmp_path):
    _, _, ask = kernel
    assert ask("(__import__('os').environ['TOLD'], __import__('os').getcwd())") == (
        "yes",
        str(tmp_path),
    )
    assert ask("'statsmodels' in __import__('sys').modules")
    assert ask("'crmlib' not in __import__('sys').modules")


def test_it_can_be_interrupted_and_killed(kernel):
    manager, client, ask = kernel
    pid = ask("__import__('os').getpid()")
    client.execute("while True: pass")
    time.sleep(0.5)
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=20)["content"]["ename"] == "KeyboardInterrupt"
    manager.shutdown_kernel(now=True)
    assert gone(pid)


def test_two_kernels_do_not_share_random_numbers(kernel):
    manager, client, ask = kernel
    draw = "__import__('numpy').random.random()"
    first = ask(draw)
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=60)
    assert ask(draw) != first
