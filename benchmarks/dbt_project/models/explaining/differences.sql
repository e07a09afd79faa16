-- One row per column, with how two segments differ in it.
{{ mallard.differences(ref('lived_segments'), 1, 2) }}
