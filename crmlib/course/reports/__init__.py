"""What the reports of ``crmlib run`` compute and say: a sentence claims only what its numbers hold."""
