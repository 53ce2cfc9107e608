"""The measures from the logs of forces: what each is, how it is counted, what it is not.

Only what is said of them belongs here.
"""

from __future__ import annotations

from typing import Final

from openbeat.website.language import N_
from openbeat.website.site.measure import Measure

_LOGS: Final = N_(
    "It is known only of forces that deliver a log of this kind; a force without one has no value,"
    " not 0."
)
_OURS: Final = N_("It says what is written down and published, not how good it was.")
_ATTENDANCE: Final = N_("An attendance is not a person: who comes twice is counted twice.")
_KEPT: Final = N_(
    "Where so few people are counted that they could be recognised, or that others could be worked"
    " out, the number is kept back (status c). Others are kept back with it, so c says nothing of"
    " how small a number is."
)
_QUARTERLY: Final = N_(
    "A quarter is published when it is complete, and stays as it is until the yearly revision."
)
_PCC: Final = N_(
    "For police and crime commissioners, who hold chief constables to account for engagement, and"
    " for residents who ask what came of a meeting."
)

LOGS: Final = (
    Measure(
        id="months-with-an-event",
        title=N_("Months with an event"),
        definition=N_("Months of the last 12 with at least one published event held in the"
                      " neighbourhood."),
        unit=N_("months of 12"),
        table="neighbourhood_profile",
        column="months_with_event_12m",
        how=N_("The 12 calendar months that end with the month up to which engagement is covered."),
        who=_PCC,
        period="as_of",
        shown="spread",
        caveats=(_LOGS, _OURS),
    ),
    Measure(
        id="meetings",
        title=N_("Meetings held"),
        definition=N_("Published meetings held in the neighbourhood in the last 12 months."),
        unit=N_("meetings in 12 months"),
        table="neighbourhood_profile",
        column="meetings_12m",
        how=N_("Events that say they are meetings with the public. An event and its possible"
               " duplicate count once. The law asks for regular meetings in each neighbourhood"
               " (Police Reform and Social Responsibility Act 2011, section 34)."),
        who=_PCC,
        period="as_of",
        shown="sum",
        caveats=(_LOGS, _OURS),
    ),
    Measure(
        id="notice-of-events",
        title=N_("Notice of events"),
        definition=N_("Days between an event's first announcement and the event, the middle one of"
                      " the last 12 months."),
        unit=N_("days"),
        table="neighbourhood_profile",
        column="notice_days_median",
        datatype="number",
        how=N_("The median over published events, held or planned, that say when they were"
               " announced."),
        who=_PCC,
        period="as_of",
        shown="spread",
        caveats=(_LOGS, N_("Events that do not say when they were announced are left out.")),
    ),
    Measure(
        id="issues-answered",
        title=N_("Issues closed with an answer"),
        definition=N_("Of issues raised at least 90 days ago, the share that was closed with an"
                      " action and its result, passed on, or given a reason why nothing was done."),
        unit=N_("share of issues"),
        table="neighbourhood_profile",
        column="closure_rate",
        datatype="number",
        share=True,
        how=N_("issues_closed divided by issues_due, both published beside it. An issue that is"
               " said to be closed counts only where the public can read the answer. A reason for"
               " not acting is an answer."),
        who=_PCC,
        period="as_of",
        shown="spread",
        caveats=(_LOGS, N_("Few issues make a share that swings: look at issues_due.")),
    ),
    Measure(
        id="days-to-feedback",
        title=N_("Days to feedback"),
        definition=N_("Days from an issue being raised to people being told what came of it, the"
                      " middle one of the last 12 months."),
        unit=N_("days"),
        table="neighbourhood_profile",
        column="median_days_to_feedback",
        datatype="number",
        how=N_("The median over published issues, without duplicates, on which people were told in"
               " these months."),
        who=_PCC,
        period="as_of",
        shown="spread",
        caveats=(_LOGS, N_("Issues on which nobody has been told yet are not in it.")),
    ),
    Measure(
        id="actions-overdue",
        title=N_("Actions overdue"),
        definition=N_("Actions on published issues that were due and are not completed."),
        unit=N_("actions"),
        table="neighbourhood_profile",
        column="actions_overdue",
        how=N_("Actions whose date has passed on the day up to which engagement is covered."),
        who=_PCC,
        period="as_of",
        shown="sum",
        caveats=(_LOGS, N_("An action without a date is never overdue.")),
    ),
    Measure(
        id="priorities-current",
        title=N_("Priorities up to date"),
        definition=N_("Whether a published priority of the neighbourhood was set or acted on in the"
                      " last 3 months."),
        unit=N_("yes, no, or not_known"),
        table="neighbourhood_profile",
        column="priorities_current",
        datatype="string",
        how=N_("The later of the days of the issue and of the action, as the Neighbourhood Policing"
               " Guarantee of 2025 counts it."),
        who=_PCC,
        period="as_of",
        shown="yes",
        caveats=(_LOGS,),
    ),
    Measure(
        id="attendances",
        title=N_("Attendances at events"),
        definition=N_("Attendances at published events held in the neighbourhood in the quarter."),
        unit=N_("attendances a quarter"),
        table="engagement_reach",
        column="attendances",
        how=N_("What is logged for each event, added up. Possible duplicates count once."),
        who=_PCC,
        period="quarter",
        shown="force",
        caveats=(_ATTENDANCE, _KEPT, _QUARTERLY, _LOGS),
    ),
    Measure(
        id="forms",
        title=N_("Monitoring forms returned"),
        definition=N_("Forms that people filled in at events, which say who came."),
        unit=N_("forms a quarter"),
        table="engagement_reach",
        column="forms",
        how=N_("What is logged for each event, added up. The groups of each characteristic are in"
               " the same table."),
        who=N_("For those who ask who was heard and who was not, and for the equality duty."),
        period="quarter",
        shown="force",
        caveats=(
            N_("A form is not a person, and nobody has to fill one in: shares say who filled in"
               " forms, not who came."),
            _KEPT,
            _QUARTERLY,
            _LOGS,
        ),
    ),
    Measure(
        id="answered-within-72-hours",
        title=N_("Queries answered within 72 hours"),
        definition=N_("Of queries received in the quarter, the share that had a meaningful reply"
                      " within 72 hours."),
        unit=N_("share of queries"),
        table="feedback_summary",
        column="answered_72h_share",
        datatype="number",
        share=True,
        how=N_("answered_72h divided by received, where both are published; elapsed time on the"
               " clock, weekends too. 72 hours is the promise of the Neighbourhood Policing"
               " Guarantee of 2025."),
        who=_PCC,
        period="quarter",
        shown="force",
        caveats=(
            N_("A message is not a person. Automatic replies do not count."),
            _KEPT,
            _QUARTERLY,
            _LOGS,
        ),
    ),
)  # fmt: skip
