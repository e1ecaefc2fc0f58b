"""Own copies of another department's content: take a copy, and merge later changes of the original by field."""
