"""What the benchmarks of running graphs share: the graph, who looks on, and what its processes use."""
