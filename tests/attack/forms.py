"""Reads the forms of a page as a browser would send them unchanged."""

from html.parser import HTMLParser

SILENT = {"submit", "button", "image", "reset", "file"}


class Forms(HTMLParser):
    """Collects, for each form of a page, the values of its fields by name."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.select = self.area = ""
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and name:
            kind = given.get("type", "text").lower()
            chosen = kind not in {"checkbox", "radio"} or "checked" in given
            if kind not in SILENT and chosen:
                self.put(name, given.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "select":
            self.select, self.first = name, None
        elif tag == "option" and self.select:
            value = given.get("value", "")
            self.first = value if self.first is None else self.first
            if "selected" in given:
                self.put(self.select, value)
        elif tag == "textarea" and name:
            self.area = name
            self.put(name, "")

    def handle_data(self, data: str) -> None:
        if self.area and self.forms:
            self.forms[-1][self.area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select:
            if self.forms and self.select not in self.forms[-1] and self.first is not None:
                self.put(self.select, self.first)
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def put(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1].setdefault(name, []).append(value)


def fields_with(page: str, names: set[str]) -> dict[str, list[str]]:
    """The fields of the first form that has most of these names; Django's token is left out."""
    parser = Forms()
    parser.feed(page)
    best = max(parser.forms, key=lambda form: len(names & form.keys()), default={})
    return {name: values for name, values in best.items() if name != "csrfmiddlewaretoken"}
