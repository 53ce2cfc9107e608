"""police.uk's own formats: archives, members, street, outcomes, stops, coverage."""
