// Tables of instants and spans in words.
import { expect, test } from "vitest";
import { countdown, dateMinute, dayMinute, face, localMinute, ms, span, timeOfDay, toSecond } from "../src/lib/time";

const NOW = Date.parse("2026-05-06T09:47:32Z");
const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;

test.each([
  ["2026-05-06T09:47:32Z", 0],
  ["2026-05-06T09:47:32.250Z", 250],
  ["2026-05-06T09:47:32.250123456Z", 250],
  ["2026-05-06T11:47:32+02:00", 0],
])("an instant %s", (instant, expected) => {
  expect(ms(instant) - NOW).toBe(expected);
});

test.each([
  [15 * MIN, "15:00", false],
  [12 * MIN + 46 * S, "12:46", false],
  [12 * MIN + 45 * S + 400, "12:46", false],
  [S, "00:01", false],
  [1, "00:01", false],
  [0, "+00:00", true],
  [-1, "+00:00", true],
  [-S, "+00:01", true],
  [-67 * S, "+01:07", true],
  [-H, "+1:00:00", true],
  [-(26 * H), "+1 d 02 h", true],
  [3 * H, "3:00:00", false],
])("%i ms before the target reads %s", (left, text, over) => {
  expect(countdown(NOW + left, NOW)).toEqual({ text, over, left });
});

test("a countdown in whole seconds loses exactly one each", () => {
  const faces = [3, 2, 1, 0, -1].map((s) => countdown(NOW, NOW - s * S).text);
  expect(faces).toEqual(["00:03", "00:02", "00:01", "+00:00", "+00:01"]);
});

test.each([
  [0, "0 s"],
  [3 * S, "3 s"],
  [60 * S, "1 min"],
  [80 * S, "1 min 20 s"],
  [5 * H + 12 * MIN, "5 h 12 min"],
  [2 * H, "2 h"],
  [51 * H, "2 d 3 h"],
  [-5 * S, "0 s"],
])("a span of %i ms is %s", (length, text) => {
  expect(span(length)).toBe(text);
});

test.each([
  [134 * S, "02:14"],
  [H + 2 * MIN + 3 * S, "1:02:03"],
  [100 * H, "4 d 04 h"],
  [-1, "00:00"],
])("a face of %i ms is %s", (length, text) => {
  expect(face(length)).toBe(text);
});

test.each([
  ["2026-05-06T15:00:00Z", "15:00"],
  ["2026-05-07T07:00:00Z", "Thu 07:00"],
  ["2026-05-05T07:00:00Z", "Tue 07:00"],
  ["2026-05-14T07:00:00Z", "14 May, 07:00"],
])("%s seen from the sixth of May is %s", (instant, text) => {
  expect(dayMinute(ms(instant), NOW)).toBe(text);
});

test("UTC and the clock of this computer", () => {
  expect([toSecond(NOW), localMinute(NOW)]).toEqual(["09:47:32", "10:47"]);
});

test.each([
  ["22:00", "22:00"],
  ["7", "07:00"],
  [" 7:30 ", "07:30"],
  ["0730", "07:30"],
  ["7.05", "07:05"],
  ["24:00", null],
  ["12:60", null],
  ["noon", null],
  ["", null],
])("typed %s, understood %s", (typed, time) => {
  expect(timeOfDay(typed)).toBe(time);
});

test.each([
  ["2026-05-06T09:00:00Z", "09:00"],
  ["2025-11-30T15:00:00Z", "30 Nov, 15:00"],
  ["2025-05-14T15:00:00Z", "14 May 2025, 15:00"],
])("a date long ago %s has its year", (at, expected) => {
  expect(dateMinute(ms(at), NOW)).toBe(expected);
});
