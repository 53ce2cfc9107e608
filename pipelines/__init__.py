"""How and when it runs: definitions, partitions, jobs, schedules and the command line."""
