"""Where fits run: in this process, in others on this machine, or on a Dask cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Self

from joblib import Parallel, delayed, parallel_config


@dataclass
class Workers:
    """Calls a function for many tasks, on as many processes as there are.

    The results are the same wherever they come from. Use as a context manager.

    Parameters
    ----------
    jobs : int
        Processes on this machine.
    scheduler : str
        Address of a Dask scheduler, whose workers are used instead; they need this project's code
        and its libraries in the same versions.
    """

    jobs: int = 1
    scheduler: str = ""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._client: Any = None
        if self.scheduler:
            try:
                from distributed import Client
            except ImportError as error:
                raise RuntimeError(
                    "A Dask scheduler is set, but the package distributed is not installed."
                ) from error
            self._client = self._stack.enter_context(Client(self.scheduler, timeout=30))
            self.jobs = max(1, sum(self._client.nthreads().values()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def map(
        self, function: Callable[..., Any], shared: Any, tasks: Sequence[tuple[Any, ...]]
    ) -> Iterator[Any]:
        """Yield ``function(shared, *task)`` of each task, in their order.

        A caller that stops asking stops the work: no more than one task a process is under way.

        Parameters
        ----------
        shared : object
            Large and the same for all: sent to each worker once.
        """
        with ExitStack() as stack:
            if self._client is not None:
                stack.enter_context(parallel_config(backend="dask", scatter=[shared]))
            for begin in range(0, len(tasks), self.jobs):
                wave = tasks[begin : begin + self.jobs]
                yield from Parallel(n_jobs=min(self.jobs, len(wave)))(
                    delayed(function)(shared, *task) for task in wave
                )
