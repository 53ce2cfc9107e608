"""The words of the made-up engagement logs: kinds of event, names of halls, parks and shops.

Codes are written out on purpose and not read from the code lists, so that a mistake there shows
against the sample. What people ask for is in ``engagement_asked``, what is done in
``engagement_done``.
"""

from __future__ import annotations

from typing import NamedTuple

MARKER = "ZZSECRET"  # stands in texts that may never leave: a test looks for it in every output


class Kind(NamedTuple):
    """A kind of event.

    Attributes:
        method: Code.
        share: How often, beside the regular meeting; 0 for that one.
        level: Participation level.
        basis: Statutory basis.
        formality: Formal or informal.
        focus: Code.
        hours: Hours at which it may start, London's time.
        minutes: How long it lasts.
        people: Attendance on average.
        groups: Target groups, joined by ";"; empty for everybody.
        titles: What it is called.
        purposes: What it is for.
        who: Who took part, in words.
    """

    method: str
    share: float
    level: str
    basis: str
    formality: str
    focus: str
    hours: tuple[int, ...]
    minutes: int
    people: int
    groups: str
    titles: tuple[str, ...]
    purposes: tuple[str, ...]
    who: tuple[str, ...]


MEETINGS = (
    Kind(
        "public_meeting",
        0,
        "consult",
        "s34",
        "formal",
        "neighbourhood",
        (18, 19),
        90,
        24,
        "",
        ("{area} community meeting", "Police and community together: {area}"),
        (
            "Hear what matters to people in {area}, and report on what was raised last time.",
            "Agree the priorities for the next three months with residents.",
        ),
        (
            "Residents, shopkeepers and two councillors; chaired by a resident.",
            "Mostly residents of {street} and {other}, some for the first time.",
        ),
    ),
    Kind(
        "ward_or_beat_panel",
        0,
        "involve",
        "s34",
        "formal",
        "neighbourhood",
        (18, 19),
        75,
        14,
        "",
        ("{area} neighbourhood panel", "{area} priority-setting panel"),
        ("Choose up to three priorities from what residents and partners bring forward.",),
        ("Panel members from five streets, the school and the housing association.",),
    ),
)
KINDS = (
    Kind(
        "surgery_or_drop_in",
        0.28,
        "consult",
        "s34",
        "informal",
        "neighbourhood",
        (10, 11, 14),
        90,
        7,
        "",
        ("Drop-in with your local team at {hall}", "Police surgery at {hall}"),
        ("Talk to an officer you can come to know, without an appointment.",),
        (
            "People who came by on their way to the shops, mostly older residents.",
            "Parents with young children and users of the library.",
        ),
    ),
    Kind(
        "street_briefing",
        0.22,
        "inform",
        "s34",
        "informal",
        "issue_or_incident",
        (10, 16, 17),
        30,
        9,
        "",
        ("Street briefing in {street}", "Meet your team on the corner of {street} and {other}"),
        ("Tell neighbours what was done after the incidents there, and hear more.",),
        ("Neighbours who came out of their houses in {street}.",),
    ),
    Kind(
        "school_visit",
        0.14,
        "involve",
        "none",
        "informal",
        "service_delivery",
        (9, 11, 13),
        60,
        55,
        "young_under18",
        ("Questions and answers at {school}", "Safer routes: a morning at {school}"),
        ("Listen to pupils about where they feel safe and where they do not.",),
        ("Pupils of two year groups with their teachers.",),
    ),
    Kind(
        "walkabout_or_environmental_audit",
        0.12,
        "collaborate",
        "none",
        "informal",
        "issue_or_incident",
        (14, 17),
        60,
        8,
        "",
        ("Walkabout from {street} to {park}",),
        ("Look at dark corners, damage and rubbish together with the council.",),
        ("Residents, the council's street team and the housing officer.",),
    ),
    Kind(
        "community_event_stall",
        0.1,
        "inform",
        "none",
        "informal",
        "neighbourhood",
        (10, 11),
        240,
        60,
        "",
        ("Police stall at the {area} market", "Crime prevention stall at {shop}"),
        ("Give advice on locks, bicycles and scams, and take down what people want.",),
        ("Families and shoppers of all ages.",),
    ),
    Kind(
        "business_visit",
        0.07,
        "consult",
        "none",
        "informal",
        "service_delivery",
        (9, 14),
        120,
        6,
        "business",
        ("Traders' round in {street}",),
        ("Hear from shops about theft and threats, and how reports are answered.",),
        ("Owners and staff of the shops in {street}.",),
    ),
    Kind(
        "online_meeting",
        0.05,
        "consult",
        "s34",
        "informal",
        "neighbourhood",
        (19,),
        60,
        18,
        "digitally_excluded",
        ("Ask your local team online: {area}",),
        ("Answer questions from people who cannot come in the evening.",),
        ("People who joined by computer or by phone, with a phone line for those not online.",),
    ),
    Kind(
        "focus_group",
        0.02,
        "involve",
        "none",
        "formal",
        "policing_strategy",
        (11, 15),
        120,
        10,
        "disabled",
        ("Round table on access and safety, {hall}",),
        ("Learn from disabled people what stops them from reporting.",),
        ("Disabled residents, carers and a local charity.",),
    ),
)

