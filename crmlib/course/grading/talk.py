"""Talk with a kernel that cannot be trusted: everything that comes from it is bounded and doubted.

A student's code holds the key of its own kernel, and can forge any message. It can only forge
claims about its own answers, which it could make in plainer ways.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import zmq
from jupyter_client.blocking import BlockingKernelClient

from crmlib.course.grading import launch
from crmlib.course.grading.answers import MIME, MOST_BYTES
from crmlib.course.grading.walls import Wall

_START = 60.0  # seconds that a kernel may take to start, and to stop when asked
_STOP = 4.0
_GRACE = 1.5  # seconds for outputs that come after the answer
_CELL_TEXT, _CELL_PICTURES = 200_000, 4_000_000  # characters of a cell's outputs
# A forgotten exit() would end the kernel a moment later, in the midst of another cell. A line that
# began with the name would itself be taken for the call.
_NO_EXIT = "globals().update(dict.fromkeys(('exit', 'quit'), lambda *_, **__: None))"
_CALL = "__import__('crmlib.course.checks', fromlist=['call'])"


@dataclass
class Ran:
    """How a cell ended: ``ok``, ``error``, ``timeout`` or ``dead``; its outputs, and if any was cut."""

    end: str
    outputs: list = field(default_factory=list)
    cut: bool = False


class Gone(Exception):
    """The kernel died, or had to be ended."""


class Slow(Exception):
    """There was no answer in time."""


class Failed(Exception):
    """An expression ended in an error; the text names it."""


class Kernel:
    """A kernel of one notebook, from start to end; a context manager.

    Parameters
    ----------
    wall, shared
        As for :class:`crmlib.course.grading.launch.Process`.

    Raises
    ------
    NoKernel
        It did not start.
    """

    def __init__(self, wall: Wall, shared: Path):
        self._process = launch.Process(wall, shared)
        self._context = launch.context()
        self._client = BlockingKernelClient(
            connection_file=self._process.connection, context=self._context
        )
        try:
            self._client.load_connection_file()
            self._client.start_channels(hb=False, stdin=False)
            self._wait()
            asked = self._client.execute(_NO_EXIT, silent=True, store_history=False)
            self._reply(self._client.shell_channel, {asked}, _START, "execute_reply")
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *error) -> None:
        self.end()

    @property
    def over(self) -> str | None:
        """What the watchdog ended it for, in words."""
        return self._process.over

    def end(self) -> None:
        """End the kernel and close the line; the line first could hang, for nobody would read it."""
        self._process.end()
        self._client.stop_channels()
        self._context.destroy(linger=0)

    def _wait(self) -> None:
        """Ask until it answers. Nothing is interrupted: that would hit the first cell instead."""
        until = time.monotonic() + _START
        while time.monotonic() < until and self._process.alive:
            asked = self._client.kernel_info()
            if self._reply(self._client.shell_channel, {asked}, 1.0, "kernel_info_reply"):
                return
        raise launch.NoKernel("the kernel did not start")

    # cells

    def run(self, code: str, seconds: float) -> Ran:
        """Run a cell, for so many seconds at most; then it is interrupted, and if deaf ended."""
        asked = self._client.execute(code, allow_stdin=False, stop_on_error=False)
        ran = Ran("dead")
        if not self._listen(asked, ran, seconds):
            if not self._process.alive:
                return ran
            ran.end = "timeout"
            self.interrupt()
            late = Ran("timeout", cut=True)
            if not self._listen(asked, late, _STOP):
                self._process.end()
        return ran

    def interrupt(self) -> None:
        """Ask it to stop what it does, over the channel that it hears meanwhile."""
        channel = self._client.control_channel
        channel.send(self._client.session.msg("interrupt_request", {}))

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.alive

    def _listen(self, asked: str, ran: Ran, seconds: float) -> bool:
        """Collect what a cell puts out until it is done; False when it is not in time."""
        shell, iopub = self._client.shell_channel, self._client.iopub_channel
        until, replied, idle, room = time.monotonic() + seconds, False, False, _Room()
        while not (replied and idle) and (left := until - time.monotonic()) > 0:
            for channel in _ready((shell, iopub), min(left, 0.2)):
                message = _received(channel, asked)
                kind, content = message.get("msg_type"), message.get("content", {})
                if channel is iopub and kind == "status":
                    idle = idle or content.get("execution_state") == "idle"
                elif channel is iopub:
                    room.add(ran, kind, message)
                elif kind == "execute_reply" and not replied:
                    replied, ran.end = True, "ok" if content.get("status") == "ok" else "error"
                    until = time.monotonic() + _GRACE  # of the rest some may have been lost
            if not self._process.alive and not replied:
                ran.end = "dead"
                return False
        return replied

    def _reply(self, channel, asked: set[str], seconds: float, wanted: str) -> dict:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self._process.alive:
            for one in _ready((channel, self._client.iopub_channel), min(left, 0.2)):
                message = _received(one, None)
                mine = message.get("parent_header", {}).get("msg_id") in asked
                if one is channel and mine and message.get("msg_type") == wanted:
                    return message["content"] if isinstance(message["content"], dict) else {}
        return {}

    # values

    def ask(self, expression: str, seconds: float) -> str:
        """Give the text of a value, as :class:`crmlib.course.grading.answers.Parcel` writes it.

        Raises
        ------
        Failed, Slow, Gone
            The expression ended in an error, or not in time, or the kernel died of it.
        """
        asked = self._client.execute(
            "",
            silent=True,
            store_history=False,
            user_expressions={"answer": expression},
            allow_stdin=False,
        )
        shell = self._client.shell_channel
        content = self._reply(shell, {asked}, seconds, "execute_reply")
        if not content and self._process.alive:
            self.interrupt()
            if self._reply(shell, {asked}, _STOP, "execute_reply"):
                raise Slow
            self._process.end()
        if not content:
            raise Gone
        return _text_of(content)

    def value(self, expression: str, seconds: float) -> str:
        """Give the text of the value of an expression."""
        return self.ask(f"{_CALL}.hand_over({expression}\n)", seconds)

    def call(self, number: int, given: str, seconds: float) -> str:
        """Give the text of what a function returns that was handed over before."""
        return self.ask(f"{_CALL}.call({number}, {json.dumps(given)})", seconds)


def _text_of(content: dict) -> str:
    try:
        answer = content["user_expressions"]["answer"]
        if answer["status"] != "ok":
            raise Failed(f"{answer['ename']}: {answer['evalue']}"[:300])
        text = answer["data"][MIME]
    except (KeyError, TypeError):
        raise Failed("it could not be read") from None
    if not isinstance(text, str) or len(text) > MOST_BYTES:
        raise Failed("it could not be read")
    return text


def _ready(channels, seconds: float) -> list:
    poller = zmq.Poller()
    for channel in channels:
        poller.register(channel.socket, zmq.POLLIN)
    found = dict(poller.poll(seconds * 1000))
    return [channel for channel in channels if channel.socket in found]


def _received(channel, asked: str | None) -> dict:
    """Read one message; an empty one for what cannot be read, or belongs to another request."""
    try:
        message = channel.get_msg(timeout=0)
        mine = asked is None or message["parent_header"]["msg_id"] == asked
        return message if mine and isinstance(message["content"], dict) else {}
    except Exception:  # forged messages break in as many ways as there are forgers
        return {}


class _Room:
    """How much a cell may still put out: the rest is left out, and said."""

    def __init__(self):
        self._text, self._pictures = _CELL_TEXT, _CELL_PICTURES

    def add(self, ran: Ran, kind: str, message: dict) -> None:
        """Add an output, if there is room and it is one."""
        if kind == "clear_output":
            ran.outputs.clear()
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        try:
            output = nbformat.v4.output_from_msg(message)
        except Exception:  # as above
            ran.cut = True
            return
        text, pictures = _size(output)
        if text > self._text or pictures > self._pictures:
            ran.cut = True
            return
        self._text, self._pictures = self._text - text - 20, self._pictures - pictures
        last = ran.outputs[-1] if ran.outputs else None
        if kind == "stream" and last and last.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            ran.outputs.append(output)


def _size(output) -> tuple[int, int]:
    """Count the characters of an output's text, and those of its pictures."""
    data = output.get("data", {})
    shown = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    shown += [data.get("text/plain", "")]
    return sum(len(str(one)) for one in shown), len(str(data.get("image/png", "")))
