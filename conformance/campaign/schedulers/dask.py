"""Workers anywhere, by Dask's distributed scheduler: it knows who lives, and gives the units of the dead to others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final
from uuid import uuid4

from conformance.campaign.identity import sources_hash
from conformance.campaign.journal import CampaignError
from conformance.campaign.schedulers import WorkersLost
from conformance.campaign.setting import Setting
from conformance.campaign.units import Unit, UnitResult
from conformance.campaign.worker import Worker

try:
    from distributed import Client, Future, KilledWorker, WorkerPlugin, get_worker
    from distributed.comm.addressing import get_address_host_port
    from distributed.comm.core import connect
    from distributed.security import Security
except ImportError as error:
    raise CampaignError(f"--scheduler needs: pip install vvv-diem-ledger[cluster] ({error})") from None

COUNT_SECONDS: Final = 2.0
"""How old the count of workers may be."""

CONNECT_SECONDS: Final = 10
"""How long the scheduler, and a first worker, may take to answer."""

SILENT_SECONDS: Final = 60
"""How long a scheduler that is there may take to answer; one that is frozen keeps its connections."""

LEAVE_SECONDS: Final = 10
"""How long the leave-taking may take."""

LOGGERS: Final = ("distributed", "distributed.client")
"""Those that write of schedulers and workers that come and go; a campaign says it in a line."""


class DaskScheduler:
    """Units as tasks of a Dask cluster, whose workers need this very version of the package and nothing else."""

    def __init__(self, setting: Setting, address: str) -> None:
        """Connect.

        Raises
        ------
        CampaignError : no address, or no scheduler answers there; there is no worker.
        WorkersLost : the scheduler is gone again.
        """
        self._name = f"diem-campaign-{uuid4().hex}"
        self._done = SimpleQueue[Future[UnitResult]]()
        self._running: dict[str, Future[UnitResult]] = {}
        self._address = address
        self._workers, self._counted_at = 1, -COUNT_SECONDS
        _check_address(address)
        for name in LOGGERS:  # here, for the import of distributed sets levels, and workers keep theirs
            logging.getLogger(name).setLevel(logging.CRITICAL)
        _check_answer(address)
        try:
            self._client: Any = _client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CampaignError(f"--scheduler {address}: expected a Dask scheduler, found none: {error}") from None
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            self._client.close()
            raise CampaignError(f"--scheduler {address}: expected at least one worker, found none") from None
        try:
            with self._connected():
                self._client.register_plugin(_HoldsWorker(setting, sources_hash()), name=self._name)
        except BaseException:
            self.close()
            raise

    @property
    def description(self) -> str:
        """What reports say of it."""
        workers = self.workers
        return f"{workers} {'worker' if workers == 1 else 'workers'} of {self._address}"

    @property
    def workers(self) -> int:
        """How many workers there were a moment ago; they may come and go."""
        if monotonic() > self._counted_at + COUNT_SECONDS:
            with self._connected():
                threads = self._client.sync(self._client.scheduler.ncores, callback_timeout=SILENT_SECONDS)
                self._workers = max(len(threads), 1)
            self._counted_at = monotonic()
        return self._workers

    def submit(self, unit: Unit) -> None:
        """Make a task of the unit; errors as ``result``."""
        key = f"{self._name}-{unit.purpose}-{unit.machine}-{unit.number}"
        with self._connected():
            future = self._client.submit(_carry_out, self._name, unit, key=key, pure=False)
        self._running[key] = future
        future.add_done_callback(self._done.put)

    def result(self, timeout: float) -> UnitResult | None:
        """Return the next result.

        Raises
        ------
        WorkersLost : a unit was with several workers that died, or the scheduler itself is gone.
        """
        try:
            future = self._done.get(timeout=timeout)
        except Empty:
            return None
        del self._running[str(future.key)]
        try:
            with self._connected():
                return future.result(SILENT_SECONDS)
        except KilledWorker as error:
            raise WorkersLost(f"--scheduler {self._address}: {error}") from None

    def close(self) -> None:
        """Cancel what is under way, and take leave of the cluster, if it is still there, and does not take for ever."""
        leaving = Thread(target=self._leave, daemon=True)
        leaving.start()
        leaving.join(LEAVE_SECONDS)

    def _leave(self) -> None:
        with suppress(WorkersLost, RuntimeError), self._connected():
            self._client.cancel(list(self._running.values()), force=True)
            self._client.unregister_worker_plugin(self._name)
        with suppress(WorkersLost, RuntimeError), self._connected():
            self._client.close()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except (OSError, CancelledError) as error:
            raise WorkersLost(f"--scheduler {self._address}: expected it to go on, found it gone: {error}") from None


def _check_address(address: str) -> None:
    """See to it that the address is one: a client that fails over it leaves a thread that waits, and a traceback."""
    try:
        host, port = get_address_host_port(address, strict=True)
    except ValueError:
        host, port = "", 0
    if not host or not 0 < port < 2**16:
        expected = "the address of a Dask scheduler such as tcp://127.0.0.1:8786"
        raise CampaignError(f"--scheduler: expected {expected}, found {address!r}")


def _check_answer(address: str) -> None:
    """See to it that a scheduler answers, before there is a client, for the same reason."""
    try:
        asyncio.run(_connect(address))
    except OSError:  # out of time, too
        what = f"expected a Dask scheduler, found none that answers within {CONNECT_SECONDS} s"
        raise CampaignError(f"--scheduler {address}: {what}") from None
    except (TypeError, ValueError, RuntimeError) as error:  # keys, a library, or an answer that makes sense, is missing
        raise CampaignError(f"--scheduler {address}: expected one to connect to: {error}") from None


async def _connect(address: str) -> None:
    """Connect and hang up; whoever is silent instead of shaking hands has as much time and no more."""
    async with asyncio.timeout(CONNECT_SECONDS):
        comm = await _connecting(address, timeout=CONNECT_SECONDS, **_security().get_connection_args("client"))
        await comm.close()


_connecting: Any = connect
_security: Any = Security
_client: Any = Client  # its methods have no types


class _HoldsWorker(WorkerPlugin):
    """Sent once to each worker, also to those that come later; its machines are made when the first unit comes."""

    def __init__(self, setting: Setting, sources: str) -> None:
        self._setting = setting
        self._sources = sources

    def setup(self, worker: Any) -> None:  # noqa: ARG002 (the signature is Dask's)
        """Prepare a worker."""
        self._lock = Lock()
        self._worker = Worker(self._setting)

    def carry_out(self, unit: Unit) -> UnitResult:
        """Carry out one unit at a time, whatever the number of the worker's threads."""
        if sources_hash() != self._sources:
            raise CampaignError(
                f"--scheduler: expected workers with the version of the package that leads the campaign "
                f"({self._sources[:12]}), found one with another ({sources_hash()[:12]})"
            )
        with self._lock:
            return self._worker.carry_out(unit)


def _carry_out(plugin: str, unit: Unit) -> UnitResult:
    holder: Any = get_worker().plugins[plugin]
    result: UnitResult = holder.carry_out(unit)
    return result
