// What must not happen in a browser, whatever a test does.

/** Collects what went wrong in a browser context. */
export class Faults {
  constructor() {
    this.seen = [];
    this.expected = [];
  }

  /** For what a test provokes. */
  expect(pattern) {
    this.expected.push(pattern);
  }

  watch(context, { scripts = true } = {}) {
    const note = (text) => this.seen.push(text);
    context.on("console", (message) => {
      const type = message.type();
      // What the console's scripts would have used, where they are switched off.
      if (!scripts && /\.wasm was preloaded .* but not used/.test(message.text())) return;
      if (type === "error" || type === "warning") note(`${type} in the console: ${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => note(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText;
      // The browser's own word for a page that is left while it loads, and for a download.
      if (why === "net::ERR_ABORTED") return;
      // And for a script where scripts are switched off.
      if (!scripts && why === "csp" && /\.js$/.test(request.url())) return;
      note(`request failed: ${why} ${request.method()} ${request.url()}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400) note(`answer ${response.status()} to ${response.request().method()} ${response.url()}`);
    });
    context.on("dialog", (dialog) => {
      note(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  get unexpected() {
    return this.seen.filter((text) => !this.expected.some((pattern) => pattern.test(text)));
  }
}
