"""The time zones of departments, by INSEE code."""

METROPOLITAN = "Europe/Paris"
OVERSEAS = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
}
TIME_ZONES = (METROPOLITAN, *OVERSEAS.values())


def time_zone_of(code: str) -> str:
    """Return the IANA name of the time zone of the department with an INSEE code."""
    return OVERSEAS.get(code, METROPOLITAN)
