/**
 * Puts the studio's name, which the link to the home page shows, into what the link is called:
 * Wagtail calls it “Dashboard” alone, and who speaks to their browser says what they see.
 *
 * <a aria-label="Dashboard"><span data-controller="ui-brand" title="Closing Shot">…</span></a>
 */
class BrandController extends window.StimulusModule.Controller {
  connect() {
    const link = this.element.closest("a[aria-label]");
    const name = this.element.title;
    if (link && !link.ariaLabel.includes(name)) link.ariaLabel = `${name}: ${link.ariaLabel}`;
  }
}

window.wagtail.app.register("ui-brand", BrandController);
