"""One module an event shape, each with the two functions of ``base.Converter``."""
