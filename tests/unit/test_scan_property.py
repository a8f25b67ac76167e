"""After any sequence of changes of a tree, and any passes between, the scan knows exactly what is there."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateconsole.artifacts.scan import Scan
from gateconsole.model import ARTIFACT_NAME
from tests.tools.mirror import LATER, Mirror, on_disk, put

NAMES = ("a", "b", os.fsdecode(b"\xff"), ARTIFACT_NAME)
PLACES = st.lists(st.sampled_from(NAMES), min_size=0, max_size=3).map("/".join)
BYTES = st.sampled_from([b"", b"1", b"2", b"33"])

Act = tuple[str, str, str, bytes]
ACTS = st.tuples(
    st.sampled_from(
        [
            "write",
            "write",
            "write",
            "mkdir",
            "replace",
            "unlink",
            "remove",
            "move",
            "swap",
            "link",
            "fifo",
            "link folder",
        ]
    ),
    PLACES,
    PLACES,
    BYTES,
)
PASSES = st.sampled_from(["reconcile", "verify some", "verify", "touch", "full", "settle", "half", "none", "none"])


def act(root: Path, what: str, here: str, there: str, data: bytes) -> None:
    """Do something to the tree, if it can be done."""
    place, other, artifact = root / here, root / there, root / here / ARTIFACT_NAME
    if what in ("write", "link", "fifo") and (artifact.is_symlink() or artifact.is_fifo()):
        artifact.unlink()
    if what == "write":
        put(root, here, data)
    elif what == "mkdir":
        place.mkdir(parents=True, exist_ok=True)
    elif what == "replace":
        (place / "tmp").write_bytes(data)
        (place / "tmp").replace(artifact)
    elif what == "unlink":
        artifact.unlink()
    elif what == "remove" and here:
        shutil.rmtree(place)
    elif what == "move" and here:
        place.rename(other / "moved")
    elif what == "swap" and here and there:
        place.rename(root / "swap")
        other.rename(place)
        (root / "swap").rename(other)
    elif what == "link":
        artifact.symlink_to(other / ARTIFACT_NAME)
    elif what == "fifo":
        os.mkfifo(artifact)
    elif what == "link folder":
        (place / "linked").symlink_to(other)


def look(mirror: Mirror, how: str, hints: list[Path]) -> None:
    """Run one pass."""
    simple: dict[str, Callable[[], object]] = {
        "reconcile": mirror.reconcile,
        "verify": mirror.verify,
        "full": mirror.full,
        "settle": mirror.settle,
        "touch": lambda: mirror.touch(*hints),
        "verify some": lambda: mirror.hear(mirror.scan.verify(2, now=mirror.now)),
        "none": lambda: None,
    }
    if how in simple:
        simple[how]()
        return
    begun = mirror.scan.reconcile(now=mirror.now)
    mirror.hear([next(begun, [])])
    begun.close()


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(ACTS, PASSES), max_size=25), racy=st.booleans())
def test_after_any_changes_and_passes_the_scan_equals_a_fresh_one(steps: list[tuple[Act, str]], racy: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        mirror = Mirror(root, now=0 if racy else LATER)
        hints: list[Path] = []
        for (what, here, there, data), how in steps:
            with contextlib.suppress(OSError):
                act(root, what, here, there, data)
            hints = [*hints, root / here, root / there / ARTIFACT_NAME][-6:]
            look(mirror, how, hints)
        mirror.reconcile()
        mirror.verify()
        mirror.verify()
        assert mirror.paths() == on_disk(root)
        fresh = Mirror(root)
        fresh.full()
        assert mirror.paths() == fresh.paths()
        assert mirror.scan.unreadable_folders == ()


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(ACTS, st.booleans()), max_size=20))
def test_passes_may_interleave(steps: list[tuple[Act, bool]]) -> None:
    """A long pass that was begun goes on while others run to their end between its portions."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        mirror = Mirror(root, now=0)
        long = mirror.scan.full(now=0)
        for (what, here, there, data), go_on in steps:
            with contextlib.suppress(OSError):
                act(root, what, here, there, data)
            mirror.touch(root / here, root / there)
            if go_on:
                batch = next(long, None)
                if batch is None:
                    long = mirror.scan.reconcile(now=0)
                mirror.hear([batch or []])
        mirror.hear(long)
        mirror.reconcile()
        mirror.verify()
        mirror.verify()
        assert mirror.paths() == on_disk(root)


@given(
    names=st.lists(st.text("ab1é\udcff/", min_size=1).filter(lambda n: "/" not in n), unique=True),
    cut=st.integers(0, 99),
)
def test_packed_leaves_answer_as_a_dict_does(names: list[str], cut: int) -> None:
    from gateconsole.artifacts import run_folders as module

    original, module._SMALLEST = module._SMALLEST, 1  # type: ignore[misc]
    try:
        packed, plain = module.RunFolders(), {}
        for file, name in enumerate(names):
            packed.add(name, file)
            plain[name] = file
            if file % 3 == 0:
                packed.pack()
        dropped = names[: cut % (len(names) + 1)]
        packed.remove(dropped)
        for name in dropped:
            del plain[name]
        assert dict(pair for chunk in packed.chunks() for pair in chunk) == plain
        assert sorted(name for chunk in packed.names() for name in chunk) == sorted(plain)
        assert [packed.find(name) for name in names] == [plain.get(name, -1) for name in names]
        wanted = set(range(0, len(names) + 1, 2))
        assert dict(packed.named(wanted)) == {name: file for name, file in plain.items() if file in wanted}
        assert len(packed) == len(plain)
    finally:
        module._SMALLEST = original  # type: ignore[misc]


def test_a_scan_of_a_hundred_thousand_leaves_would_hold_few_bytes_each() -> None:
    import tracemalloc

    from gateconsole.artifacts.run_folders import RunFolders

    tracemalloc.start()
    try:
        leaves = RunFolders()
        for file in range(20_000):
            leaves.add(f"run-{file:06}", file)
        leaves.pack()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held / 20_000 < 40


def test_a_scan_keeps_nothing_open_between_passes(tmp_path: Path) -> None:
    put(tmp_path, "a/b")
    before = len(os.listdir("/proc/self/fd"))
    scan = Scan(tmp_path)
    for _ in scan.full(now=0):
        pass
    begun = scan.full(now=0)
    next(begun)
    begun.close()
    assert len(os.listdir("/proc/self/fd")) == before