# method -> where it is held, in public words; elsewhere it is a hall
VENUES = {
    "street_briefing": "Corner of {street} and {other}",
    "school_visit": "{school}",
    "walkabout_or_environmental_audit": "Entrance of {park}",
    "community_event_stall": "Outside {shop}",
    "business_visit": "From door to door in {street}",
    "online_meeting": "Online",
}

# theme -> what was spoken about, in a few words
SPOKEN: dict[str, str] = {
    "asb_general": "groups and noise near {shop}",
    "road_safety_speeding": "speeding in {street}",
    "drugs": "drug dealing at {park}",
    "vehicle_nuisance": "off-road bikes on {park}",
    "shoplifting_retail": "thefts and threats at {shop}",
    "visibility_patrol": "seeing officers on foot in {other}",
    "burglary": "break-ins into sheds behind {street}",
    "environment_lighting": "the broken lamps by {park}",
    "vehicle_crime": "thefts from vans in {street}",
    "criminal_damage": "damage at {hall}",
    "youth": "what young people can do in the evening",
    "noise": "noise at night in {other}",
    "communication_feedback": "not hearing back after a report",
}
FINDINGS = (
    "People spoke most about {one}, then about {two}.",
    "Two things came up again and again: {one} and {two}. Residents offered to help.",
    "{One} was named by most who spoke; {two} matters more to older residents.",
    "Those who came were content with the last answers, and asked for more on {one}.",
    "Worry about {one} has grown since last time; {two} is better.",
    "The group wants to know by the next meeting what is done about {one}.",
)
CHANNELS = ("in_person", "phone", "email", "web_form", "alert_platform", "social_media", "post")
ADVERTS = (
    "force_site;police_uk",
    "force_site;social;poster_leaflet",
    "alert_platform;partner",
    "police_uk;alert_platform;local_press",
    "poster_leaflet;word_of_mouth",
)
REVIEWERS = ("Communications officer", "Neighbourhood inspector", "Engagement coordinator")

OPENINGS = (
    "Hello, ",
    "To whom it may concern: ",
    "Hi team, ",
    "Not sure this is the right place but ",
    "Writing again because ",
    "Just so you know, ",
    "Good morning, ",
    "",
)
CLOSINGS = (
    ". Can somebody please look into it?",
    ". What are you going to do about it?",
    ". I would be glad of an answer.",
    ". My neighbours say the same.",
    ". It was never like this before.",
    ". Happy to talk if that helps.",
    ". It has gone on since the spring.",
    ".",
)
THANKS = (
    "Thank you for coming to {hall}, the officer took time for my mother",
    "The two officers in {street} were calm and kind with everybody",
    "I was told at {hall} what would happen next, and it did",
)

PARKS = ("{word} Park", "{word} Recreation Ground", "{word} Gardens", "{word} Common")
SHOPS = ("{word} Stores", "{word} Bakery", "the {word} precinct", "{word} News", "{word} Pharmacy")
SCHOOLS = ("{word} Primary School", "{word} Academy", "{word} High School")
HALLS = ("{area} Community Centre", "{word} Hall", "{area} Library", "the {word} Rooms")
WELSH_PARKS = ("Parc {word}", "Gerddi {word}")
WELSH_SHOPS = ("Siop {word}", "Becws {word}", "Fferyllfa {word}")
WELSH_SCHOOLS = ("Ysgol {word}", "Ysgol Gynradd {word}")
WELSH_HALLS = ("Neuadd {area}", "Canolfan {word}", "Llyfrgell {area}")
