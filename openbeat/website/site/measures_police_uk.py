"""The measures from police.uk: what each is, where it stands, where it breaks, what it is not.

Only what is said of them belongs here. Dates are those of police.uk's own history as read in autumn
2026: its changelog, its archives (``data.police.uk/data/archive``) and its about page. What a
release lacks is not written here but shown by its ``coverage``.
"""

from __future__ import annotations

from typing import Final

from openbeat.website.language import N_
from openbeat.website.site.measure import Break, Measure

_MAP_POINTS: Final = Break(
    "2022-07",
    N_("police.uk renewed its list of map points, so a crime near a border may lie on its other"
       " side since then."),
)  # fmt: skip
_MANCHESTER: Final = Break(
    "2019-07",
    N_("Greater Manchester Police has supplied no crime since then. Crimes there that other forces"
       " reported are still counted, so its figures are not 0 but not known."),
)  # fmt: skip
_GAPS: Final = (
    Break("2016-02", N_("British Transport Police supplied nothing until December 2016.")),
    _MANCHESTER,
    Break("2022-06", N_("City of London Police supplied nothing for this month.")),
    _MAP_POINTS,
    Break("2022-11", N_("Devon & Cornwall Police supplied nothing for this month and the next.")),
    Break("2025-02", N_("British Transport Police supplied nothing until December 2025 at least.")),
    Break("2025-09", N_("Gwent Police supplied nothing until December 2025 at least.")),
)
_TYPES: Final = (
    Break("2011-09", N_("Five crime types were added: “Other crime” and “Other theft” changed.")),
    Break(
        "2013-05",
        N_("police.uk went from 11 to 14 types: “Public disorder and weapons” was split, bicycle"
           " theft and theft from the person were taken out of “Other theft”."),
    ),
)  # fmt: skip
_POINTS: Final = N_(
    "Places are approximate map points, so a crime near a border can be counted on its other side."
)
_NOT_RECORDED: Final = N_(
    "These are crimes published on police.uk. Fraud and some other offences are left out, and"
    " figures differ from official statistics. Crimes that nobody reported are not in them."
)
_LATER: Final = N_(
    "Figures of past months can change: each month police.uk gives out the last 36 again."
)
_RESIDENTS: Final = N_(
    "For residents, and for anybody who asks how a place compares with its past."
)
POLICE_UK: Final = (
    Measure(
        id="crimes",
        title=N_("Crimes published on police.uk"),
        definition=N_("Crimes on police.uk that lie in the neighbourhood, whichever force reported"
                      " them, without anti-social behaviour."),
        unit=N_("crimes a month"),
        table="crime_summary",
        column="crime_total",
        how=N_("Each map point is located among the boundaries of its month; every row of a force's"
               " street file counts once. A row counts as a repeat only where it has a Crime ID and"
               " equals an earlier row in every field."),
        who=_RESIDENTS,
        period="month",
        shown="sum",
        police_uk=True,
        breaks=_GAPS,
        caveats=(_NOT_RECORDED, _POINTS, _LATER),
    ),
    Measure(
        id="antisocial-behaviour",
        title=N_("Anti-social behaviour"),
        definition=N_("Incidents of anti-social behaviour on police.uk that lie in the"
                      " neighbourhood."),
        unit=N_("incidents a month"),
        table="crime_summary",
        column="antisocial_behaviour",
        how=N_("As crimes are, but every row counts: incidents have no ID by which repeats could be"
               " told. They are in no total of crimes."),
        who=_RESIDENTS,
        period="month",
        shown="sum",
        police_uk=True,
        breaks=_GAPS,
        caveats=(
            N_("It is not crime, and is never added to it. Some forces are known to give certain"
               " incidents twice."),
            N_("British Transport Police gives none."),
            _POINTS,
        ),
    ),
    Measure(
        id="crimes-by-type",
        title=N_("Crimes by type"),
        definition=N_("Crimes on police.uk that lie in the neighbourhood, by the types of"
                      " police.uk."),
        unit=N_("crimes a month"),
        table="crime",
        column="count",
        category="crime_type",
        how=N_("As crimes are. A type that nobody reported is 0 only where the neighbourhood's own"
               " force supplied the month whole. A label that no list knows is kept as"
               " Unrecognised."),
        who=N_("For residents, reporters and neighbourhood teams."),
        period="month",
        shown="categories",
        police_uk=True,
        breaks=(*_TYPES, *_GAPS),
        caveats=(
            N_("“Violence and sexual offences” cannot be split; hate crime, domestic abuse and "
               " fraud have no type of their own."),
            _NOT_RECORDED,
            _POINTS,
        ),
    ),
    Measure(
        id="rate",
        title=N_("Crimes for every 1,000 residents"),
        definition=N_("Crimes published on police.uk over 12 months for every 1,000 people who live"
                      " in the neighbourhood."),
        unit=N_("crimes a year per 1,000 residents"),
        table="crime_summary",
        column="rate_12m_per_1000",
        datatype="number",
        how=N_("The 12 months up to the newest, all of them supplied whole, divided by the"
               " residents of small areas whose centre lies in the neighbourhood. Its 95 %"
               " interval is exact (Poisson, Garwood 1936). There is none where fewer than 500"
               " people live."),
        who=N_("For comparing a place with itself and with places like it. It is no ranking."),
        period="month",
        shown="spread",
        police_uk=True,
        breaks=_GAPS,
        caveats=(
            N_("It counts residents. Where many people come to shop, work or go out, it says"
               " little: they are in the crimes, not in the residents."),
            N_("Populations are estimates for a year, which the data names."),
            _NOT_RECORDED,
        ),
    ),
    Measure(
        id="outcomes",
        title=N_("Outcomes of crimes"),
        definition=N_("Outcomes recorded in the month, of crimes of that or earlier months, by"
                      " group."),
        unit=N_("outcomes a month"),
        table="outcomes",
        column="count",
        category="outcome_group",
        how=N_("Every row of the forces' outcomes files, located as crimes are, in seven groups."),
        who=N_("For residents and victims who ask what comes of crimes, and for scrutiny panels."),
        period="month",
        shown="categories",
        police_uk=True,
        breaks=(
            Break("2012-01", N_("The first month with outcomes.")),
            Break("2019-06", N_("Results of courts have not been published since then.")),
            _MANCHESTER,
            Break("2022-11", N_("Outcomes of Devon & Cornwall Police are unreliable since then.")),
        ),
        caveats=(
            N_("Outcomes of a month are not those of the month's crimes: many come much later, so"
               " one must not be divided by the other."),
            N_("British Transport Police and the Police Service of Northern Ireland give none."),
        ),
    ),
    Measure(
        id="stop-and-search",
        title=N_("Stop and search"),
        definition=N_("Searches of people and vehicles on police.uk that lie in the"
                      " neighbourhood."),
        unit=N_("searches a month"),
        table="stops",
        column="count",
        how=N_("Every row of the forces' stop and search files, by the month of the file."),
        who=N_("For residents and community scrutiny panels."),
        period="month",
        shown="sum",
        police_uk=True,
        breaks=(
            Break("2014-12", N_("Most forces supply since then; the first did in April 2014.")),
            _MANCHESTER,
            Break("2025-12", N_("Dyfed-Powys Police supplied none until July 2026 at least.")),
        ),
        caveats=(
            N_("About one search in 20 has no place and is in no neighbourhood."),
            N_("The newest month is often short: several forces supply late."),
            N_("It says nothing of ethnicity: in one neighbourhood so few are searched that a"
               " number could point at a person."),
        ),
    ),
    Measure(
        id="coverage",
        title=N_("What forces supplied"),
        definition=N_("What came of a force's files of a month: supplied whole, partial, empty,"
                      " unreadable, missing, or not expected."),
        unit=N_("status of a file"),
        table="coverage",
        column="coverage",
        category="dataset",
        datatype="string",
        how=N_("A month is held to be partial where it has under half of the median of the 12"
               " months before (6 of them at least). Every row of a file is counted, in"
               " quarantine, or a repeat; all are published."),
        who=N_("For everybody who uses a figure: a month that was not supplied is not 0."),
        period="month",
        shown="coverage",
        police_uk=True,
        breaks=_GAPS,
        caveats=(N_("That a file is there does not mean that it is complete."),),
    ),
)  # fmt: skip
