"""The words of the made-up files: headers, labels with their shares, and invented names.

What police.uk files say belongs here, written out on purpose and not read from the code lists, so
that a mistake there shows against the sample. How the words are drawn does not belong here.
Headers: the police.uk archive of 2013 to 2025; shares: roundly those of the 2025 files.
"""

from __future__ import annotations


def _list(names: str) -> list[str]:
    """The names in a text, with commas between."""
    return names.split(",")


STREET = (
    "Crime ID",
    "Month",
    "Reported by",
    "Falls within",
    "Longitude",
    "Latitude",
    "Location",
    "LSOA code",
    "LSOA name",
    "Crime type",
    "Last outcome category",
    "Context",
)
OUTCOMES = (*STREET[:9], "Outcome type")
STOPS = (
    "Type",
    "Date",
    "Part of a policing operation",
    "Policing operation",
    "Latitude",
    "Longitude",
    "Gender",
    "Age range",
    "Self-defined ethnicity",
    "Officer-defined ethnicity",
    "Legislation",
    "Object of search",
    "Outcome",
    "Outcome linked to object of search",
    "Removal of more than just outer clothing",
)
HEADERS = {"street": STREET, "outcomes": OUTCOMES, "stops": STOPS}
FILE_WORD = {"street": "street", "outcomes": "outcomes", "stops": "stop-and-search"}

ASB = "Anti-social behaviour"
# label, share, label from 2011-09 to 2013-04 (11 of them), label to 2011-08 (6 of them)
CRIME_TYPES: tuple[tuple[str, float, str, str], ...] = (
    (ASB, 0.17, ASB, ASB),
    ("Bicycle theft", 0.009, "Other theft", "Other crime"),
    ("Burglary", 0.042, "Burglary", "Burglary"),
    ("Criminal damage and arson", 0.08, "Criminal damage and arson", "Other crime"),
    ("Drugs", 0.035, "Drugs", "Other crime"),
    ("Other crime", 0.025, "Other crime", "Other crime"),
    ("Other theft", 0.07, "Other theft", "Other crime"),
    ("Possession of weapons", 0.01, "Public disorder and weapons", "Other crime"),
    ("Public order", 0.073, "Public disorder and weapons", "Other crime"),
    ("Robbery", 0.011, "Robbery", "Robbery"),
    ("Shoplifting", 0.085, "Shoplifting", "Other crime"),
    ("Theft from the person", 0.02, "Other theft", "Other crime"),
    ("Vehicle crime", 0.055, "Vehicle crime", "Vehicle crime"),
    ("Violence and sexual offences", 0.315, "Violent crime", "Violent crime"),
)
UNDER_INVESTIGATION = "Under investigation"
# label in the outcomes file, label in the street file, share
OUTCOME_TYPES: tuple[tuple[str, str, float], ...] = (
    ("Unable to prosecute suspect", "Unable to prosecute suspect", 0.425),
    (
        "Investigation complete; no suspect identified",
        "Investigation complete; no suspect identified",
        0.34,
    ),
    ("Suspect charged", "Court result unavailable", 0.085),
    ("Suspect charged", "Awaiting court outcome", 0.012),
    ("Local resolution", "Local resolution", 0.035),
    (
        "Action to be taken by another organisation",
        "Action to be taken by another organisation",
        0.03,
    ),
    ("Offender given a caution", "Offender given a caution", 0.015),
    (
        "Formal action is not in the public interest",
        "Formal action is not in the public interest",
        0.018,
    ),
    (
        "Further investigation is not in the public interest",
        "Further investigation is not in the public interest",
        0.02,
    ),
    (
        "Further action is not in the public interest",
        "Further action is not in the public interest",
        0.01,
    ),
    ("Offender given penalty notice", "Offender given penalty notice", 0.004),
    (
        "Offender given a drugs possession warning",
        "Offender given a drugs possession warning",
        0.003,
    ),
    (
        "Suspect charged as part of another case",
        "Suspect charged as part of another case",
        0.003,
    ),
)

