"""What is done in the made-up country about what people ask, and why something is not.

Public sentences by theme belong here; each fits any request of its theme in ``engagement_asked``.
"""

from __future__ import annotations

from typing import NamedTuple


class Done(NamedTuple):
    """One action that answers any request of its theme.

    Attributes:
        kind: Code of the action type.
        owner: Who leads: ``police``, ``council``, ``housing``, ``business`` or ``voluntary``.
        action: What is or was done.
        result: With what result.
        change: What changed for good; empty where nothing did.
    """

    kind: str
    owner: str
    action: str
    result: str
    change: str


DONE: dict[str, tuple[Done, ...]] = {
    "asb_general": (
        Done(
            "patrol",
            "police",
            "Evening patrols of the area were added to the team's roster for eight weeks.",
            "Calls about the place fell by half over the eight weeks.",
            "The place stays on the list of evening patrols.",
        ),
        Done(
            "problem_solving_plan",
            "police",
            "The team wrote a problem-solving plan with the council and the school.",
            "Letters went to families, and two acceptable behaviour contracts were signed.",
            "The plan is reviewed with residents every quarter.",
        ),
        Done(
            "environmental_change",
            "council",
            "The council moved the bench and put in better lights.",
            "Residents said at the next meeting that the gatherings had stopped.",
            "Lighting of the spot is now part of the council's yearly check.",
        ),
        Done(
            "enforcement",
            "police",
            "A dispersal power was used on two weekends, with notice to residents.",
            "No further reports came in the month after.",
            "",
        ),
    ),
    "road_safety_speeding": (
        Done(
            "enforcement",
            "police",
            "The roads policing team held six speed checks, at school times and in the evening.",
            "Most drivers kept to the limit; those who did not were fined or sent on a course.",
            "",
        ),
        Done(
            "environmental_change",
            "council",
            "The council repainted the markings and put up a sign that shows drivers their speed.",
            "The average speed fell from 34 to 27 miles an hour.",
            "The sign stays, and its readings are shown at each meeting.",
        ),
        Done(
            "prevention_advice",
            "voluntary",
            "Residents were trained and given the kit for a community speed watch.",
            "The group has run ten sessions; letters went to the owners of speeding cars.",
            "A speed watch group now runs without the police.",
        ),
        Done(
            "patrol",
            "police",
            "Officers stood outside at the start and end of school for two weeks.",
            "Drivers stopped parking on the markings while officers were there.",
            "The school now puts out its own cones and volunteers.",
        ),
    ),
    "drugs": (
        Done(
            "enforcement",
            "police",
            "A warrant was carried out after residents' reports.",
            "Drugs and cash were seized and people were charged.",
            "",
        ),
        Done(
            "patrol",
            "police",
            "Plain-clothes and uniformed patrols were sent at the times residents named.",
            "Open dealing was not seen in the last three weeks of the operation.",
            "The place is visited again each month.",
        ),
        Done(
            "partner_referral",
            "housing",
            "The landlord was told and fitted a door entry system.",
            "The stairwell is no longer open to people who do not live there.",
            "The landlord checks its other blocks for the same weakness.",
        ),
        Done(
            "information_provided",
            "police",
            "A leaflet on reporting without giving a name went to every door.",
            "More reports came in, and they were passed to those who act on them.",
            "",
        ),
    ),
    "vehicle_nuisance": (
        Done(
            "enforcement",
            "police",
            "Riders were warned, and bikes used again after a warning were seized.",
            "Three bikes were seized and crushed; reports have fallen since.",
            "",
        ),
        Done(
            "environmental_change",
            "council",
            "The council put barriers on the path that keep bikes out and let prams through.",
            "No bikes were seen on the grass at the last two walkabouts.",
            "The same barriers are planned for two other entrances.",
        ),
        Done(
            "policy_or_service_change",
            "council",
            "A public spaces order against car meets was put out to consultation and made.",
            "Car meets have stopped; two penalties were issued in the first month.",
            "The order runs for three years.",
        ),
    ),
    "shoplifting_retail": (
        Done(
            "problem_solving_plan",
            "police",
            "An officer was named for the shops and visits them every week.",
            "Staff know whom to call, and more thefts are reported with pictures.",
            "The officer's name and hours hang in every shop.",
        ),
        Done(
            "enforcement",
            "police",
            "Repeat offenders were put before the court together.",
            "Two people were given orders that keep them out of the shops.",
            "",
        ),
        Done(
            "policy_or_service_change",
            "business",
            "The traders and the council set up a shared radio scheme.",
            "All but two shops have joined it.",
            "The scheme pays for itself from the second year.",
        ),
    ),
    "visibility_patrol": (
        Done(
            "patrol",
            "police",
            "A weekly foot patrol was put into the roster and its times are put online.",
            "The patrol was walked in ten of twelve weeks.",
            "Patrol times are now posted every month.",
        ),
        Done(
            "policy_or_service_change",
            "police",
            "The monthly drop-in was started again with the library.",
            "People come to every session, some for the first time.",
            "The drop-in is planned for the whole year.",
        ),
        Done(
            "information_provided",
            "police",
            "The team now posts where it patrolled and what it found.",
            "Residents said that they hear more, though they would like to see more too.",
            "",
        ),
    ),
    "burglary": (
        Done(
            "prevention_advice",
            "police",
            "Officers visited every house in the row with locks, timers and advice.",
            "No further break-ins were reported in the three months after.",
            "",
        ),
        Done(
            "environmental_change",
            "housing",
            "The landlord mended the gate and cut back the hedges.",
            "The lane is locked again, and residents have keys.",
            "The gate is now checked twice a year.",
        ),
        Done(
            "prevention_advice",
            "voluntary",
            "A neighbourhood watch was set up with residents.",
            "Half of the houses have joined.",
            "The watch gets alerts within a day of a break-in.",
        ),
    ),
    "environment_lighting": (
        Done(
            "partner_referral",
            "council",
            "The faults were passed to the council with photographs.",
            "The council mended them within three weeks.",
            "Officers can now report such faults themselves.",
        ),
        Done(
            "environmental_change",
            "council",
            "Rubbish was cleared and a camera was put up.",
            "Nothing has been dumped there since; one person was fined.",
            "",
        ),
        Done(
            "environmental_change",
            "voluntary",
            "Volunteers, officers and the council cleaned up the place on a Saturday.",
            "Forty bags were filled and the fence was put back.",
            "The group meets every spring.",
        ),
    ),
    "vehicle_crime": (
        Done(
            "prevention_advice",
            "police",
            "A marking day was held for converters and tools.",
            "Most of the places were taken, and another day is planned.",
            "Marking days are now held twice a year.",
        ),
        Done(
            "patrol",
            "police",
            "Night patrols covered the streets named, with number plate readers.",
            "One vehicle linked to thefts was stopped; thefts fell in the following month.",
            "",
        ),
    ),
    "criminal_damage": (
        Done(
            "environmental_change",
            "council",
            "The damage was mended with material that does not burn, and a camera was put up.",
            "There has been no new damage since.",
            "The same material is used in all new playgrounds.",
        ),
        Done(
            "problem_solving_plan",
            "police",
            "Those responsible met the people harmed and helped to mend the damage.",
            "All of them kept to what was agreed.",
            "",
        ),
    ),
    "youth": (
        Done(
            "policy_or_service_change",
            "voluntary",
            "A youth club opens on Fridays, with an officer there once a month.",
            "Young people come every week and help to run it.",
            "The club is paid for until the end of next year.",
        ),
        Done(
            "policy_or_service_change",
            "police",
            "Officers were briefed by young people on how a stop feels.",
            "The briefing is now part of the training of new officers in the area.",
            "Young people take part in the scrutiny panel.",
        ),
    ),
    "noise": (
        Done(
            "partner_referral",
            "council",
            "The complaint was passed to the council's noise team.",
            "The council served a notice and the noise has stopped.",
            "",
        ),
    ),
    "communication_feedback": (
        Done(
            "information_provided",
            "police",
            "Meeting dates and answers are now on posters as well as online.",
            "People at the next meeting said that they had seen the posters.",
            "Every issue raised gets an answer before the next meeting.",
        ),
        Done(
            "policy_or_service_change",
            "police",
            "The team started to answer everyone who reports something, within three days.",
            "Nine in ten are answered in time.",
            "",
        ),
    ),
}

