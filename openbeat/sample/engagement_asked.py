"""What people of the made-up country ask for, in public words and in their own.

Sentences by theme belong here, with gaps such as ``{street}`` for the names of a place; what is
done about it is in ``engagement_done``, the names in ``engagement_words``.
"""

from __future__ import annotations

# theme -> how often it is raised
SHARES: dict[str, float] = {
    "asb_general": 0.16,
    "road_safety_speeding": 0.14,
    "drugs": 0.1,
    "vehicle_nuisance": 0.09,
    "shoplifting_retail": 0.08,
    "visibility_patrol": 0.08,
    "burglary": 0.06,
    "environment_lighting": 0.06,
    "vehicle_crime": 0.05,
    "criminal_damage": 0.05,
    "youth": 0.05,
    "noise": 0.04,
    "communication_feedback": 0.04,
}

ASKED: dict[str, tuple[str, ...]] = {
    "asb_general": (
        "Stop groups gathering and shouting outside {shop} late in the evening.",
        "Residents of {street} asked for action on eggs and stones thrown at windows.",
        "People no longer use {park} after dark because of rowdy groups and broken glass.",
        "Do something about fires lit in the bins at {park}.",
        "Fireworks are being set off in {street} outside the season; please stop it.",
        "The shelter in {street} is taken over every weekend and passers-by are sworn at.",
        "Older residents near {hall} do not feel safe walking home past the gatherings.",
        "Doors in {street} are knocked on at night for fun; please find out who does it.",
        "The back lane between {street} and {other} is used as a toilet and a meeting place.",
        "Stop the climbing on the roof of {school} in the holidays.",
    ),
    "road_safety_speeding": (
        "Cars speed down {street} when children walk to {school}; please check speeds.",
        "Put a speed sign on {street}, where the limit drops to 20 and nobody slows down.",
        "Parents asked for safe crossing at the corner of {street} and {other}.",
        "Lorries use {street} as a short cut in spite of the weight limit.",
        "Parking on the bend of {street} hides walkers from drivers.",
        "Motorbikes race between {street} and {other} on Sunday evenings.",
        "Cars stop on the zig-zags outside {school} every morning; please enforce the rule.",
        "Residents offered to run a speed watch in {street} and asked for training.",
        "Drivers use their phones in the queue at {street}; please have officers there.",
        "Repaint the worn markings at {street} so that drivers know where to give way.",
    ),
    "drugs": (
        "Drugs are dealt openly at the entrance of {park}; please act on what we report.",
        "There is a constant smell of cannabis in the stairwell off {street}.",
        "Cars stop for a minute at a time in {street} all night; residents think it is dealing.",
        "Needles were found by the swings in {park}; please clear them and patrol.",
        "People asked how to report drug dealing without giving their name.",
        "An empty building in {street} is used for taking drugs.",
        "Small silver canisters lie all over the car park by {shop}.",
        "Parents at {school} asked for a talk about county lines and what to look out for.",
        "Dealers ride e-scooters through {street} and nobody seems to stop them.",
    ),
    "vehicle_nuisance": (
        "Off-road bikes tear up the grass at {park} and frighten walkers.",
        "Cars meet in the car park behind {shop} and rev their engines past midnight.",
        "Quad bikes are ridden on the pavement of {street}.",
        "An abandoned van has stood in {street} for weeks with its windows smashed.",
        "E-scooters are ridden at speed through the precinct by {shop}.",
        "Loud exhausts go up and down {street} every Friday night.",
        "Mini motorbikes cross {park} while children play football.",
        "Cars are repaired and left on bricks along {street}.",
    ),
    "shoplifting_retail": (
        "Staff at {shop} are threatened by the same people every week.",
        "Shops in {street} asked for a quicker answer when a thief is held.",
        "{shop} loses meat and baby milk daily and has stopped reporting it.",
        "Traders asked for a radio link between the shops of {street}.",
        "Begging that turns aggressive outside {shop} keeps customers away.",
        "The pharmacy in {street} has been robbed twice; please advise on security.",
        "Shopkeepers asked who their officer is and how to reach them.",
        "Stolen goods are offered for sale at the market near {street}.",
    ),
    "visibility_patrol": (
        "We never see an officer on foot in {street}; please patrol at school times.",
        "Residents of {area} asked for regular patrols when the pubs close.",
        "Please walk through {park} on summer evenings, not just drive past.",
        "Tell us when patrols happen, so that people know someone was there.",
        "The outlying houses beyond {street} feel forgotten; please visit them too.",
        "Traders asked for a police presence in {street} before Christmas.",
        "Cyclists asked for officers on bikes along the path to {other}.",
        "Bring back the drop-in at {hall}, so that people can talk to an officer they know.",
    ),
    "burglary": (
        "Sheds behind {street} have been broken into; please advise and patrol.",
        "Residents of {street} asked for help to start a neighbourhood watch.",
        "Bogus callers offer roof work in {street}; please warn older people.",
        "The alley gate between {street} and {other} no longer locks.",
        "Garages off {street} are forced open and tools are taken.",
        "Please tell neighbours when there has been a break-in, so that they can look out.",
        "Students in {street} asked for locks and timer switches before the holidays.",
        "Church lead and copper was stolen; the hall next to {park} may be next.",
    ),
    "environment_lighting": (
        "The lamps along the path from {street} to {park} have been out since the clocks changed.",
        "Cut back the hedges in {street}, which make a dark corner by the bus stop.",
        "Fly-tipped mattresses lie at the end of {street}.",
        "The underpass by {shop} floods and its lights are broken.",
        "Overflowing bins behind {shop} draw rats and people who light fires.",
        "Please put a camera where rubbish is dumped in {other}.",
        "The fence round the old works in {street} is down and children get in.",
        "Graffiti on {hall} should be removed faster.",
    ),
    "vehicle_crime": (
        "Catalytic converters were cut from cars parked in {street}.",
        "Vans of tradespeople are emptied at night in {street}.",
        "Number plates are stolen in the car park by {shop}.",
        "Wing mirrors along {street} were smashed twice in a month.",
        "Keyless cars are taken from drives in {street}; how can we protect them?",
        "Please put up warning signs at the walkers' car park near {park}.",
        "Bicycles and tools vanish from vehicles outside {hall} during events.",
        "Could the team mark converters and tools at a local event?",
    ),
    "criminal_damage": (
        "The new play equipment at {park} was set on fire; please find a way to protect it.",
        "Windows of {hall} have been broken three times this year.",
        "Bus shelters in {street} are smashed as soon as they are mended.",
        "Young trees along {street} were snapped.",
        "Graffiti tags cover the shutters of {shop} and the houses beside it.",
        "Car tyres in {street} were let down and slashed.",
        "Garden walls in {other} are kicked over at weekends.",
        "The allotments by {park} are wrecked every spring.",
    ),
    "youth": (
        "There is nothing for teenagers to do in {area}; please open {hall} in the evening.",
        "Young people asked not to be moved on from {park} when they do nothing wrong.",
        "Pupils of {school} asked for someone to talk to about knives.",
        "Parents asked for a football session on Friday nights at {park}.",
        "Young people said that officers should explain why they stop somebody.",
        "Pupils feel unsafe on the bus from {school} to {street}.",
        "The skate park needs a light, so that it can be used in winter.",
        "Please tell young people about the cadets; nobody knows how to join.",
    ),
    "noise": (
        "Music from {hall} goes on past the hours of its licence.",
        "Barking dogs behind {street} keep a whole row awake.",
        "Deliveries to {shop} start at four in the morning.",
        "Parties in the short-let flats of {street} last until dawn.",
    ),
    "communication_feedback": (
        "We report things and never hear what became of them.",
        "Please put meeting dates up at {shop}; not everybody is online.",
        "Explain in plain words how to report something that is not an emergency.",
        "Publish what was decided at the meeting at {hall}, also in large print.",
    ),
}

