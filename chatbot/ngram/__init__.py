"""Token ids of replies -> n-gram models: counted, smoothed, and pruned to what a bundle can hold."""