# passed to a partner: action, result, change
REFERRED = Done(
    "partner_referral",
    "council",
    "The request was passed to the council, which is responsible for it.",
    "The council answered within a month and put the work on its list.",
    "",
)
# kind of action -> what is said of it while it is under way
UNDERWAY: dict[str, tuple[str, ...]] = {
    "patrol": ("Patrols at the times named by residents have begun and run until the autumn.",),
    "problem_solving_plan": ("A plan is being written with the council and residents.",),
    "enforcement": ("Evidence is being gathered; more cannot be said yet.",),
    "prevention_advice": ("Visits with advice are being arranged street by street.",),
    "environmental_change": ("The work is agreed and waits for its turn with the contractor.",),
    "partner_referral": ("The partner has the request and has promised an answer.",),
    "policy_or_service_change": ("A proposal is being drawn up and will be shown to residents.",),
    "information_provided": ("A leaflet is being written with residents.",),
}

# code of the reason -> the reason in words
REASONS: dict[str, tuple[str, ...]] = {
    "not_police_matter": (
        "This is for the council to decide; residents were told whom to write to.",
        "The land is private; its owner was told what residents asked for.",
    ),
    "referred_elsewhere": ("Another service deals with this and was told; its answer is awaited.",),
    "insufficient_evidence": (
        "Officers went there at the times named and found nothing that could be acted on.",
        "The place was watched for two weeks, and nothing was seen that the law forbids.",
    ),
    "lower_threat_risk_harm": (
        "Other places had more harm in these months; this one is looked at again in autumn.",
    ),
    "resource_constraint": (
        "This cannot be kept up with the officers there are; a smaller step was offered.",
    ),
    "legal_constraint": ("The law gives officers no power to do this.",),
    "already_addressed": ("This was dealt with before the meeting, and residents were told.",),
    "other": (
        "The event that caused it took place once and is not planned again by its organiser.",
        "Residents voted at the meeting to put two other requests first.",
    ),
}
