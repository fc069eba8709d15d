// The part of node:assert/strict that the checks use.
const show = (value) =>
  JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part)) ?? String(value);

function ok(value, message = `${show(value)} is not true`) {
  if (!value) throw new Error(message);
}
function equal(actual, expected, message = "") {
  ok(Object.is(actual, expected), `${message} ${show(actual)} is not ${show(expected)}`);
}
function notEqual(actual, other) {
  ok(!Object.is(actual, other), `it is ${show(other)}`);
}
function deepEqual(actual, expected) {
  equal(show(actual), show(expected));
}
function match(text, pattern) {
  ok(pattern.test(text), `${show(text)} is not like ${pattern}`);
}
function fail(message) {
  throw new Error(message);
}

export default { ok, equal, notEqual, deepEqual, match, fail };
