"""Runs programs on pseudo-terminals, all at once, and types what they are to be told.

Standard input: {"sessions": [{"argv", "env", "columns", "rows", "steps": [{"wait", "send"}], "seconds"}]}. `wait` is a regular expression over what
the program has written since the step before. Standard output: for each session what was written, the exit code as a shell shows it, the
steps that were not reached, and whether the terminal echoes and reads lines at the end.
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time


class Session:
    def __init__(self, plan):
        self.steps = list(plan["steps"])
        self.ends = time.monotonic() + plan["seconds"]
        self.seen = 0
        self.text = b""
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", plan["rows"], plan["columns"], 0, 0))
        self.child = subprocess.Popen(
            plan["argv"], env=plan["env"], stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def take(self):
        self.text += os.read(self.master, 65536)
        self.type()

    def type(self):
        while self.steps:
            shown = self.text.decode("utf-8", "replace")
            found = re.compile(self.steps[0]["wait"], re.DOTALL).search(shown, self.seen)
            if found is None:
                return
            self.seen = found.end()
            os.write(self.master, self.steps.pop(0)["send"].encode())

    def finish(self):
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        code = self.child.wait()
        while select.select([self.master], [], [], 0)[0]:
            self.text += os.read(self.master, 65536)
        flags = termios.tcgetattr(self.slave)[3]
        os.close(self.slave)
        os.close(self.master)
        return {
            "output": self.text.decode("utf-8", "replace"), "code": 128 - code if code < 0 else code, "missed": [step["wait"] for step in self.steps],
            "echoes": bool(flags & termios.ECHO), "readsLines": bool(flags & termios.ICANON),
        }


def main():
    sessions = [Session(plan) for plan in json.load(sys.stdin)["sessions"]]
    running = set(sessions)
    while running:
        ready, _, _ = select.select([one.master for one in running], [], [], 0.05)
        for one in list(running):
            if one.master in ready:
                one.take()
            elif one.child.poll() is not None or time.monotonic() > one.ends:
                running.remove(one)
    json.dump([one.finish() for one in sessions], sys.stdout)


main()
