// Runes everywhere: no component may fall back to the older reactivity by accident.
export default { compilerOptions: { runes: true } };
