from tests.samples.fixtures import samples

__all__ = ["samples"]
