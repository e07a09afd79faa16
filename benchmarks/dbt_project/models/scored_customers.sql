-- One row per customer, with the segment that the last version gives.
{{ mallard.score(source('benchmark', 'customers'), ref('lived_segments')) }}
