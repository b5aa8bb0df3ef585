"""What is shown and said in the demo's footage. Keys are those of the videos in `catalogue`."""

from studio.operations.demo.drawing import Bars, Clip, Curve, Dial, Loop, Scene

BRAND = "Fernhill Heat"

CLIPS: dict[str, Clip] = {
    "night": Clip(
        "Tomasz Wolny",
        "Service and sales, bakeries",
        BRAND,
        (
            Scene(
                4.0,
                "When it stops at night",
                "Your ovens keep running.",
                "If the heat pump stops at three in the morning, your ovens keep running.",
                Loop(("Alarm", "Remote fix", "Backup", "Engineer")),
            ),
            Scene(
                4.0,
                "How fast we answer",
                "Eleven minutes, not tomorrow.",
                "We see the alarm before you do, and answer in eleven minutes on average.",
                Dial(0.18, 11, "minutes", "to the first answer, all of last year"),
            ),
        ),
    ),
    "payback": Clip(
        "Ingrid Solheim",
        "Sales, laundries and textile care",
        BRAND,
        (
            Scene(
                4.0,
                "Does it pay?",
                "Gas or heat pump: the same wash, two bills.",
                "The same wash line, two bills. This is a kilogram of linen on gas and on a pump.",
                Bars(("Gas boiler", "Heat pump"), (14, 8), "ct/kg"),
            ),
            Scene(
                4.5,
                "When it has paid",
                "Three and a half years for a mid-sized laundry.",
                "With ten tonnes a day, the difference has paid for the plant after "
                "three and a half years.",
                Curve((0.05, 0.16, 0.3, 0.44, 0.6, 0.76, 0.92), "Year 0", "Year 5", "Saved so far"),
            ),
            Scene(
                3.5,
                "What can change it",
                "Three numbers decide. Bring yours.",
                "Three numbers decide: your hours, your power price, your wash temperature. "
                "Bring yours to the first call.",
                Loop(("Hours", "Power price", "Temperature")),
            ),
        ),
    ),
    "hot": Clip(
        "Daniel Reyes",
        "Sales, breweries and dairies",
        BRAND,
        (
            Scene(
                4.0,
                "Is it hot enough?",
                "Ninety-five degrees, all winter.",
                "Yes, it is hot enough: ninety-five degrees at the outlet, all winter.",
                Dial(0.79, 95, "°C", "at the outlet, in a hard winter"),
            ),
            Scene(
                5.0,
                "How it gets there",
                "Two stages share the climb.",
                "Two stages share the climb. The first lifts your waste heat to sixty degrees, "
                "the second does the rest.",
                Bars(("Waste heat", "Stage one", "Stage two"), (28, 60, 95), "°C"),
            ),
            Scene(
                5.0,
                "What it draws",
                "A third of the energy you pay for today.",
                "For three units of heat you pay for one unit of power.",
                Loop(("Waste heat", "Power", "Brew kettle", "Return")),
            ),
        ),
    ),
    "install": Clip(
        "Maren Albrecht",
        "Sales, food production",
        BRAND,
        (
            Scene(
                5.0,
                "How long will we stand still?",
                "One weekend. We rehearse it with you.",
                "You stand still for one weekend, and we rehearse it with you before.",
                Bars(("Prepare", "Switch", "Settle"), (21, 2, 10), "days"),
            ),
            Scene(
                5.0,
                "Friday to Monday",
                "Hot water is back on Sunday at noon.",
                "We start on Friday after your last batch. Hot water is back on Sunday at noon.",
                Curve(
                    (1.0, 0.1, 0.08, 0.1, 0.55, 0.9, 1.0), "Friday", "Monday", "Heat on your line"
                ),
            ),
            Scene(
                4.0,
                "What you do",
                "One contact, one key, one coffee.",
                "You give us one contact and one key. We bring the rest.",
                Dial(1.0, 1, "weekend", "of standstill, agreed in the contract"),
            ),
        ),
    ),
}
