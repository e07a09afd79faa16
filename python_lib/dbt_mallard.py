"""What dbt-spark lacks, for Mallard: dbt-core imports every installed module whose name begins with `dbt_`."""

import sys

from dbt.plugins.manager import dbtPlugin


class MallardPlugin(dbtPlugin):
    """Extends dbt-spark's adapter at the start of a run that uses it."""

    def initialize(self) -> None:
        """Called by dbt, once for each run."""
        if "dbt.adapters.spark" in sys.modules:
            from mallard.steps.dbt_spark import extend_adapter

            extend_adapter()


plugins = [MallardPlugin]
