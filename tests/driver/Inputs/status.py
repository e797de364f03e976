"""Runs a command and succeeds where it ends with the status that comes first: status.py 2 nnc frobnicate"""
import subprocess
import sys

status = subprocess.run(sys.argv[2:]).returncode
if status != int(sys.argv[1]):
    sys.exit(f"{' '.join(sys.argv[2:])}: status {status}, expected {sys.argv[1]}")
