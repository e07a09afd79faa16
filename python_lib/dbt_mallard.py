"""What dbt-spark lacks, for Mallard: dbt-core imports every installed module whose name begins with `dbt_`."""

import sys

if "dbt.adapters.spark" in sys.modules:
    from mallard.steps.dbt_spark import extend_adapter

    extend_adapter()
