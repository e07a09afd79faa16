"""The only modules that know where the data live, one for each engine."""
