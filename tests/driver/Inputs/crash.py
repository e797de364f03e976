"""Lets nnc read from a pipe that says nothing, sends it the signal, and prints how it ended: crash.py SEGV"""
import os
import signal
import subprocess
import sys
import time

process = subprocess.Popen(["nnc", "check", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
# Wait until it sleeps in read(2).
for _ in range(500):
    with open(f"/proc/{process.pid}/stat") as stat:
        if stat.read().rsplit(")", 1)[1].split()[0] == "S":
            break
    time.sleep(0.01)
os.kill(process.pid, getattr(signal, "SIG" + sys.argv[1]))
errors = process.stderr.read().decode()
print("status", process.wait())
print(errors)
