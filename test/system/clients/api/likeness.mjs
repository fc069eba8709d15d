// Compares an answer with the document's. Values that the server generates (ids, codes, times) differ in
// each run, but values that are equal in the document must be equal in the run, and values that differ
// must differ. Start and end times come from the caller: all are moved so that the first is shortly
// ahead, except that a campaign which starts at its creation does so in the run. Everything else must be equal,
// including the order of fields.
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const code = /^(?=.*[0-9])[가-힣][가-힣0-9]{8}[0-9가-힣]$/u;
const number = /^[1-9]\d*$/;

const startTime = new Set(["startTime", "start_time", "endTime", "end_time"]);

// Generated values by field name, and the pattern that they match in the document and in the answer.
const madeUp = {
  id: uuid,
  campaignId: uuid,
  code,
  createdAt: time,
  issuedAt: time,
  redeemedAt: time,
  voidedAt: time,
  archivedAt: time,
  asOfTime: time,
  startedAt: time,
  expireTime: time,
  serverTime: time,
  time,
  waitMs: number,
  retryMs: number,
};
// The same for a backup and the server; these depend on the store and the build.
const measured = {
  version: /^\d+\.\d+\.\d+/,
  storeId: uuid,
  path: /^\/.+\/[\w.-]+$/,
  headHash: /^[0-9a-f]{64}$/,
  groups: number,
  events: number,
  bytes: number,
};

export class Likeness {
  #real = new Map(); // from the document's value to the run's
  #moved_ms = null;

  // Returns the request with the run's values.
  translate(request, startsIn_ms) {
    return JSON.parse(JSON.stringify(request), (key, value) => {
      if (startTime.has(key)) return this.#move(value, startsIn_ms);
      return this.#real.get(value) ?? value;
    });
  }

  // Returns a command with the run's values.
  translateText(text) {
    return text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => this.#real.get(id) ?? id);
  }

  // Throws an Error that says where the two differ.
  compare(expected, actual, where = "the answer", key = "") {
    if (isObject(expected) && isObject(actual)) {
      equal(Object.keys(actual).join(), Object.keys(expected).join(), `the fields of ${where}`);
      const error = "message" in expected && "code" in expected;
      for (const name of Object.keys(expected)) {
        if (startTime.has(name) && expected[name] === expected.createdAt) {
          equal(actual[name], actual.createdAt, `${where}.${name}`);
          continue;
        }
        this.compare(expected[name], actual[name], `${where}.${name}`, error ? "" : name);
      }
    } else if (startTime.has(key)) {
      equal(Date.parse(actual), Date.parse(expected) + this.#moved_ms, where);
    } else if (key in measured) {
      like(expected, measured[key], `the document's ${where}`);
      like(actual, measured[key], where);
    } else if (key in madeUp && expected !== "") {
      like(expected, madeUp[key], `the document's ${where}`);
      like(actual, madeUp[key], where);
      this.#bind(expected, actual, where);
    } else {
      equal(actual, expected, where);
    }
  }

  #bind(expected, actual, where) {
    if (!this.#real.has(expected)) {
      if ([...this.#real.values()].includes(actual)) throw new Error(`${where} is not a new value`);
      this.#real.set(expected, actual);
    }
    equal(actual, this.#real.get(expected), where);
  }

  // Moves a start time and keeps its offset from UTC.
  #move(text, startsIn_ms) {
    like(text, time, "the document's start time");
    const soon_ms = Math.ceil((Date.now() + startsIn_ms) / 1_000) * 1_000;
    this.#moved_ms ??= soon_ms - Date.parse(text);
    const [, sign, hours, minutes] = text.match(/([+-])(\d\d):(\d\d)$/) ?? ["", "+", "0", "0"];
    const offset_ms = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    const moved = new Date(Date.parse(text) + this.#moved_ms + offset_ms).toISOString();
    return moved.replace(/(\.000)?Z$/, text.slice(text.search(/(Z|[+-]\d\d:\d\d)$/)));
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}
function like(value, pattern, where) {
  if (!pattern.test(value)) throw new Error(`${where} is ${JSON.stringify(value)}, not like ${pattern}`);
}
function equal(actual, expected, where) {
  if (actual !== expected) {
    throw new Error(`${where} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  }
}
