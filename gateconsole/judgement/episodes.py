"""Spikes, and the alert episodes they make: frozen records, one step from one to the next (rules G20-G22)."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from gateconsole.model import FAIL_SIGNALS, OUTCOMES, Stratum
from gateconsole.statistics.recent_runs import order_key
from gateconsole.statistics.runs_frame import Row

OrderKey = tuple[object, ...]
"""A run's place in the order of rule G5 (`series.recent.order_key`)."""

_SEVERITY: Final = {word: rank for rank, word in enumerate(OUTCOMES, start=1)}


def severity(outcome: str) -> int:
    """How severe an outcome is: PASS 1 to BLOCK 6; 0 for a word that is none of the six."""
    return _SEVERITY.get(outcome, 0)


class RunRef(NamedTuple):
    """Which run, and its place in the order. Raw text; `timestamp` in microseconds UTC; `folder` relative to ROOT."""

    run_id: str
    timestamp: int | None
    stratum: Stratum | None
    folder: str

    def key(self, policy_hash: str) -> OrderKey:
        """The run's place in the order of rule G5."""
        return order_key((self.run_id, self.timestamp, policy_hash, "", None, "", self.stratum, self.folder))


def ref_of(row: Row) -> RunRef:
    """The reference to a row's run."""
    return RunRef(row[0], row[1], row[6], row[7])


class Spike(NamedTuple):
    """A run whose rate is above the cut of its time.

    `number`: the run's number among the policy's valid runs, from 0. `classes`: its unknown classes, or
    `(unattributed)`. `baseline`: runs the cut is made from, 0 under `fixed`; `level`: see `baseline.Cut`.
    """

    number: int
    run: RunRef
    outcome: str
    rate: float
    classes: tuple[str, ...]
    cut: float
    level: float
    baseline: int

    @property
    def fail_signal(self) -> bool:
        """Whether the run is FAIL or BLOCK."""
        return self.outcome in FAIL_SIGNALS


EndReason = Literal["resolved", "left fixed", "adopted"]
"""Why an episode ended: runs without a spike of the class, the cut left `fixed`, an operator adopted the level."""


class Episode(NamedTuple):
    """One time an alert fired. `first` is the first of the spikes that led to it, `fired` the run that fired it.

    `peak` and `severity` are the largest of its spikes, `worst` the first of that severity; `last_fail` is its latest
    spike with a FAIL signal; `strata` are those its spikes are in; `ended` the place in the order after which it is
    over.
    """

    first: Spike
    fired: RunRef
    last: Spike
    spikes: int
    fails: int
    peak: float
    severity: int
    worst: Spike
    last_fail: Spike | None
    strata: frozenset[Stratum | None]
    provisional: bool
    ended: OrderKey | None = None
    end: EndReason | None = None

    @property
    def active(self) -> bool:
        """Whether it goes on."""
        return self.ended is None


class Track(NamedTuple):
    """One class of one policy: all its spikes in figures, and its latest episode.

    `fired` counts episodes. Spikes numbered below `barrier` no longer lead to one.
    """

    spikes: int
    fails: int
    peak: float
    first: Spike
    last: Spike
    fired: int = 0
    episode: Episode | None = None
    barrier: int = 0


class Adoption(NamedTuple):
    """An operator adopted the level of a policy as it was after the run at `place`, from the alert of this class."""

    place: OrderKey
    class_name: str


def track_with(track: Track | None, spike: Spike) -> Track:
    """The track with one more spike, its episode aside."""
    if track is None:
        return Track(1, int(spike.fail_signal), spike.rate, spike, spike)
    return track._replace(
        spikes=track.spikes + 1,
        fails=track.fails + spike.fail_signal,
        peak=max(track.peak, spike.rate),
        last=spike,
    )


def new_episode(spikes: list[Spike]) -> Episode:
    """The episode that these spikes (in order, at least one) led to."""
    first, last = spikes[0], spikes[-1]
    episode = Episode(
        first=first,
        fired=last.run,
        last=first,
        spikes=0,
        fails=0,
        peak=0.0,
        severity=-1,
        worst=first,
        last_fail=None,
        strata=frozenset(),
        provisional=not last.baseline,
    )
    for spike in spikes:
        episode = episode_with(episode, spike)
    return episode


def episode_with(episode: Episode, spike: Spike) -> Episode:
    """The episode with one more spike."""
    rank = severity(spike.outcome)
    worse = rank > episode.severity
    return episode._replace(
        last=spike,
        spikes=episode.spikes + 1,
        fails=episode.fails + spike.fail_signal,
        peak=max(episode.peak, spike.rate),
        severity=rank if worse else episode.severity,
        worst=spike if worse else episode.worst,
        last_fail=spike if spike.fail_signal else episode.last_fail,
        strata=episode.strata | {spike.run.stratum},
    )
