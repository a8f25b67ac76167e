"""Writes sample_artifacts/: the story of one week of a gate, the same bytes every time.

`python -m tests.tools.make_samples [DIR]` (default: this checkout's sample_artifacts). Files in DIR that are no
part of the story are removed, so what is there is exactly what is told here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.tools import sample_queue

TARGET = Path(__file__).parents[2] / "sample_artifacts"
FIRST_RUN = 4081
CHECKS = {"a6f53e": 200, "b71c02": 250, "c0ffee": 400}
"""How many checks a run of each policy has; unknown_rate is unknown checks / checks."""

STORY = """
# One line a run: clock (UTC), policy, inputs, outcome, unknown checks, reasons, [how the artifact differs]
# inputs: p u = stratum, P U = `pinned` boolean, F = `pinned_flag`, - = not said
2026-02-18
02:00:11 a6f53e p PASS 0 -
08:41:37 a6f53e u COMMENT 16 flaky_test
09:26:02 a6f53e u PASS 1 unknown_field_missing
10:03:48 a6f53e p PASS 0 - no_run_id
10:57:15 a6f53e u REVIEW 4 unknown_field_missing,flaky_test
11:31:50 a6f53e - PASS 0 - bare
13:08:29 a6f53e u FAIL 0 schema_violation
14:22:41 a6f53e p PASS 2 unknown_field_missing
15:47:03 a6f53e u PASS 0 -
17:05:36 a6f53e u COMMENT 1 ntp_offset
2026-02-19
02:00:09 a6f53e p PASS 0 -
08:58:20 a6f53e u PASS 0 - local_time
09:40:11 a6f53e P PASS 1 unknown_field_missing
10:15:52 a6f53e u COMMENT 3 ntp_offset
11:02:07 a6f53e p PASS 0 -
11:49:33 a6f53e u COMMENT 8 flaky_test
13:20:18 a6f53e U PASS 0 -
14:05:44 a6f53e u PASS 2 unknown_field_missing
15:11:26 a6f53e p FAIL 0 signature_invalid
16:37:58 a6f53e u PASS 1 ntp_offset
17:22:10 a6f53e u PASS 0 - no_rate
2026-02-20
02:00:14 a6f53e F PASS 0 -
08:35:12 a6f53e u PASS 0 -
09:19:47 a6f53e p PASS 0 -
10:08:31 a6f53e u COMMENT 1 unknown_field_missing
10:52:39 b71c02 p PASS 0 -
11:30:22 a6f53e u PASS 0 -
12:16:40 a6f53e p PASS 0 - no_run_id
13:41:09 b71c02 u WARN 5 artefact_missing
14:27:55 a6f53e u COMMENT 6 flaky_test
15:33:16 a6f53e p PASS 0 -
15:58:01 b71c02 p PASS 1 unknown_field_missing
16:49:27 a6f53e u PASS 1 unknown_field_missing
2026-02-21
02:00:10 a6f53e p PASS 0 -
2026-02-22
02:00:12 a6f53e p PASS 0 -
2026-02-23
02:00:08 a6f53e p PASS 0 -
08:52:30 a6f53e u PASS 0 -
09:31:14 b71c02 u REVIEW 3 flaky_test,artefact_missing,unknown_field_missing
10:05:59 a6f53e u BLOCK 0 policy_violation
10:21:40 a6f53e u PASS 0 - second_attempt
10:48:21 b71c02 p PASS 0 -
11:27:46 a6f53e p PASS 1 -
12:03:05 b71c02 u FAIL 0 schema_violation
13:15:38 a6f53e u PASS 0 -
14:26:17 b71c02 P COMMENT 2 ntp_offset
15:02:53 a6f53e p PASS 0 -
15:44:35 b71c02 u WARN 7 artefact_missing
16:31:08 a6f53e u COMMENT 2 ntp_offset,unknown_field_missing
17:10:49 b71c02 p PASS 0 -
2026-02-24
02:00:13 a6f53e p PASS 0 -
08:47:25 b71c02 u PASS 0 -
09:22:51 a6f53e u PASS 0 -
10:11:30 b71c02 F PASS 1 unknown_field_missing
10:33:44 a6f53e u COMMENT 2 ntp_offset truncated
11:05:18 a6f53e u PASS 1 unknown_field_missing
11:52:06 b71c02 u REVIEW 6 artefact_missing
13:06:32 a6f53e p PASS 0 -
13:58:47 b71c02 p FAIL 0 signature_invalid
14:40:20 a6f53e u PASS 0 -
15:28:09 b71c02 U PASS 0 - undated
16:12:55 b71c02 - WARN 9 artefact_missing,ntp_offset
2026-02-25
02:00:07 a6f53e p PASS 0 -
08:39:58 b71c02 u WARN 6 artefact_missing
09:04:21 a6f53e u COMMENT 9 flaky_test
09:36:45 c0ffee p PASS 0 -
09:58:12 a6f53e u COMMENT 12 flaky_test
10:27:33 b71c02 p PASS 0 -
10:41:50 a6f53e p FAIL 0 schema_violation
11:13:04 a6f53e u COMMENT 16 flaky_test
11:46:29 c0ffee u COMMENT 1 ntp_offset
12:08:15 b71c02 u COMMENT 8 artefact_missing
12:31:40 a6f53e u REVIEW 11 flaky_test,ntp_offset
13:02:57 c0ffee u PASS 0 -
"""

WHITELIST: dict[str, Any] = {
    "version": 1,
    "entries": [
        {
            "reason": "unknown_field_missing",
            "justification": "runners before 2.4 do not write the field: gone when tb3 and tb7 are updated",
            "scope": None,
            "added_by": "mika",
            "added_at": "2026-02-19",
            "review_by": "2026-05-20",
        }
    ],
}

INPUTS: dict[str, dict[str, Any]] = {
    "p": {"stratum": "pinned"},
    "u": {"stratum": "unpinned"},
    "P": {"pinned": True},
    "U": {"pinned": False},
    "F": {"pinned_flag": True},
    "-": {},
}


class Told(NamedTuple):
    """One line of the story; `quirk` says how the artifact differs from an ordinary one, or is empty."""

    day: str
    clock: str
    policy_hash: str
    inputs: str
    outcome: str
    unknown: int
    reasons: list[str]
    quirk: str


def told() -> Iterator[Told]:
    """The story's runs in order."""
    day = ""
    for line in STORY.strip().splitlines():
        words = line.split()
        if len(words) == 1:
            day = words[0]
        elif words[0] != "#":
            clock, policy_hash, inputs, outcome, unknown, reasons, *quirk = words
            names = [] if reasons == "-" else reasons.split(",")
            yield Told(day, clock, policy_hash, inputs, outcome, int(unknown), names, "".join(quirk))


