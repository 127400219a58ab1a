"""Faults at random: how a round of `soak` goes wrong, from its seed."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable

from psycopg.errors import LockNotAvailable

from tests.faults import proxy
from tests.faults.proxy import Harm, Link, Rule, When
from tests.faults.rig import Rig
from tests.faults.sqs import Fault

_STEPS = ("claim", "claim alone", "effect", "report", "confirm", "commit", "enqueue")
_WHENS: tuple[When, ...] = ("before", "after")
_ERRORS = ("40001", "40P01", "25006", "57014")
_SENDS: tuple[Fault, ...] = ("unavailable", "throttled", "failed", "reply lost", "duplicated")
# What is paused now and then: a queue, a task, and one whose rows wait for each other.
PAUSED = ("default", "tests.faults.project.tasks.effect", "tests.faults.project.policies.limited")
# How many of a thousand sends go wrong.
_SENDS_FAIL = 50
# Seconds for which a rule waits for its statement.
_PATIENCE_S = 1.0


class Chaos:
    """Plays faults one after the other, with pauses; ``counts`` has how many of each, ``progress`` how far it is."""

    def __init__(self, rig: Rig, dice: random.Random) -> None:
        self.counts: Counter[str] = Counter()
        self.progress = 0.0
        self._rig = rig
        self._dice = dice
        self._others: dict[str, Callable[[], Awaitable[None]]] = {
            "reply or statement lost": self._cut,
            "statement refused": self._refuse,
            "backend terminated": self._terminate,
            "sockets reset": self._reset,
            "database away": self._away,
            "database restarted": self._restart,
            "database read-only": self._read_only,
            "frozen past its lease": self._freeze,
            "delete lost": self._lose_delete,
            "ticks at once": self._tick,
            "paused": self._pause,
        }

    def begin(self) -> None:
        """Let sends to SQS go wrong from now on."""
        self._rig.queue.random = self._dice
        self._rig.queue.chaos = self._send

    async def end(self) -> None:
        """Let everything be well again."""
        self._rig.queue.chaos = lambda: None
        self._rig.proxy.rules.clear()
        self._rig.proxy.away = False
        self._rig.lose_deletes = 0
        for name in PAUSED:
            while not await self._rig.resume(name):  # its connection may be gone, once
                pass

    async def play(self, *, kills: int) -> None:
        """Kill so many processes, and do twice as many other things."""
        plan = ["kill"] * kills + self._dice.choices(list(self._others), k=2 * kills)
        self._dice.shuffle(plan)
        for index, name in enumerate(plan):
            self.progress = index / len(plan)
            await asyncio.sleep(self._dice.uniform(0.0, 0.1))
            await (self._kill() if name == "kill" else self._others[name]())
            self.counts[name] += 1
        self.progress = 1.0

    def _send(self) -> Fault | None:
        if self._dice.randrange(1000) >= _SENDS_FAIL:
            return None
        fault = self._dice.choice(_SENDS)
        self.counts[f"send {fault}"] += 1
        return fault

    async def _kill(self) -> None:
        """At a statement, if it comes soon; else wherever a process is, busy or frozen between two invocations."""
        if self._dice.random() < 0.7 and await self._at_a_step(proxy.kill):
            return
        await self._rig.until(lambda: bool(self._pids()), seconds=60)
        os.killpg(self._dice.choice(self._pids()), signal.SIGKILL)

    def _pids(self) -> list[int]:
        return sorted(self._rig.worker.pids | self._rig.web.pids)

    async def _at_a_step(self, harm: Harm, *, whens: tuple[When, ...] = _WHENS) -> bool:
        rule = Rule(
            step=self._dice.choice(_STEPS), when=self._dice.choice(whens), harm=harm, skip=self._dice.randrange(4)
        )
        self._rig.proxy.rules.append(rule)
        try:
            await self._rig.until(lambda: rule not in self._rig.proxy.rules, seconds=_PATIENCE_S)
        except TimeoutError:
            if rule not in self._rig.proxy.rules:
                return True
            self._rig.proxy.rules.remove(rule)
            return False
        return True

    async def _cut(self) -> None:
        await self._at_a_step(proxy.cut)

    async def _refuse(self) -> None:
        await self._at_a_step(proxy.refuse(self._dice.choice(_ERRORS)), whens=("before",))

    async def _terminate(self) -> None:
        async def harm(link: Link) -> None:
            self._rig.cluster.terminate(link.backend)

        await self._at_a_step(harm, whens=("before",))

    async def _reset(self) -> None:
        self._rig.proxy.cut()

    async def _away(self) -> None:
        self._rig.proxy.away = True
        self._rig.proxy.cut()
        await asyncio.sleep(self._dice.uniform(0.1, 0.5))
        self._rig.proxy.away = False

    async def _restart(self) -> None:
        await self._rig.restart_database()

    async def _read_only(self) -> None:
        self._rig.cluster.read_only(on=True)
        await asyncio.sleep(self._dice.uniform(0.1, 0.3))
        self._rig.cluster.read_only(on=False)

    async def _freeze(self) -> None:
        """Stop a process, and let the time of all others pass by more than a lease."""
        if not (pids := self._pids()):
            return
        pid = self._dice.choice(pids)
        os.killpg(pid, signal.SIGSTOP)
        try:
            await self._rig.advance(self._rig.queue.visibility + 1, patience_s=0.5)
            await asyncio.sleep(0.2)
        except LockNotAvailable:
            self.counts["frozen with a lock, thawed at once"] += 1
        finally:
            if pid in self._pids():
                os.killpg(pid, signal.SIGCONT)

    async def _lose_delete(self) -> None:
        self._rig.lose_deletes += 1

    async def _tick(self) -> None:
        await asyncio.gather(self._rig.tick(), self._rig.tick())

    async def _pause(self) -> None:
        name = self._dice.choice(PAUSED)
        await self._rig.pause(name)
        await asyncio.sleep(self._dice.uniform(0.1, 0.5))
        await self._rig.resume(name)
