"""The Spark that the column plan runs on: the one that the environment configures, or a local one.

A cluster is named as everywhere with Spark: `spark-submit`, `SPARK_CONF_DIR` or the `conf` folder
of `SPARK_HOME` with its `spark-defaults.conf`, `PYSPARK_SUBMIT_ARGS`, or (not tried yet)
`SPARK_REMOTE`. Nothing of such a configuration is overruled here. Without one, Spark runs inside
this machine, on all processors, and listens to nobody else.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from screen.problems import Kind, Problem, ProblemsFound

_NAMED_BY = ("SPARK_REMOTE", "SPARK_CONF_DIR", "PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT")
_LEAST, _MOST = 1024, 8192


def open_session() -> tuple[Any, bool]:
    """A session, and whether it was started here and is to be stopped by whoever asked for it.

    Raises ProblemsFound if pyspark is not installed or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ProblemsFound([Problem(Kind.NO_SPARK)]) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        return active, False
    with TemporaryFile() as said:
        try:
            if not _is_configured():
                _start_here(said)
            return SparkSession.builder.appName("trialscreen").getOrCreate(), True
        except Exception as error:  # whatever a cluster says when it cannot start
            detail = _last_line(said) or str(error).strip().partition("\n")[0]
            raise ProblemsFound([Problem(Kind.SPARK_NOT_STARTED, detail=detail)]) from error


def _is_configured() -> bool:
    """Whether the environment says which Spark to use."""
    home = os.environ.get("SPARK_HOME")
    installed = home is not None and Path(home, "conf", "spark-defaults.conf").exists()
    return installed or any(os.environ.get(name) for name in _NAMED_BY)


def _start_here(said: IO[bytes]) -> None:
    """Start Spark inside this machine; what its JVM says goes to `said`, not to people."""
    from pyspark import SparkConf, SparkContext, java_gateway

    # Tasks run in the Python that has this program, which need not be the first one on the path.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    launch: Any = java_gateway.launch_gateway  # has no types
    settings = SparkConf(loadDefaults=False).setAll(_local_settings())
    # A second context of this process finds the JVM of the first.
    gateway = SparkContext._gateway
    if gateway is None:
        gateway = launch(settings, {"stderr": said})
    SparkContext(conf=settings, gateway=gateway).setLogLevel("ERROR")


def _local_settings() -> list[tuple[str, str]]:
    processors = os.cpu_count() or 1
    return [
        ("spark.master", "local[*]"),
        ("spark.app.name", "trialscreen"),
        ("spark.driver.host", "127.0.0.1"),
        ("spark.driver.bindAddress", "127.0.0.1"),
        ("spark.driver.memory", f"{_memory()}m"),
        ("spark.ui.enabled", "false"),
        ("spark.ui.showConsoleProgress", "false"),
        # As many pieces as can be worked on at once; the default is a cluster's.
        ("spark.sql.shuffle.partitions", str(processors)),
    ]


def _memory() -> int:
    """Half of this machine's memory within bounds, in MB: the other half is for the batch."""
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not every system tells
        return _LEAST
    return min(max(pages * size // 2**21, _LEAST), _MOST)


def _last_line(said: IO[bytes]) -> str:
    """The last thing that the JVM said before it gave up."""
    said.seek(0)
    lines = said.read().decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