def artifact(run: Told, run_id: str) -> dict[str, Any]:
    """What the gate wrote for one run."""
    checks = CHECKS[run.policy_hash]
    fields: dict[str, Any] = {
        "run_id": run_id,
        "timestamp": timestamp(run),
        "policy_hash": run.policy_hash,
        "outcome": run.outcome,
        "unknown_rate": run.unknown / checks,
        "top_reasons": run.reasons,
        **INPUTS[run.inputs],
        "mode": "warn" if run.policy_hash == "b71c02" else "comment",
        "counts": {"checks": checks, "unknown": run.unknown},
    }
    missing = {
        "no_run_id": ["run_id"],
        "second_attempt": ["run_id"],
        "undated": ["timestamp"],
        "no_rate": ["unknown_rate", "counts"],
        "bare": ["run_id", "mode", "counts"],
    }
    return {name: value for name, value in fields.items() if name not in missing.get(run.quirk, ())}


def timestamp(run: Told) -> str:
    """The run's time as its builder writes it: UTC, or local time with an offset."""
    if run.quirk == "local_time":
        return f"{run.day}T{int(run.clock[:2]) + 1:02}{run.clock[2:]}+01:00"
    return f"{run.day}T{run.clock}Z"


def files() -> dict[str, bytes]:
    """Every file of sample_artifacts: path relative to it -> bytes."""
    queue = "".join(f"{line}\n" for line in sample_queue.lines())
    made = {"unknown_whitelist.json": _json(WHITELIST), "queue.jsonl": queue.encode()}
    number = FIRST_RUN - 1
    for run in told():
        again = run.quirk == "second_attempt"
        number += not again
        folder = f"{run.day}/run-{number}" + ("/attempt-2" if again else "")
        content = _json(artifact(run, f"run-{number}"))
        made[f"{folder}/gate_result.json"] = content[:97] if run.quirk == "truncated" else content
    return made


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def write(target: Path) -> None:
    """Make `target` hold exactly the files of the story."""
    wanted = {target / path: content for path, content in files().items()}
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()
    for path, content in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
