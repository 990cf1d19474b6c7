// Ends the run with "N passed, M failed". What did not run counts as failed.
export default class Reporter {
  onBegin(config, suite) {
    this.suite = suite;
  }

  onEnd() {
    const outcomes = this.suite.allTests().map((test) => test.outcome());
    const passed = outcomes.filter((outcome) => outcome === "expected").length;
    this.line = `${passed} passed, ${outcomes.length - passed} failed`;
  }

  onExit() {
    console.log(this.line);
  }

  printsToStdio() {
    return true;
  }
}
