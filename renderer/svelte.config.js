/** Runes everywhere; types in components are stripped by the compiler itself. */
export default { compilerOptions: { runes: true } }
