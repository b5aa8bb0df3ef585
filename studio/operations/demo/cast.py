"""The people of Fernhill Heat, and what they film with."""

from studio.operations.demo.records import Person
from studio.people.roles import Role

PEOPLE = (
    Person("nora", "Nora", "Whitfield", Role.PRODUCER),
    Person("henrik", "Henrik", "Dahl", Role.SALES_MANAGER),
    Person("claire", "Claire", "Moreau", Role.FINANCE),
    Person("samuel", "Samuel", "Okafor", Role.LEADER),
    Person("tomasz", "Tomasz", "Wolny", Role.EXPERT, "bakeries, service at night"),
    Person("ingrid", "Ingrid", "Solheim", Role.EXPERT, "laundries, payback"),
    Person("daniel", "Daniel", "Reyes", Role.EXPERT, "breweries, high temperatures"),
    Person("maren", "Maren", "Albrecht", Role.EXPERT, "food production, installation"),
    Person("yusuf", "Yusuf", "Demir", Role.EXPERT, "grants, financing"),
    Person("elena", "Elena", "Petrova", Role.EXPERT, "dairies, hygiene"),
    Person("liam", "Liam", "Gallagher", Role.EXPERT, "noise, permits"),
    Person("aiko", "Aiko", "Tanabe", Role.EXPERT, "controls, monitoring"),
)

SALES = ("tomasz", "ingrid", "daniel", "maren", "yusuf", "elena", "liam", "aiko")

RESOURCES = (
    ("crew", "Lena Park, camera"),
    ("crew", "Oskar Lind, sound"),
    ("place", "Boiler house studio"),
    ("place", "Showroom, second floor"),
    ("gear", "Camera kit A"),
    ("gear", "Camera kit B"),
)
