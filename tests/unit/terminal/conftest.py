import shutil

# The real thing, where it is installed.
collect_ignore = [] if shutil.which("tmux") else ["test_in_tmux.py"]