# theme -> what a message says, in the sender's own words
SAID: dict[str, tuple[str, ...]] = {
    "asb_general": (
        "there were kids outside {shop} again last night, shouting at anyone who went in",
        "I can't let my two play at {park} any more with all that glass about",
        "someone keeps banging on doors in {street}, my mum is scared stiff",
    ),
    "road_safety_speeding": (
        "they come down {street} at fifty and nobody stops them",
        "nearly got hit crossing by {school} this morning",
        "the van that parks on the corner of {street} and {other} blocks the whole view",
    ),
    "drugs": (
        "you can smell weed all the way down {street}",
        "same grey car outside {park} every evening, people go up to the window",
        "found little bags by the benches at {park}",
    ),
    "vehicle_nuisance": (
        "the off-road bikes are back on {park}, no helmets, no plates",
        "boy racers behind {shop} till one in the morning",
    ),
    "shoplifting_retail": (
        "my staff at {shop} were spat at by someone we had already barred",
        "we rang when we held a man at {shop} and nobody came",
    ),
    "visibility_patrol": (
        "have lived on {street} nine years and not once seen a bobby on foot",
        "good to see the team out by {hall} on Saturday, more of that please",
    ),
    "burglary": (
        "our shed off {street} was done again and the bikes are gone",
        "a man selling roof repairs is going round {street}, did not feel right",
    ),
    "environment_lighting": (
        "the path by {park} is pitch black since the lamps went",
        "somebody dumped a sofa at the end of {other}",
    ),
    "vehicle_crime": (
        "they took the converter off my car outside {hall}",
        "three vans broken into on {street} in one night",
    ),
    "criminal_damage": (
        "the bus shelter on {street} is smashed again",
        "somebody sprayed all over the shutter at {shop}",
    ),
    "youth": (
        "my lad says there is nothing on in {area} of an evening",
        "us lot at {park} get moved on for just sitting there",
    ),
    "noise": (
        "the music from {hall} went on till two",
        "the dogs behind {street} never stop",
    ),
    "communication_feedback": (
        "I reported the lamp in {street} online weeks ago and have heard nothing back",
        "the letter you sent about {hall} was clear, thank you",
    ),
}
