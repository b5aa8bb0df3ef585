/**
 * Adds up the table of a fiscal year while it is filled in.
 *
 * <form data-controller="budgets-year" data-action="input->budgets-year#add"
 *       data-budgets-year-digits-value="2">
 *   … <input name="amount-ROW-PART"> … <output data-budgets-year-target="row | column | total">
 *
 * The server reads the amounts by its own rules; here, what is no plain number adds nothing.
 */
const AMOUNT = /^amount-(\d+)-(\d+)$/;
const PLAIN = /^(\d+|\d{1,3}(,\d{3})+)(\.(\d+))?$/;

class BudgetsYearController extends window.StimulusModule.Controller {
  static targets = ["row", "column", "total"];
  static values = { digits: Number };

  connect() {
    this.add();
  }

  add() {
    const rows = new Map(),
      columns = new Map();
    let total = 0n;
    for (const input of this.element.elements) {
      const place = AMOUNT.exec(input.name ?? "");
      if (!place) continue;
      const minor = this.minor(input.value.trim());
      const [row, column] = [Number(place[1]), Number(place[2])];
      rows.set(row, (rows.get(row) ?? 0n) + minor);
      columns.set(column, (columns.get(column) ?? 0n) + minor);
      total += minor;
    }
    this.rowTargets.forEach((output, row) => this.show(output, rows.get(row) ?? 0n));
    this.columnTargets.forEach((output, column) => this.show(output, columns.get(column) ?? 0n));
    this.totalTargets.forEach((output) => this.show(output, total));
  }

  /** An amount in minor units; 0 for what is empty or no plain number. */
  minor(text) {
    const read = PLAIN.exec(text);
    if (!read) return 0n;
    const decimals = (read[4] ?? "").slice(0, this.digitsValue).padEnd(this.digitsValue, "0");
    return BigInt(read[1].replaceAll(",", "") + decimals);
  }

  show(output, minor) {
    const digits = this.digitsValue;
    const text = minor.toString().padStart(digits + 1, "0");
    const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
    const shown = digits ? `${whole}.${text.slice(-digits)}` : whole;
    output.textContent = minor ? shown : "–";
  }
}

window.wagtail.app.register("budgets-year", BudgetsYearController);
