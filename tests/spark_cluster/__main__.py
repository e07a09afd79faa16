"""Runs a command in every deployment of a cluster that lives as long as the commands do.

`python -m tests.spark_cluster dbt build --target spark` builds with the driver in the process of dbt, and then by Spark
Connect. The exit code is that of the first command that failed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

from tests.spark_cluster.cluster import DEPLOYMENTS, cluster


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2, help="number of workers")
    parser.add_argument("--cores", type=int, default=1, help="cores that a command gets on each worker")
    parser.add_argument("--deployment", choices=DEPLOYMENTS, help="only this one")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("a command is missing")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    failures = []
    with cluster(arguments.workers, arguments.cores) as running:
        for deployment in [arguments.deployment] if arguments.deployment else DEPLOYMENTS:
            print(f"--- {deployment}", flush=True)
            environment = os.environ | running.environment(deployment)
            failures.append(subprocess.run(arguments.command, env=environment, check=False).returncode)
    return next((code for code in failures if code), 0)


if __name__ == "__main__":
    sys.exit(main())
