"""The Python half of model-build: train, export, quantise, evaluate."""
