"""Releases against moto: what it lacks of Lambda is here, and each published version runs from its own zip."""
