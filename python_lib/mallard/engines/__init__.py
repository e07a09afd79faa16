"""The only modules that know where the data are: one package per engine."""
