import os


def watch(folder, stopped):
    before = None
    while not stopped.wait(0.3):
        try:
            now = os.stat(folder).st_mtime_ns
        except OSError:
            continue
        if now != before:
            before = now
            yield set(os.listdir(folder))
