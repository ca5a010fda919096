// What neither types nor layout catch: cases that are never reached, values nobody reads, bindings that do nothing.
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import { defineConfig } from "eslint/config";
import ts from "typescript-eslint";
import config from "./svelte.config.js";

export default defineConfig(
  { ignores: ["src/gen", "dist"] },
  js.configs.recommended,
  ts.configs.recommended,
  svelte.configs.recommended,
  { languageOptions: { globals: globals.browser } },
  { files: ["**/*.mjs"], languageOptions: { globals: globals.node } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig: config } },
  },
  {
    rules: {
      // `{" "}` is a space that the layout of the source must not take away.
      "svelte/no-useless-mustaches": "off",
      // A plain Map is what must not draw anything anew: what was known, who serves whom.
      "svelte/prefer-svelte-reactivity": "off",
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_$" }],
    },
  },
);
