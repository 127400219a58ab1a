"""A small Django project that says what it saw and answers in every way that Django can."""
