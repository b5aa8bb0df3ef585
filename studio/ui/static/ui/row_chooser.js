/**
 * Starts Wagtail's chooser around a field, also in parts of a page that came later.
 *
 * <div data-controller="row-chooser" data-row-chooser-field-value="id_contact"
 *      data-row-chooser-url-value="/admin/…/">…</div>
 */
class RowChooserController extends window.StimulusModule.Controller {
  static values = { field: String, url: String };

  connect() {
    if (this.chooser) return; // moved in the page, with its handlers
    this.chooser = new window.Chooser(this.fieldValue, { modalUrl: this.urlValue });
  }
}

window.wagtail.app.register("row-chooser", RowChooserController);
