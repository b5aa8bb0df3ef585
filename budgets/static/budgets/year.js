/**
 * Shows the totals of a fiscal year's table while it is filled in.
 *
 * <form data-controller="budgets-year" data-action="input->budgets-year#add"
 *       data-budgets-year-digits-value="2" data-budgets-year-point-value="."
 *       data-budgets-year-group-value=",">
 *   … <input name="amount-ROW-PART"> … <output data-budgets-year-target="row | column | total">
 *
 * The values are the decimals of the currency, and how the user's language writes numbers. The server
 * validates the amounts; here, whatever is not a plain number counts as zero.
 */
const AMOUNT = /^amount-(\d+)-(\d+)$/;

class BudgetsYearController extends window.StimulusModule.Controller {
  static targets = ["row", "column", "total"];
  static values = { digits: Number, point: String, group: String };

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

  /** An amount in minor units; 0 if it is empty or not a plain number. */
  minor(text) {
    const [whole, decimals = "", ...rest] = text.split(this.pointValue);
    const groups = whole.split(this.groupValue);
    const isGrouped =
      groups.slice(1).every((group) => /^\d{3}$/.test(group)) && groups[0].length < 4;
    const isPlain = /^\d+$/.test(groups.join("")) && /^\d*$/.test(decimals) && !rest.length;
    if (!isPlain || (groups.length > 1 && !isGrouped)) return 0n;
    const digits = decimals.slice(0, this.digitsValue).padEnd(this.digitsValue, "0");
    return BigInt(groups.join("") + digits);
  }

  show(output, minor) {
    const digits = this.digitsValue;
    const text = minor.toString().padStart(digits + 1, "0");
    const whole = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, this.groupValue);
    const shown = digits ? `${whole}${this.pointValue}${text.slice(-digits)}` : whole;
    output.textContent = minor ? shown : "–";
  }
}

window.wagtail.app.register("budgets-year", BudgetsYearController);
