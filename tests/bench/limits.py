"""How long a benchmark waits."""

ANSWER = 5.0  # seconds after which an answer of Wagtail's is given up: on SQLite some take minutes
QUESTIONS = 60.0  # seconds for all questions to one engine