Shares = tuple[tuple[str | None, float], ...]
STOP_TYPE: Shares = (
    ("Person search", 0.75),
    ("Person and Vehicle search", 0.23),
    ("Vehicle search", 0.02),
)
GENDER: Shares = (("Male", 0.87), ("Female", 0.1), ("Other", 0.003), (None, 0.027))
AGE: Shares = (
    ("under 10", 0.0005),
    ("10-17", 0.16),
    ("18-24", 0.3),
    ("25-34", 0.25),
    ("over 34", 0.22),
    (None, 0.0695),
)
SELF_DEFINED: Shares = (
    ("White - English/Welsh/Scottish/Northern Irish/British", 0.38),
    ("Other ethnic group - Not stated", 0.22),
    ("White - Any other White background", 0.09),
    ("White - Irish", 0.01),
    ("White - Gypsy or Irish Traveller", 0.005),
    ("Black/African/Caribbean/Black British - African", 0.05),
    ("Black/African/Caribbean/Black British - Caribbean", 0.03),
    (
        "Black/African/Caribbean/Black British - Any other Black/African/Caribbean background",
        0.04,
    ),
    ("Asian/Asian British - Pakistani", 0.03),
    ("Asian/Asian British - Bangladeshi", 0.02),
    ("Asian/Asian British - Indian", 0.015),
    ("Asian/Asian British - Chinese", 0.003),
    ("Asian/Asian British - Any other Asian background", 0.02),
    ("Mixed/Multiple ethnic groups - White and Black Caribbean", 0.015),
    ("Mixed/Multiple ethnic groups - Any other Mixed/Multiple ethnic background", 0.012),
    ("Other ethnic group - Any other ethnic group", 0.01),
    ("Other ethnic group - Arab", 0.005),
    (None, 0.045),
)
OFFICER_DEFINED: Shares = (
    ("White", 0.62),
    ("Black", 0.17),
    ("Asian", 0.13),
    ("Mixed", 0.02),
    ("Other", 0.03),
    (None, 0.03),
)
# legislation and object go together, as the powers do
SEARCH: tuple[tuple[tuple[str, str | None], float], ...] = (
    (("Misuse of Drugs Act 1971 (section 23)", "Controlled drugs"), 0.61),
    (("Police and Criminal Evidence Act 1984 (section 1)", "Offensive weapons"), 0.14),
    (("Police and Criminal Evidence Act 1984 (section 1)", "Stolen goods"), 0.11),
    (("Police and Criminal Evidence Act 1984 (section 1)", "Article for use in theft"), 0.07),
    (
        (
            "Police and Criminal Evidence Act 1984 (section 1)",
            "Articles for use in criminal damage",
        ),
        0.01,
    ),
    (
        (
            "Police and Criminal Evidence Act 1984 (section 1)",
            "Evidence of offences under the Act",
        ),
        0.02,
    ),
    (
        (
            "Criminal Justice and Public Order Act 1994 (section 60)",
            "Anything to threaten or harm anyone",
        ),
        0.015,
    ),
    (("Firearms Act 1968 (section 47)", "Firearms"), 0.01),
    (("Psychoactive Substances Act 2016 (s36(2))", "Psychoactive substances"), 0.005),
    (("Misuse of Drugs Act 1971 (section 23)", None), 0.01),
)
STOP_OUTCOME: Shares = (
    ("A no further action disposal", 0.7),
    ("Arrest", 0.135),
    ("Community resolution", 0.09),
    ("Khat or Cannabis warning", 0.025),
    ("Penalty Notice for Disorder", 0.015),
    ("Summons / charged by post", 0.02),
    ("Caution (simple or conditional)", 0.005),
    (None, 0.01),
)
YES_NO: Shares = (("True", 0.22), ("False", 0.72), (None, 0.06))
STRIPPED: Shares = (("True", 0.03), ("False", 0.93), (None, 0.04))
OPERATION: Shares = (("False", 0.95), ("True", 0.02), (None, 0.03))

# Invented; slug and display name. The first two make the small scale.
FORCES: tuple[tuple[str, str], ...] = (
    ("northmere", "Northmere Constabulary"),
    ("ynysfawr", "Ynysfawr Police"),
    *(
        (place.lower().replace(" & ", "-and-"), f"{place} {kind}")
        for place, kind in (
            (place, "Constabulary" if turn % 3 == 0 else "Police")
            for turn, place in enumerate(
                _list(
                    "Alderwick,Ashenford,Bellwater,Brackenshire,Carrowdale,Crowsmere,Dawnshire,"
                    "Dunmarsh,Eastholme & Vale,Elverholm,Fenwater,Foxmarsh,Glasmoor,Greywold,"
                    "Harrowmarch,Hollinshire,Ilderby,Ironmere,Jasperwold,Kelderwater,Kingsfell,"
                    "Larkshire,Lowermarsh,Merrowdale,Nethercoast,Oakenmoor,Otterwold,Pellinvale,"
                    "Pinemarch,Quernshire,Ravenwold,Rookshire,Saltmere & Sound,Silvermarch,"
                    "Thistleshire,Tollermoor,Ulvershire,Vennshire,Wolderness,Yarrowshire,"
                    "Zelmouth"
                )
            )
        )
    ),
)
NATIONWIDE = ("rail-and-tram", "Rail and Tram Police")
COMMA_DISTRICT = "Harrowby, Ling and Marsh"  # a quoted name, in northmere only

STREET_FIRST = _list(
    "Acorn,Alder,Anvil,Apple,Ash,Badger,Barley,Beacon,Beech,Birch,Bramble,Bridge,Brook,Cedar,"
    "Chapel,Cherry,Church,Clover,Copper,Cricket,Dairy,Dove,Elder,Elm,Falcon,Fern,Field,Forge,"
    "Fox,Garden,Gate,Granary,Hazel,Heron,High,Hill,Holly,Iron,Ivy,Juniper,Kiln,Lark,Laurel,"
    "Lime,Maple,Market,Meadow,Mill,Mint,Moor,Nettle,Oak,Orchard,Otter,Park,Pear,Plum,Poplar,"
    "Quarry,Raven,River,Rook,Rose,Saddler,School,Silver,Spring,Station,Sycamore,Tanner,Thorn,"
    "Tower,Vine,Walnut,Water,Weaver,Well,Willow,Wren,Yew"
)
STREET_LAST = _list(
    "Avenue,Close,Court,Crescent,Drive,Gardens,Green,Grove,Hill,Lane,Place,Rise,Road,Row,Street,"
    "Terrace,Walk,Way"
)
WELSH_FIRST = _list("Bryn,Clos,Cwrt,Ffordd,Heol,Lôn,Maes,Rhodfa,Stryd,Tŷ")
WELSH_LAST = _list(
    "y Bont,y Môr,yr Ŵyn,Pen-y-Bryn,y Gŵr,Llŷn,Gwyrdd,y Felin,Tŷ Gwyn,yr Eglwys,y Dŵr,"
    "Glan-yr-Afon,y Castell,Cae Glas,y Rhâth"
)
PLACE_TYPES = _list(
    "Supermarket,Parking Area,Shopping Area,Nightclub,Petrol Station,Park/Open Space,"
    "Sports/Recreation Area,Further/Higher Educational Building,Hospital,Bus/Coach Station,"
    "Theatre/Concert Hall,Police Station,Conference/Exhibition Centre,Pedestrian Subway"
)
