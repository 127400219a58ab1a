"""One module an event shape, all with the functions of ``base.Converter``."""
