"""What is counted, told and judged: samples, summaries, outputs, thresholds."""
