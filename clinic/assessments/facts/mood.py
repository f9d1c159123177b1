"""Scales of mood: depression and anxiety over the last two weeks."""

from __future__ import annotations

from clinic.assessments.facts.instruments import (
    LOINC,
    Band,
    Choice,
    Code,
    Instrument,
    Item,
    Prompt,
)

PHQ_9_SOURCE = "PHQ-9, Kroenke, Spitzer & Williams 2001"
GAD_7_SOURCE = "GAD-7, Spitzer, Kroenke, Williams & Löwe 2006"

_HOW_OFTEN = tuple(
    Choice(score, label)
    for score, label in enumerate(
        ("not at all", "several days", "more than half the days", "nearly every day")
    )
)

PHQ_9 = Instrument(
    id="phq_9",
    version="2001",
    label="PHQ-9",
    purpose="Depression, last two weeks",
    items=tuple(
        Item(name, label, _HOW_OFTEN, loinc)
        for name, label, loinc in (
            ("interest", "Little interest or joy in things", "44250-9"),
            ("mood", "Low, sad or without hope", "44255-8"),
            ("sleep", "Poor sleep, or too much", "44259-0"),
            ("energy", "Tired, little energy", "44254-1"),
            ("appetite", "Little appetite, or eating too much", "44251-7"),
            ("worth", "Thinking badly of oneself", "44258-2"),
            ("attention", "Hard to keep one's mind on things", "44252-5"),
            ("movement", "Slowed down, or unable to keep still", "44253-3"),
            ("self_harm", "Thoughts of death or of hurting oneself", "44260-8"),
        )
    ),
    bands=(
        Band(0, "minimal", "ok"),
        Band(5, "mild", "info"),
        Band(10, "moderate", "attention"),
        Band(15, "moderately_severe", "attention"),
        Band(20, "severe", "stop"),
    ),
    prompts=(
        Prompt(
            "self_harm",
            above=0,
            code="phq_9_self_harm",
            message=(
                "Thoughts of death or self-harm: do not leave the patient alone, ask about plan,"
                " means and intent, and call the prescriber on duty before the patient leaves."
            ),
            source=f"{PHQ_9_SOURCE}, item 9; what to do is site policy",
        ),
    ),
    source=PHQ_9_SOURCE,
    code=Code(LOINC, "44261-6"),
)

GAD_7 = Instrument(
    id="gad_7",
    version="2006",
    label="GAD-7",
    purpose="Anxiety, last two weeks",
    items=tuple(
        Item(name, label, _HOW_OFTEN, loinc)
        for name, label, loinc in (
            ("nervous", "Nervous or on edge", "69725-0"),
            ("control", "Cannot stop worrying", "68509-9"),
            ("worry", "Worrying too much about many things", "69733-4"),
            ("relaxing", "Hard to relax", "69734-2"),
            ("restless", "Too restless to sit still", "69735-9"),
            ("irritable", "Easily annoyed", "69689-8"),
            ("afraid", "Afraid that something bad will happen", "69736-7"),
        )
    ),
    bands=(
        Band(0, "minimal", "ok"),
        Band(5, "mild", "info"),
        Band(10, "moderate", "attention"),
        Band(15, "severe", "stop"),
    ),
    source=GAD_7_SOURCE,
    code=Code(LOINC, "70274-6"),
)
