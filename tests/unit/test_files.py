"""Files that are written while others read them."""
import resource
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.files import write_whole


def test_threads_that_write_one_file_at_once_leave_one_whole_text(tmp_path):
    path, texts = tmp_path / "folder" / "risks.yml", [letter * 200_000 for letter in "abcdefgh"]
    with ThreadPoolExecutor(len(texts)) as pool:
        list(pool.map(lambda text: write_whole(path, text), texts * 4))
    assert path.read_text() in texts and list(path.parent.iterdir()) == [path]


def test_a_disk_that_takes_no_more_keeps_the_old_text_and_no_draft(tmp_path):
    path = tmp_path / "risks.yml"
    write_whole(path, "old")
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError):
            write_whole(path, "new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
