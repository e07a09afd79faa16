"""The only modules that know where the data live: one package for each engine."""
