"""Spoils the files of a folder, each in another way: cut off, one bit changed, empty, no header, a link to a device."""
import os
import sys

folder = sys.argv[1]
for number, name in enumerate(sorted(os.listdir(folder))):
    path = os.path.join(folder, name)
    if not os.path.isfile(path) or not name.startswith("llvmcache-"):
        continue
    data = bytearray(open(path, "rb").read())
    if number % 5 == 4:
        os.remove(path)
        os.symlink("/dev/zero", path)
        continue
    if number % 5 == 0:
        data = data[: len(data) // 2]
    elif number % 5 == 1:
        data[-9] ^= 1
    elif number % 5 == 2:
        data = b""
    else:
        data = data[70:]
    with open(path, "wb") as file:
        file.write(data)
