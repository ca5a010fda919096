// The horn of the tray's signs (icons/svg), as the data of an SVG path.
export const HORN = [
  "M1 3.7Q1 3 1.7 3H2.3Q3 3 3 3.7V5H11.5C15.4 5 17.8 3.9 19 1.4Q19.2 1 19.6 1H20.3Q21 1 21 1.7V10.3Q21 11 20.3 11",
  "H19.6Q19.2 11 19 10.6C17.8 8.1 15.4 7 11.5 7H3V8.3Q3 9 2.3 9H1.7Q1 9 1 8.3Z",
].join("");
