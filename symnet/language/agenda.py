"""The agenda: what is still to do, in the order of the text, where some jobs wait for the results of others.

A spec may read a tensor before it defines it (recurrences do), so shapes become known in an order of their own. A
job that needs one not yet known raises `Wait`; it is tried again when the name is announced. Nothing recurses over
the network: a chain of 1,000 layers is a thousand jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

from symnet.errors import Place, SpecError, SpecErrors

Key = tuple[int, ...]

MAX_ERRORS = 20


class Wait(Exception):
    """Raised by a job that cannot go on before one of these names is announced."""

    def __init__(self, names: Iterable[str], place: Place | None = None) -> None:
        super().__init__()
        self.names = tuple(dict.fromkeys(names))
        self.place = place


class Broken(Exception):
    """Raised by a job that needs the result of one that failed: one mistake is reported once."""


@dataclass(eq=False)
class Job:
    """One thing to do. `action` is called with True when nothing else can go on and a guess is allowed.

    `defines` are the names that become broken if it fails. `explain` says why the job is stuck, where it can,
    and `blame` is the other place that its errors name.
    """

    key: Key
    action: Callable[[bool], None]
    defines: tuple[str, ...]
    place: Place
    explain: Callable[[], SpecError] | None = None
    blame: Place | None = None
    waits: tuple[str, ...] = ()
    asked: Place | None = None  # where the text names what it waits for
    queued: bool = False
    done: bool = False


class Agenda:
    """Runs jobs, smallest key first, and collects their errors."""

    def __init__(self) -> None:
        self.errors: list[SpecError] = []
        self.broken: set[str] = set()
        self._ready: list[tuple[Key, int, Job]] = []
        self._waiting: dict[str, list[Job]] = {}
        self._count = 0

    def add(self, job: Job) -> None:
        """Puts a job on the agenda."""
        if job.queued or job.done:
            return
        job.queued, job.waits = True, ()
        self._count += 1
        heappush(self._ready, (job.key, self._count, job))

    def announce(self, name: str) -> None:
        """Wakes the jobs that wait for this name."""
        for job in self._waiting.pop(name, ()):
            if name in job.waits:
                self.add(job)

    def fail(self, error: SpecError, defines: Iterable[str] = (), blame: Place | None = None) -> None:
        """Notes an error; what these names stand for will not come."""
        if error.also is None:
            error.also = blame
        self.errors.append(error)
        self.give_up(defines)

    def give_up(self, names: Iterable[str]) -> None:
        """Marks names as broken, and lets the jobs that wait for them find that out."""
        for name in names:
            self.broken.add(name)
            self.announce(name)

    def guard(self, name: str) -> None:
        """Raises Broken if what the name stands for will never come."""
        if name in self.broken:
            raise Broken

    def run(self) -> None:
        """Runs until no job can go on, or until there are too many errors to go on."""
        while self._ready and len(self.errors) < MAX_ERRORS:
            job = heappop(self._ready)[2]
            job.queued = False
            if not job.done:
                self._attempt(job, forced=False)

    def force(self) -> bool:
        """Lets the first stuck job that can guess do so. Returns whether one could."""
        for job in self.stuck():
            self._attempt(job, forced=True)
            if job.done or self._ready:
                return True
        return False

    def stop(self) -> None:
        """Raises the errors so far, if there are any, in the order of the text and each once."""
        if not self.errors:
            return
        errors = sorted(self.errors, key=lambda e: (e.place.line, e.place.column) if e.place else (0, 0))
        unique = list({(error.message, error.place): error for error in errors}.values())
        raise unique[0] if len(unique) == 1 else SpecErrors(unique)

    def stuck(self) -> list[Job]:
        """The jobs that wait, in the order of the text."""
        jobs = {id(job): job for jobs in self._waiting.values() for job in jobs if not job.done and not job.queued}
        return sorted(jobs.values(), key=lambda job: job.key)

    def _attempt(self, job: Job, *, forced: bool) -> None:
        try:
            job.action(forced)
        except Wait as wait:
            job.waits, job.asked = wait.names, wait.place
            for name in wait.names:
                self._waiting.setdefault(name, []).append(job)
            return
        except Broken:
            self.give_up(job.defines)
        except SpecError as error:
            self.fail(error, job.defines, job.blame)
        job.done = True
